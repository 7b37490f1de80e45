/** The own nodes, the reporters of the network, and its view. */
import { useMemo } from "preact/hooks";
import { forkText } from "../chain/fork-tree.js";
import { Series } from "../chain/series.js";
import type { NetworkView, NodeReport, Source } from "../model.js";
import { Badge, Moment, Text, type Tone, toneOf } from "../parts/basics.js";
import { Section, Show } from "../parts/section.js";
import { TableHead } from "../parts/table-head.js";
import { chain, network, nodes, serviceNow, status } from "../state/live.js";
import { past } from "../state/past.js";
import { counted, durationText, grouped, listed, printable } from "../text/format.js";

export function NodesSection() {
  return (
    <Section id="nodes" title="Nodes and network">
      <Split />
      <h3>Own nodes</h3>
      <Show what="reports of the nodes" from={nodes}>
        {({ nodes: reports }) => (
          <NodeTable reports={reports} sources={status.value.value.data?.sources ?? []} />
        )}
      </Show>
      <h3>The network</h3>
      <Show what="the network's view" from={network}>
        {(view) => <Network view={view} />}
      </Show>
      <OverTime />
    </Section>
  );
}

/** Says which node follows another chain: the table has the watched nodes alone, and the comparison has more. */
function Split() {
  const branches = chain.value.value.data?.chain?.branches ?? [];
  if (branches.length < 2) return null;
  return (
    <p class="split">
      {forkText(branches)} <a href="#chain">See the chain</a>
    </p>
  );
}

/** The network's score, and the worst level of the own nodes, over the time that the chain's part looks back. */
function OverTime() {
  const history = past.value.value.data;
  const lines = useMemo(
    () => (history === undefined ? [] : [{ name: "score", values: history.scores }]),
    [history],
  );
  if (history === undefined) return null;
  return (
    <Series
      title="The network's score (0.60 and more is critical)"
      {...{ times: history.times, lines, empty: "nothing recorded" }}
      text={(value) => value.toFixed(2)}
    />
  );
}

type TableProps = { reports: readonly NodeReport[]; sources: readonly Source[] };

function NodeTable({ reports, sources }: TableProps) {
  const branches = chain.value.value.data?.chain?.branches ?? [];
  const best = Math.max(0, ...branches.map(({ tip_height }) => tip_height));
  const byId = new Map(reports.map((report) => [report.node_id, report]));
  const names = [...new Set([...sources.map(({ node_id }) => node_id), ...byId.keys()])];
  if (names.length === 0) return <p>No node has reported yet.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Own nodes">
      <table>
        <TableHead
          titles={["Node", "State", "Height", "Behind", "Follows", "Software", "Last answer"]}
        />
        <tbody>
          {names.map((name) => {
            const source = sources.find(({ node_id }) => node_id === name);
            const at = branches.findIndex((branch) =>
              branch.nodes.some(({ node_id }) => node_id === name),
            );
            const node = branches[at]?.nodes.find(({ node_id }) => node_id === name);
            return (
              <NodeRow
                key={name}
                name={name}
                source={source}
                report={byId.get(name)}
                behind={node === undefined ? null : Math.max(0, best - node.height)}
                software={node?.software ?? null}
                branch={at}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const heightText = (report: NodeReport | undefined): string =>
  report === undefined || report.tip === null ? "—" : grouped(report.tip.height);

type RowProps = {
  name: string;
  source: Source | undefined;
  report: NodeReport | undefined;
  behind: number | null;
  software: string | null;
  /** Place of the branch that it follows; 0: the one of most work, −1: none. */
  branch: number;
};

function NodeRow({ name, source, report, behind, software, branch }: RowProps) {
  const state = source?.status ?? report?.status ?? "UNSEEN";
  const isSilent = source !== undefined && !source.fresh;
  const tone: Tone =
    isSilent || state !== "WATCHING" ? "unknown" : toneOf(report?.level ?? "normal");
  const seen = source?.observed_at_ms ?? report?.observed_at_ms ?? null;
  return (
    <tr>
      <th scope="row">
        <Text of={name} />
      </th>
      <td>
        <Badge tone={tone}>
          {isSilent && state === "WATCHING" ? "silent" : state.toLowerCase()}
        </Badge>{" "}
        {report !== undefined && report.findings.length > 0 && (
          <a href="#incidents">{counted(report.findings.length, "finding")}</a>
        )}
      </td>
      <td class="number">{heightText(report)}</td>
      <td class="number">{behind === null ? "—" : behind === 0 ? "0" : grouped(behind)}</td>
      <td>
        {branch < 0 ? (
          "—"
        ) : branch === 0 ? (
          "the chain of most work"
        ) : (
          <Badge tone="bad">another chain</Badge>
        )}
      </td>
      <td>{software === null ? "not known" : <Text of={software} />}</td>
      <td>
        {seen === null ? (
          "never"
        ) : (
          <>
            <Moment ms={seen} />
            {source !== undefined &&
              source.age_ms !== null &&
              ` (${durationText(serviceNow() - seen)} ago)`}
          </>
        )}
      </td>
    </tr>
  );
}

function Network({ view }: { view: NetworkView }) {
  const { critical_operators: critical, silent_reporters: silent } = view;
  return (
    <dl class="facts">
      <div>
        <dt>level</dt>
        <dd>
          <Badge tone={toneOf(view.level)}>{view.level}</Badge> score {view.score.toFixed(2)}
        </dd>
      </div>
      <div>
        <dt>reporters</dt>
        <dd>{counted(view.live_operators, "operator")} with a live signal</dd>
      </div>
      <div>
        <dt>critical</dt>
        <dd>
          {view.critical_operators_count === 0
            ? "none"
            : `${view.critical_operators_count} of ${view.quorum} needed: ${printable(listed(critical))}`}
        </dd>
      </div>
      <div>
        <dt>silent</dt>
        <dd>
          {view.silent_reporters_count === 0
            ? "none"
            : `${view.silent_reporters_count}: ${printable(listed(silent))}`}
        </dd>
      </div>
      {Object.entries(view.channels).map(([name, { score, signals }]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {score.toFixed(2)} from {counted(signals, "signal")}
          </dd>
        </div>
      ))}
    </dl>
  );
}
