/** Turns records of the ledger into events for a learning core: what was decided and done, without persons and amounts. */
import { type JsonObject, type ShieldEvent, withdrawalRecordSchema } from "@dgb-shield/contract";
import { eventsOf, type LedgerRecord } from "@dgb-shield/wallet-guardian";
import { eventIdOf, markOf } from "../places/place.js";

/** Facts of a record that is no decision which an event repeats; everything else stays in the ledger. */
const FACTS = [
  ...["withdrawal_id", "payment_id", "wallet_id", "decision", "reason_codes", "txid"],
  // Of an order to adopt.
  "epoch",
];

/** Severity of a refused payment. */
const REFUSED = 0.2;

/**
 * Makes the events of a record: those that it holds, or one of what it is. The id names the record, so that what
 * is sent again is recognised.
 */
export function eventsOfRecord(ledgerId: string, stored: LedgerRecord): readonly ShieldEvent[] {
  const { seq, at_ms, kind, record } = stored;
  if (kind === "event") return eventsOf(stored);
  const read = kind === "decision" ? decisionIn(record) : undefined;
  const facts = read?.facts ?? factsIn(record);
  const wallet = facts["wallet_id"];
  return [
    {
      event_id: `ledger-${eventIdOf(ledgerId, seq, markOf(stored))}`,
      layer: "wallet_guardian",
      action: kind,
      severity: read?.isRefused === true ? REFUSED : 0,
      fingerprint: typeof wallet === "string" && wallet !== "" ? `wallet:${wallet}` : "ledger",
      extra: { seq, at_ms, ...facts },
    },
  ];
}

function decisionIn(record: JsonObject) {
  const { success, data } = withdrawalRecordSchema.safeParse(record);
  if (!success) return undefined;
  const { final, veto, guardian, result, inputs } = data;
  const facts: JsonObject = {
    withdrawal_id: guardian.withdrawal_id,
    wallet_id: guardian.wallet_id,
    final,
    veto,
    guardian_decision: guardian.decision,
    reason_codes: guardian.reason_codes,
    guard_decision: result.decision,
    guard_reason_id: result.reason_id,
    guardian_risk: inputs.guardian_risk,
    lockdown: inputs.lockdown,
  };
  return { facts, isRefused: final !== "ALLOW" };
}

/** Picks the facts of a record that name no person and no amount. */
export const factsIn = (record: JsonObject): JsonObject =>
  Object.fromEntries(
    FACTS.flatMap((name) => {
      const value = Object.hasOwn(record, name) ? record[name] : undefined;
      return value === undefined || (typeof value === "object" && !Array.isArray(value))
        ? []
        : [[name, value] as const];
    }),
  );
