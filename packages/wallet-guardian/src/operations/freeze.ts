/** Sets and lifts operators' freezes (Wallet Guardian v2, section 3.4: manual review). */
import { identifierOf } from "../evaluate/freeze-cause-id.js";
import { guardianEvent } from "../events.js";
import {
  type FreezeTarget,
  type OperationResult,
  rejectOperation,
  type UnfreezeTarget,
} from "./arguments.js";
import type { Lift, ScopeSnapshot, StoredFreeze } from "../ports.js";
import { record, recordsOf } from "../records.js";
import { type Scope, scopeKey } from "../scopes.js";
import type { Step } from "./commit-release.js";

/** An operator's order on one target. */
export type FreezeOrder<T extends UnfreezeTarget> = Readonly<{
  scope: T;
  id: string;
  operator: string;
  reason: string;
}>;

/** Freezes a scope until an operator lifts it by its cause; nothing else ever does. */
export const freezeStep =
  ({ scope: type, id, operator, reason }: FreezeOrder<FreezeTarget>): Step =>
  ({ now_ms, scopes }) => {
    const scope: Scope = { type, id };
    const isNew = scopes.every(({ frozen_by }) => frozen_by.length === 0);
    const facts = { scope: type, id, operator, reason, at_ms: now_ms };
    const cause_id = identifierOf("operator", facts);
    const kind = "operator" as const;
    const freeze = { scope, cause_id, kind, frozen_at_ms: now_ms, operator, reason };
    const events = [guardianEvent("freeze", scopeKey(scope), { ...facts, cause_id })];
    return {
      result: { result: { accepted: true, reason_codes: [], cause_id }, events },
      writes: {
        freezes: [freeze],
        reset_attempts: isNew ? [scope] : [],
        records: recordsOf(record("freeze", { ...facts, cause_id }), events),
      },
    };
  };

/**
 * Lifts the automatic freezes of a scope, or every freeze of a cause. What an operator froze is lifted by its cause
 * alone, so that no order lifts another operator's freeze.
 */
export const unfreezeStep =
  (order: FreezeOrder<UnfreezeTarget>): Step =>
  ({ now_ms, freezes, scopes }) => {
    const { scope: type, id, operator, reason } = order;
    const lifted = type === "cause" ? freezes.map(({ scope }) => scope) : automaticOf(scopes);
    if (lifted.length === 0) {
      return { result: { result: rejectLift(freezes), events: [] }, writes: null };
    }
    const facts = { scope: type, id, operator, reason, at_ms: now_ms };
    const lift: Lift =
      type === "cause"
        ? { cause_id: id }
        : { scope: { type, id }, kinds: ["risk", "limit"] as const };
    const keys = [...new Set(lifted.map(scopeKey))];
    const events = keys.map((key) => guardianEvent("unfreeze", key, facts));
    return {
      result: { result: { accepted: true, reason_codes: [] }, events },
      writes: { lifts: [lift], records: recordsOf(record("unfreeze", facts), events) },
    };
  };

/** The scopes that are frozen by more than operators' orders. */
const automaticOf = (scopes: readonly ScopeSnapshot[]): readonly Scope[] =>
  scopes
    .filter(({ frozen_by }) => frozen_by.some(({ kind }) => kind !== "operator"))
    .map(({ scope }) => scope);

const MAX_NAMED = 5;

/** Rejects to lift a freeze that does not exist, or that only its cause lifts. */
function rejectLift(freezes: readonly StoredFreeze[]): OperationResult {
  // [REJECT not_frozen] nothing of this scope or cause is frozen
  if (freezes.length === 0) return rejectOperation("not_frozen");
  const causes = freezes.slice(0, MAX_NAMED).map(({ cause_id }) => cause_id);
  const detail = `only operators have frozen it: lift each by its cause, such as ${causes.join(", ")}`;
  // [REJECT operator_freeze] only operators have frozen the scope
  return rejectOperation("operator_freeze", { detail });
}
