/** Maps failures of the PostgreSQL ledger to error codes. */
import { LedgerError } from "../../errors.js";
import { has } from "../../internal/own.js";
import { factsOf, stateOf } from "./connection.js";
import type { Outcome } from "./transaction/session.js";

/** SQLSTATE of a lock that was not granted in time. */
const LOCK_NOT_AVAILABLE = "55P03";

/** Checks whether a lock was not granted in time. */
export const isBusy = (error: unknown): boolean => stateOf(error) === LOCK_NOT_AVAILABLE;

/** Rejects steps that have waited for their locks already, instead of delaying them again. */
export const heldAreBusy = (outcomes: readonly Outcome[], cause: unknown): Outcome[] =>
  outcomes.map((outcome) =>
    has(outcome, "later") && outcome.later === "held" ? { error: cause } : outcome,
  );

/** Makes the rejection of a step whose lock another transaction holds. */
export const busy = (): LedgerError =>
  new LedgerError("ledger_busy", "another transaction holds a lock that is needed");

/** Maps any error to the one that the ledger rejects with. */
export function rejection(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  return isBusy(error)
    ? new LedgerError("ledger_busy", "a lock was waited for in vain", error, factsOf(error))
    : new LedgerError("ledger_unavailable", "the database failed", error, factsOf(error));
}
