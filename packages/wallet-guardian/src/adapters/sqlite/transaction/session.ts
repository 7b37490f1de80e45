/** The steps of a transaction of the SQLite ledger: what they read and write, one after the other. */
import { lastAllowBut } from "../../../ledger/last-allow-times.js";
import { has } from "../../../internal/own.js";
import { type CountedEntry, entryOf } from "../../../ledger/sums.js";
import { windowUsage } from "../../../ledger/prefix-sums.js";
import type {
  AcceptanceOrder,
  DestinationRead,
  DestinationSnapshot,
  LedgerReads,
  LedgerSnapshot,
  LedgerStep,
  ScopeRead,
  ScopeSnapshot,
  StoredFreeze,
  StoredWithdrawal,
} from "../../../ports.js";
import { type Scope, scopeKey } from "../../../scopes.js";
import type { Acceptance } from "../../../clock/time.js";
import { acceptClock } from "../accept-clock.js";
import { isOfSqlite } from "../errors.js";
import {
  toAcceptance,
  toDestination,
  toFreeze,
  toPayment,
  toPolicy,
  toTotal,
  toWhole,
} from "../rows.js";
import type { SqliteScope } from "./scope.js";
import type { Statements } from "../statements.js";
import { flush, forget, lockedScopes, scopeOf, type Session, type Taken } from "./snapshot.js";
import { appendRecords, checkRedactions, write } from "./write.js";

/** What a step came to: its result, or why it alone failed, before it wrote anything. */
export type Outcome<T> = Readonly<{ result: T }> | Readonly<{ error: unknown }>;

/**
 * Reads, decides and writes, up to the flush.
 *
 * @throws what the database threw: then nothing of the transaction may be committed
 */
export function takeStep<T>(
  session: Session,
  reads: LedgerReads,
  decide: (snapshot: LedgerSnapshot) => LedgerStep<T>,
): Outcome<T> {
  const taken = attempt(() => takeSnapshot(session, reads));
  if (has(taken, "error")) return taken;
  const decided = decideOn(decide, taken.result.snapshot);
  if (has(decided, "error")) return decided;
  const { result, writes } = decided.result;
  if (writes === null) return { result };
  const checked = attempt(() => {
    checkRedactions(session, writes);
  });
  if (has(checked, "error")) return checked;
  write(session, writes, taken.result);
  return { result };
}

/** Dates the future now; a record that cannot be made writes nothing. */
export function takeAcceptance(
  session: Session,
  nowMs: number,
  order: AcceptanceOrder,
): Outcome<Acceptance> {
  flush(session);
  const taken = attempt(() => acceptClock(session.statements, nowMs, order));
  forget(session);
  if (has(taken, "error")) return taken;
  appendRecords(session, [taken.result.record], nowMs);
  return { result: taken.result.accepted };
}

/** A decision that throws, whatever it throws, fails alone. */
function decideOn<T>(
  decide: (snapshot: LedgerSnapshot) => LedgerStep<T>,
  snapshot: LedgerSnapshot,
): Outcome<LedgerStep<T>> {
  try {
    return { result: decide(snapshot) };
  } catch (error) {
    return { error };
  }
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { result: work() };
  } catch (error) {
    if (isOfSqlite(error)) throw error;
    return { error };
  }
}

function takeSnapshot(session: Session, reads: LedgerReads): Taken {
  const { statements } = session;
  const locked = lockedScopes(session, reads);
  const now_ms = locked.reduce((now, { state }) => Math.max(now, state.time_ms), reads.now_ms);
  const rows = new Map(reads.ids.map((id) => [id, toPayment(statements.payment.get(id))] as const));
  const own = [...rows.values()].flatMap((row) => (row === null ? [] : [row.withdrawal]));
  const moment = { nowMs: now_ms, ownId: reads.ids[0] ?? null, own };
  const snapshot: LedgerSnapshot = {
    now_ms,
    clock_ms: null,
    stored_ms: locked.reduce((latest, scope) => Math.max(latest, latestOf(scope)), 0),
    accepted: (session.accepted ??= toAcceptance(statements.accepted.get())),
    withdrawals: reads.ids.map((id) => rows.get(id)?.withdrawal ?? null),
    scopes: reads.scopes.map((read) => scopeSnapshot(session, read, moment)),
    freezes: listFreezes(statements, reads.freezes),
    policy: reads.policy === undefined ? null : toPolicy(statements.policy.get(reads.policy)),
    destinations: (reads.destinations ?? []).map((read) => destinationSnapshot(statements, read)),
    account_freezes: countAccountFreezes(statements, now_ms, reads.account_freezes),
  };
  return { snapshot, rows, locked };
}

const latestOf = ({ state }: SqliteScope): number =>
  Math.max(state.time_ms, state.allows.last_allow_ms ?? 0);

type Moment = Readonly<{ nowMs: number; ownId: string | null; own: readonly StoredWithdrawal[] }>;

function scopeSnapshot(
  session: Session,
  read: ScopeRead,
  { nowMs, ownId, own }: Moment,
): ScopeSnapshot {
  const { scope, lock, usages } = read;
  const opened = scopeOf(session, scope);
  const { journals, state } = opened;
  const entries = lock ? ownEntries(scope, own) : [];
  return {
    scope,
    frozen_by: opened.frozenBy(),
    usages: lock
      ? usages.map((usage) => windowUsage(journals, { read: usage, nowMs, own: entries }))
      : [],
    last_allow_ms: lock ? lastAllowBut(state.allows, ownId) : null,
    attempts: countAttempts(session, opened, { nowMs, read }),
  };
}

/** Entries of rows that belong to a scope. */
function ownEntries(scope: Scope, own: readonly StoredWithdrawal[]): readonly CountedEntry[] {
  return own.flatMap((row) => {
    const entry = belongs(row, scope) ? entryOf(row) : null;
    return entry === null ? [] : [entry];
  });
}

function belongs({ account_id, wallet_id }: StoredWithdrawal, { type, id }: Scope): boolean {
  if (type === "global") return true;
  return type === "wallet" ? wallet_id === id : account_id === id;
}

function countAttempts(
  { statements }: Session,
  { state, knownNumber }: SqliteScope,
  { nowMs, read }: Readonly<{ nowMs: number; read: ScopeRead }>,
): number {
  const { window_ms, limit } = read.attempts;
  const number = knownNumber();
  if (number === null || state.attempted_ms === null || state.attempted_ms <= nowMs - window_ms)
    return 0;
  return toTotal(statements.attempts.all(number, nowMs - window_ms, limit), limit);
}

function countAccountFreezes(
  { accountFreezes }: Statements,
  nowMs: number,
  read: LedgerReads["account_freezes"],
): number {
  if (read === undefined) return 0;
  const { wallet_id, window_ms, limit } = read;
  return toWhole(accountFreezes.get(wallet_id, nowMs - window_ms, limit));
}

function destinationSnapshot(statements: Statements, read: DestinationRead): DestinationSnapshot {
  const { owner, script, shape } = read;
  return {
    stored: toDestination(statements.destination.get(owner, script), read),
    has_lookalike:
      shape !== null && statements.hasLookalike.get(owner, shape, script) !== undefined,
  };
}

function listFreezes(
  statements: Statements,
  read: LedgerReads["freezes"],
): readonly StoredFreeze[] {
  if (read === null) return [];
  const rows = has(read, "cause_id")
    ? statements.freezesOfCause.all(read.cause_id)
    : statements.freezesOfScope.all(scopeKey(read.scope));
  return rows.map(toFreeze);
}
