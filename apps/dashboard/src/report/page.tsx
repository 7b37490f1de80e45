/** The incident report as a page: what was found, which tips, what was decided, who did what, how to verify it. */
import { Evidence } from "../sections/evidence.js";
import { Code, Text } from "../parts/basics.js";
import { TableHead } from "../parts/table-head.js";
import type { Branch } from "../model.js";
import { counted, grouped, listed, printable, unitOf, words } from "../text/format.js";
import type { Recorded, Report } from "./collect.js";
import { Decisions } from "./decisions.js";
import { fieldOf } from "./field-of.js";
import { isOpen, PastIncidents } from "./incidents.js";
import { Statement } from "./statement.js";
import { whole } from "./whole.js";

export function ReportPage({ report }: { report: Report }) {
  const { range, status, made_at_ms, made_by, records } = report;
  const decisions = records.filter(({ kind }) => kind === "decision");
  const refused = decisions.filter(({ record }) => record["final"] !== "ALLOW").length;
  return (
    <article aria-labelledby="report-title">
      <h3 id="report-title">Incident report</h3>
      <dl class="facts">
        <Fact name="deployment" value={`${status.deployment_id}, ${status.chain}`} />
        <Fact name="range" value={`${whole(range.from_ms)} to ${whole(range.to_ms)}`} />
        <Fact name="made" value={`${whole(made_at_ms)}, by ${made_by}`} />
        <Fact name="state when made" value={`${status.state}: ${status.summary}`} />
        <Fact
          name="decisions in the range"
          value={`${grouped(decisions.length)}: ${grouped(decisions.length - refused)} allowed, ${grouped(refused)} refused`}
        />
        {status.evidence === "recording" && (
          <Fact
            name="evidence"
            value="a recording was played: nothing here is about the chain itself"
          />
        )}
      </dl>
      <h4>Incidents</h4>
      <PastIncidents report={report} />
      <h4>Findings that are open</h4>
      <Findings report={report} />
      <h4>Tips</h4>
      <Tips report={report} />
      <h4>Who did what</h4>
      <Orders records={records} />
      <h4>Decisions</h4>
      <Decisions records={decisions} unit={unitOf(status.chain)} />
      {report.is_cut && (
        <p>
          <strong>Cut:</strong> the range has more records than these {grouped(records.length)}.
          Make a report of a shorter range, or use shield audit export.
        </p>
      )}
      <h4>Verification</h4>
      <p>
        {records.length === 0
          ? "No record lies in the range."
          : `The records are ${grouped(records[0]?.seq ?? 0)} to ${grouped(records.at(-1)?.seq ?? 0)} of the ledger. On its host, this verifies them against the signed checkpoints:`}
      </p>
      <p>
        <code>shield audit verify</code>, and for one payment{" "}
        <code>shield audit prove PAYMENT &gt; proof.json</code>. This page itself proves nothing.
      </p>
      <h4>Signed statement of the tips</h4>
      <Statement of={report.statement} />
    </article>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <Text of={value} />
    </dd>
  </div>
);

function Findings({ report: { findings, incidents, lockdown, freezes } }: { report: Report }) {
  return (
    <>
      <p>
        Lockdown {lockdown.lockdown}: <Text of={lockdown.reason} />.{" "}
        {counted(incidents.incidents.filter(isOpen).length, "open incident")},{" "}
        {counted(freezes.length, "freeze")}.
      </p>
      <ul>
        {findings.map(({ node_id, finding }) => (
          <li key={`${node_id ?? ""} ${finding.finding_id}`}>
            {whole(finding.detected_at_ms)} · <strong>{words(printable(finding.detector))}</strong>{" "}
            (severity {finding.severity}) · <Text of={node_id ?? "all nodes"} /> · height{" "}
            {grouped(finding.height)}: <Text of={finding.summary} />
            <Evidence of={finding.evidence} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Tips({ report: { branches, changes, reorgs } }: { report: Report }) {
  return (
    <>
      <p>When the report was made:</p>
      <Branches of={branches} />
      {changes.map(({ at_ms, branches: then }) => (
        <div key={at_ms}>
          <p>From {whole(at_ms)} on:</p>
          <Branches of={then} />
        </div>
      ))}
      {reorgs.map(({ at_ms, node_id, depth, fork_height }) => (
        <p key={`${at_ms} ${node_id}`}>
          {whole(at_ms)}: <Text of={node_id} /> reorganised {counted(depth, "block")} above{" "}
          {grouped(fork_height)}.
        </p>
      ))}
    </>
  );
}

const Branches = ({ of }: { of: readonly Branch[] }) => (
  <ul>
    {of.map(({ tip_hash, tip_height, fork_height, nodes }) => (
      <li key={tip_hash}>
        block {grouped(tip_height)} <Code of={tip_hash} />
        {fork_height !== null && `, parts after ${grouped(fork_height)}`}, followed by{" "}
        <Text
          of={listed(
            nodes.map(({ node_id, software }) =>
              software === null ? node_id : `${node_id} (${software})`,
            ),
            64,
          )}
        />
      </li>
    ))}
  </ul>
);

/** What operators and signers did: every record that names one. */
function Orders({ records }: { records: readonly Recorded[] }) {
  const orders = records.filter(
    ({ kind, record }) =>
      kind !== "decision" && (has(record, "operator") || has(record, "signer_id")),
  );
  if (orders.length === 0) return <p>No order and no claim is recorded in the range.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Orders in the range">
      <table>
        <TableHead titles={["Record", "Time", "What", "Who", "About", "Reason"]} />
        <tbody>
          {orders.map(({ seq, at_ms, kind, record }) => (
            <tr key={seq}>
              <td>{grouped(seq)}</td>
              <td>{whole(at_ms)}</td>
              <td>{words(printable(kind))}</td>
              <td>
                <Text of={fieldOf(record, "operator") || fieldOf(record, "signer_id")} />
              </td>
              <td>
                <Text
                  of={
                    fieldOf(record, "withdrawal_id") ||
                    fieldOf(record, "scope") ||
                    fieldOf(record, "cause_id")
                  }
                />
              </td>
              <td>
                <Text of={fieldOf(record, "reason")} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const has = (record: Recorded["record"], name: string): boolean => typeof record[name] === "string";
