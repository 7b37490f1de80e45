/** The decisions of a report's time range: the answer, why, and the sources of the facts behind it. */
import { Text } from "../parts/basics.js";
import { TableHead } from "../parts/table-head.js";
import { grouped, printable } from "../text/format.js";
import { factTexts } from "../text/provenance.js";
import type { Recorded } from "./collect.js";
import { fieldOf } from "./field-of.js";
import { whole } from "./whole.js";

/** Decisions that are listed; the ledger has all. */
const MAX_DECISIONS = 1_000;

const COLUMNS = ["Record", "Time", "Payment", "Answer", "Why"];

/** The table; `unit` is that of amounts. */
export function Decisions({ records, unit }: { records: readonly Recorded[]; unit: string }) {
  if (records.length === 0) return <p>Nothing was decided in the range.</p>;
  return (
    <>
      {records.length > MAX_DECISIONS && <p>The first {grouped(MAX_DECISIONS)} are listed.</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Decisions in the range">
        <table>
          <TableHead titles={COLUMNS} />
          <tbody>
            {records.slice(0, MAX_DECISIONS).map((one) => (
              <DecisionRow key={one.seq} of={one} unit={unit} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function DecisionRow({ of: { seq, at_ms, record }, unit }: { of: Recorded; unit: string }) {
  const guardian = record["guardian"] as
    { withdrawal_id?: string; reason_codes?: readonly string[] } | undefined;
  const result = record["result"] as { reason_id?: string } | undefined;
  const codes = [
    fieldOf(record, "veto"),
    ...(guardian?.reason_codes ?? []),
    result?.reason_id ?? "",
  ];
  return (
    <>
      <tr>
        <td>{grouped(seq)}</td>
        <td>{whole(at_ms)}</td>
        <td>
          <Text of={guardian?.withdrawal_id ?? ""} />
        </td>
        <td>{printable(fieldOf(record, "final"))}</td>
        <td>
          <Text of={codes.filter((code) => code !== "").join(", ")} />
        </td>
      </tr>
      <tr class="beside">
        <td colSpan={COLUMNS.length}>
          <Facts of={record} unit={unit} />
        </td>
      </tr>
    </>
  );
}

/** A row of its own: the sources of the facts. */
function Facts({ of: record, unit }: { of: Recorded["record"]; unit: string }) {
  const facts = factTexts(record["provenance"], record["context"], unit);
  if (facts.length === 0) return <>The sources of its facts are not recorded.</>;
  return (
    <ul>
      {facts.map(({ name, word, detail }) => (
        <li key={name}>
          {name}: <strong>{word}</strong> (<Text of={detail} />)
        </li>
      ))}
    </ul>
  );
}
