/** One record as a line of a payment's timeline. */
import type { JsonObject, JsonValue } from "@dgb-shield/contract";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { erasedValues } from "@dgb-shield/wallet-guardian/audit";
import { printable } from "../../timeline/format.js";

/** Fields that a line shows where a record has them, in this order. */
const SHOWN = [
  "final",
  "decision",
  "veto",
  "reason_codes",
  "status",
  "signer_id",
  "txid",
  "fee",
  "operator",
  "reason",
] as const;

/** Characters of a value that are shown. */
const MAX_VALUE = 200;

/** Writes `number time kind facts`, on one line. */
export function recordLine({ seq, at_ms, kind, record }: LedgerRecord): string {
  const facts: JsonObject = { ...record, ...decisionIn(record) };
  const shown = SHOWN.flatMap((name) => {
    const text = textOf(facts[name]);
    return text === "" ? [] : [`${name} ${text}`];
  });
  const erased = erasedValues({ record });
  if (erased > 0) shown.push(`erased ${erased} values`);
  const time = new Date(at_ms).toISOString();
  return `${String(seq).padStart(9)}  ${time}  ${kind.padEnd(11)} ${shown.join(", ")}`.trimEnd();
}

/** The facts of a decision, which its record holds a level below. */
function decisionIn(record: JsonObject): JsonObject {
  const inner = record["guardian"] ?? record["decision"];
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return {};
  const { decision = null, reason_codes = null } = inner;
  return { decision, reason_codes };
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join("+");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return printable(text).slice(0, MAX_VALUE);
}
