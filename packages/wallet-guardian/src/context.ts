/** The shared parts of all calls of a guardian, and transactions at a checked time. */
import type { EventSink } from "@dgb-shield/contract";
import type { GuardedClock, Start } from "./clock/guarded-clock.js";
import { LedgerError, type LedgerErrorCode, type LedgerFacts } from "./errors.js";
import { emitAll, guardianEvent } from "./events.js";
import type { CompiledPolicy } from "./policy/compile.js";
import type { Ledger, LedgerReads, LedgerSnapshot, LedgerStep, LedgerWrites } from "./ports.js";
import type { PolicyGate } from "./policy/gate.js";
import { UnreadableState } from "./payment/state.js";
import type { Time } from "./clock/time.js";

/** Why a call failed, for the log: codes and the ledger's path, never a secret. */
export type LogEntry = Readonly<{ code: LedgerErrorCode; detail: string }> & LedgerFacts;

/** A guardian's policy, store, clock and listeners. */
export type Context = Readonly<{
  compiled: CompiledPolicy;
  ledger: Ledger;
  clock: GuardedClock;
  /** Whether the policy is the ledger's current one. */
  gate: PolicyGate;
  events: EventSink | undefined;
  log: ((entry: LogEntry) => unknown) | undefined;
}>;

/** A step inside the ledger's transaction, at a checked time. */
export type TimedStep<T> = (snapshot: LedgerSnapshot, time: Time) => LedgerStep<T>;

/** Transactions at most for one call: one more after each acceptance of the clock that it meets. */
const MAX_BEGINNINGS = 4;

const AGAIN = Symbol("again");

/**
 * Takes a step in a transaction; begins again where an operator accepted the clock meanwhile.
 *
 * @param readsAt the reads, by the time of the call
 * @param options `keep: false` for a call that changes nothing
 */
export async function transact<T>(
  context: Context,
  readsAt: (nowMs: number) => LedgerReads,
  step: TimedStep<T>,
  { keep }: Readonly<{ keep: boolean }> = { keep: true },
): Promise<T> {
  const { clock, gate, ledger } = context;
  try {
    for (let tries = 0; tries < MAX_BEGINNINGS; tries++) {
      const start: Start = clock.begin({ keep });
      let read: LedgerSnapshot["policy"] = null;
      const taken = await ledger.transact<T | typeof AGAIN>(
        readsAt(start.time.nowMs),
        (snapshot) => {
          read = snapshot.policy;
          const time = clock.judge(start, snapshot, { keep });
          return time === null ? { result: AGAIN, writes: null } : bare(step(snapshot, time));
        },
      );
      gate.committed(read);
      if (taken !== AGAIN) return taken;
    }
  } finally {
    reportClock(context);
  }
  throw new LedgerError("ledger_busy", "the clock was accepted again and again");
}

/** Copies a step's writes without a prototype, so that absent fields are not written. */
const bare = <T>({ result, writes }: LedgerStep<T>): LedgerStep<T> => ({
  result,
  writes: writes && Object.assign(Object.create(null) as LedgerWrites, writes),
});

/** Emits what the clock has to report. */
function reportClock({ clock, events }: Pick<Context, "clock" | "events">): void {
  const notices = clock
    .notices()
    .map(({ action, ...facts }) => guardianEvent(action, "clock", facts));
  emitAll(events, notices);
}

/** Finds the code of a failed ledger and logs the cause; an unexpected error counts as unavailable. */
export function ledgerCode({ log }: Pick<Context, "log">, error: unknown): LedgerErrorCode {
  const entry = entryOf(error);
  logEntry(log, entry);
  return entry.code;
}

/** Writes an entry to the log, ignoring its exceptions. */
export function logEntry(log: Context["log"], entry: LogEntry): void {
  try {
    // An asynchronous log that fails would end the process as an unhandled rejection.
    Promise.resolve(log?.(entry)).catch(() => undefined);
  } catch {
    return;
  }
}

/** Makes the log entry of an error. */
export function entryOf(error: unknown): LogEntry {
  if (!(error instanceof LedgerError)) {
    return Object.freeze({ code: "ledger_unavailable", detail: detailOf(error) });
  }
  const { cause, code, facts, message } = error;
  const detail = cause instanceof UnreadableState ? cause.message : message;
  return Object.freeze({ code, detail, ...facts });
}

const detailOf = (error: unknown): string =>
  error instanceof UnreadableState ? error.message : "the ledger threw an error of its own";
