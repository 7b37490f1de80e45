/** Builds the argument of `ledger_read`: what a group of steps reads and locks. */
import type { LedgerReads, ScopeRead } from "../../../ports.js";
import { GLOBAL_SCOPE, scopeKey } from "../../../scopes.js";

/** The key of the global scope. */
export const GLOBAL = scopeKey(GLOBAL_SCOPE);

/** How the locks are taken. */
export type LockOptions = Readonly<{
  /** Whether to wait for locks of accounts and wallets; otherwise steps whose locks are held are delayed. */
  isPatient: boolean;
  /** Longest wait for one lock. */
  maxWaitMs: number;
}>;

/** Keys of the locks that a step needs, without the global one. */
export const lockKeys = ({ scopes, destinations = [] }: LedgerReads): string[] => [
  ...scopes.flatMap(({ scope }) => (scope.type === "global" ? [] : [scopeKey(scope)])),
  ...destinations.map(({ owner }) => owner).filter((owner) => owner !== GLOBAL),
];

/** Checks whether a step needs the global lock. */
export const needsGlobal = ({ scopes }: LedgerReads): boolean =>
  scopes.some(({ scope, lock }) => lock && scope.type === "global");

type Options = LockOptions &
  Readonly<{ clock: "database" | "caller"; knownEntries: readonly number[] }>;

/** Builds one read for all steps of a group. */
export function questionOf(
  all: readonly LedgerReads[],
  options: Options,
): Readonly<{
  ids: readonly string[];
  scopes: readonly string[];
  policies: readonly string[];
}> {
  const { clock, isPatient, knownEntries, maxWaitMs } = options;
  const timed = (make: (read: ScopeRead) => readonly object[]) =>
    all.flatMap(({ now_ms, scopes }) =>
      scopes.flatMap((read) =>
        make(read).map((one) => ({
          scope: scopeKey(read.scope),
          now_ms: clock === "caller" ? now_ms : null,
          ...one,
        })),
      ),
    );
  const question = {
    ids: unique(all.flatMap(({ ids }) => ids)),
    scopes: unique(all.flatMap(({ scopes }) => scopes.map(({ scope }) => scopeKey(scope)))),
    locks: unique(all.flatMap(lockKeys)),
    global: all.some(needsGlobal),
    patient: isPatient,
    max_wait_ms: maxWaitMs,
    known_entries: knownEntries,
    windows: timed(({ lock, usages }) =>
      lock ? usages.map(({ window_ms }) => ({ window_ms })) : [],
    ),
    attempts: timed(({ attempts: { window_ms, limit } }) => [{ window_ms, most: limit }]),
    destinations: all.flatMap(({ destinations = [] }) => destinations),
    policies: unique(all.flatMap(({ policy }) => (policy === undefined ? [] : [policy]))),
    account_freezes: unique(
      all.flatMap(({ account_freezes: read }) => (read === undefined ? [] : [read.wallet_id])),
    ),
  };
  return question;
}

/** Builds a read of ids and scopes that a running transaction needs in addition. */
export const lateQuestion = (
  ids: readonly string[],
  keys: readonly string[],
  { maxWaitMs }: LockOptions,
) => ({
  ids: unique(ids),
  scopes: unique(keys),
  locks: unique(keys.filter((key) => key !== GLOBAL)),
  global: false,
  patient: true,
  max_wait_ms: maxWaitMs,
});

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
