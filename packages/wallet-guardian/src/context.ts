/** What every call of a guardian works with. */
import type { EventSink } from "@dgb-shield/contract";
import type { GuardedClock } from "./clock.js";
import { LedgerError, type LedgerErrorCode } from "./errors.js";
import type { CompiledPolicy } from "./limits.js";
import type { Ledger } from "./ports.js";

/** A guardian's policy, store, clock and listener. */
export type Context = Readonly<{
  compiled: CompiledPolicy;
  ledger: Ledger;
  clock: GuardedClock;
  events: EventSink | undefined;
}>;

/** The code of a failed ledger; an error that no ledger should throw counts as unavailable. */
export const ledgerCode = (error: unknown): LedgerErrorCode =>
  error instanceof LedgerError ? error.code : "ledger_unavailable";
