/** Freezes that an operator sets and lifts (Wallet Guardian v2, section 3.4: manual review). */
import { identifierOf } from "./causes.js";
import { guardianEvent } from "./events.js";
import { type FreezeTarget, refuseOperation, type UnfreezeTarget } from "./operation.js";
import { type Scope, scopeKey } from "./scopes.js";
import { record, type Step } from "./settle.js";

/** An operator's word on one target. */
export type FreezeOrder<T extends UnfreezeTarget> = Readonly<{
  scope: T;
  id: string;
  operator: string;
  reason: string;
}>;

/** Freezes a scope until an operator lifts it; nothing else ever does. */
export const freezeStep =
  ({ scope: type, id, operator, reason }: FreezeOrder<FreezeTarget>): Step =>
  ({ now_ms, scopes }) => {
    const scope: Scope = { type, id };
    const isNew = scopes.every(({ frozen_by }) => frozen_by.length === 0);
    const facts = { scope: type, id, operator, reason, at_ms: now_ms };
    const cause_id = identifierOf("operator", facts);
    const kind = "operator" as const;
    const freeze = { scope, cause_id, kind, frozen_at_ms: now_ms, operator, reason };
    return {
      result: {
        result: { accepted: true, reason_codes: [], cause_id },
        events: [guardianEvent("freeze", scopeKey(scope), { ...facts, cause_id })],
      },
      writes: {
        freezes: [freeze],
        new_series: isNew ? [scope] : [],
        record: record("freeze", { ...facts, cause_id }),
      },
    };
  };

/** Lifts every freeze of a scope, or of a cause. */
export const unfreezeStep =
  ({ scope: type, id, operator, reason }: FreezeOrder<UnfreezeTarget>): Step =>
  ({ now_ms, freezes }) => {
    if (freezes.length === 0) {
      return { result: { result: refuseOperation("not_frozen"), events: [] }, writes: null };
    }
    const facts = { scope: type, id, operator, reason, at_ms: now_ms };
    const lift =
      type === "cause"
        ? { cause_id: id }
        : { scope: { type, id }, kinds: ["risk", "limit", "operator"] as const };
    const keys = [...new Set(freezes.map(({ scope }) => scopeKey(scope)))];
    return {
      result: {
        result: { accepted: true, reason_codes: [] },
        events: keys.map((key) => guardianEvent("unfreeze", key, facts)),
      },
      writes: { lifts: [lift], record: record("unfreeze", facts) },
    };
  };
