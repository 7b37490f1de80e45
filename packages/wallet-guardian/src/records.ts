/** Records of what was decided and done, for the ledger (design, section 7: records). */
import {
  canonicalize,
  formatAmount,
  type JsonObject,
  type ShieldEvent,
  shieldEventSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { Finalized } from "./evaluate/finalize.js";
import { safeParse } from "./internal/parse.js";
import type { LedgerRecord, NewRecord, RecordKind } from "./ports.js";
import type { PaymentRows } from "./payment/rows.js";

/** A record of a call, to append. */
export const record = (kind: RecordKind, facts: JsonObject): NewRecord => ({
  kind,
  json: canonicalize({ record_version: 1, ...facts }),
});

/**
 * The record of a decision: that of the finalize hook, or the decision with what it was on.
 *
 * @param text canonical text of the decision, if it was made already
 */
export function decisionRecord(
  { decision, json }: Finalized,
  payment: PaymentRows | null,
  text = canonicalize(decision),
): NewRecord {
  if (json !== null) return { kind: "decision", json };
  const on = payment === null ? "" : `"payment":${canonicalize(factsOf(payment))},`;
  return { kind: "decision", json: `{"decision":${text},${on}"record_version":2}` };
}

/** The fields of a payment in records. */
const factsOf = ({ payment_id, wallet_id, amount, content_hash, payouts }: PaymentRows) => ({
  payment_id,
  wallet_id,
  amount: formatAmount(amount),
  content_hash,
  payouts: payouts.length,
});

/** A record, and one more with the events of its step, so that a process that ends before it emits them loses none. */
export const recordsOf = (
  first: NewRecord,
  events: readonly ShieldEvent[],
): readonly NewRecord[] =>
  events.length === 0
    ? [first]
    : [first, { kind: "event", json: canonicalize({ record_version: 1, events }) }];

const eventsSchema = z.object({ events: z.array(shieldEventSchema) });

/**
 * The events that a ledger's record holds, as they were emitted when it was written. A process that reads the
 * records after the last one that it has handled misses no event, whatever ended it; an event that comes again
 * has the same `event_id`.
 *
 * @returns none for a record of another kind, or one that cannot be read
 * @example (await ledger.records(lastSeq, 100)).flatMap(eventsOf)
 */
export function eventsOf({ kind, record: stored }: LedgerRecord): readonly ShieldEvent[] {
  if (kind !== "event" || !Object.hasOwn(stored, "events")) return [];
  const read = safeParse(eventsSchema, stored);
  return read.success ? read.data.events : [];
}
