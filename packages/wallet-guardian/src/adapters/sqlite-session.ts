/** One transaction of the SQLite ledger: what its steps read and write, one after the other. */
import Database from "better-sqlite3";
import { lastAllowBut, noteAllow } from "../internal/last-allows.js";
import { type Entry, entryOf } from "../internal/sums.js";
import { journalChange, windowUsage } from "../internal/window-journal.js";
import type {
  LedgerReads,
  LedgerSnapshot,
  LedgerStep,
  LedgerWrites,
  Lift,
  NewRecord,
  ScopeRead,
  ScopeSnapshot,
  StoredWithdrawal,
} from "../ports.js";
import { type Scope, scopeKey, scopesOf } from "../scopes.js";
import type { Acceptance } from "../time.js";
import { acceptClock } from "./sqlite-clock.js";
import { toAcceptance, toCount, toFreeze, toWithdrawal } from "./sqlite-rows.js";
import { openScope, type SqliteScope } from "./sqlite-scope.js";
import type { Statements } from "./sqlite-statements.js";
import { has } from "../internal/own.js";

/** A transaction's view of the database; the connection holds the write lock. */
export type Session = {
  readonly statements: Statements;
  readonly scopes: Map<string, SqliteScope>;
  /** The latest acceptance of the clock; null until it is read. */
  accepted: Acceptance | null;
};

/** Begins a view. */
export const newSession = (statements: Statements): Session => ({
  statements,
  scopes: new Map(),
  accepted: null,
});

/** Writes the scopes that the steps have changed. */
export function flush({ scopes }: Session): void {
  for (const scope of scopes.values()) scope.flush();
}

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
  const taken = attempt(() => {
    const snapshot = takeSnapshot(session, reads);
    return { snapshot, ...decide(snapshot) };
  });
  if (has(taken, "error")) return taken;
  const { result, snapshot, writes } = taken.result;
  if (writes !== null) write(session, { reads, snapshot, writes });
  return { result };
}

/** Dates the future now; a record that cannot be made writes nothing. */
export function takeAcceptance(
  session: Session,
  nowMs: number,
  recordOf: (nowMs: number) => NewRecord,
): Outcome<Acceptance> {
  flush(session);
  const taken = attempt(() => acceptClock(session.statements, nowMs, recordOf));
  session.scopes.clear();
  session.accepted = null;
  return taken;
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { result: work() };
  } catch (error) {
    if (error instanceof Database.SqliteError) throw error;
    return { error };
  }
}

function takeSnapshot(session: Session, reads: LedgerReads): LedgerSnapshot {
  const { statements } = session;
  const locked = lockedScopes(session, reads);
  const now_ms = Math.max(reads.now_ms, ...locked.map(({ state }) => state.time_ms));
  const ownId = reads.withdrawal_id;
  const withdrawal = ownId === null ? null : toWithdrawal(statements.withdrawal.get(ownId));
  const moment = { nowMs: now_ms, ownId, own: entryOf(withdrawal) };
  return {
    now_ms,
    clock_ms: null,
    stored_ms: Math.max(0, ...locked.map(latestOf)),
    accepted: (session.accepted ??= toAcceptance(statements.accepted.get())),
    withdrawal,
    scopes: reads.scopes.map((read) => scopeSnapshot(session, read, moment)),
    freezes: listFreezes(statements, reads.freezes).map(toFreeze),
  };
}

const latestOf = ({ state, journal }: SqliteScope): number =>
  Math.max(state.time_ms, journal.newest()?.at_ms ?? 0, state.allows.last_allow_ms ?? 0);

type Moment = Readonly<{ nowMs: number; ownId: string | null; own: Entry | null }>;

function scopeSnapshot(session: Session, read: ScopeRead, moment: Moment): ScopeSnapshot {
  const { scope, lock, usages, attempts } = read;
  const { nowMs, ownId, own } = moment;
  const { journal, state, frozenBy } = lock
    ? journaledScope(session, scope)
    : scopeOf(session, scope);
  const since = nowMs - attempts.window_ms;
  const { limit } = attempts;
  return {
    scope,
    frozen_by: frozenBy(),
    usages: usages.map((usage) => windowUsage(journal, { read: usage, nowMs, own })),
    last_allow_ms: lock ? lastAllowBut(state.allows, ownId) : null,
    attempts:
      state.attempted_ms === null || state.attempted_ms <= since
        ? 0
        : toCount(session.statements.attempts.get({ scope: scopeKey(scope), since, limit })),
  };
}

function scopeOf(session: Session, scope: Scope): SqliteScope {
  const key = scopeKey(scope);
  const known = session.scopes.get(key);
  if (known !== undefined) return known;
  const opened = openScope(session.statements, scope);
  session.scopes.set(key, opened);
  return opened;
}

/** A scope with its journal; the first limit of the global scope reads all withdrawals once. */
function journaledScope(session: Session, scope: Scope): SqliteScope {
  const known = scopeOf(session, scope);
  if (known.state.is_journaled) return known;
  known.flush();
  session.statements.enterGlobalJournal();
  session.scopes.delete(scopeKey(scope));
  const entered = scopeOf(session, scope);
  entered.state.is_journaled = true;
  return entered;
}

function listFreezes(statements: Statements, asked: LedgerReads["freezes"]): unknown[] {
  if (asked === null) return [];
  return has(asked, "cause_id")
    ? statements.freezesOfCause.all(asked)
    : statements.freezesOfScope.all(asked.scope);
}

type Change = Readonly<{ reads: LedgerReads; snapshot: LedgerSnapshot; writes: LedgerWrites }>;

function write(session: Session, { reads, snapshot, writes }: Change): void {
  const { statements } = session;
  const { now_ms = snapshot.now_ms } = writes;
  for (const { state } of writes.keep_times ? [] : lockedScopes(session, reads)) {
    state.time_ms = Math.max(state.time_ms, now_ms);
  }
  if (writes.withdrawal !== undefined)
    putWithdrawal(session, writes.withdrawal, { reads, snapshot });
  for (const lift of writes.lifts ?? []) writeLift(statements, lift);
  for (const { scope, ...freeze } of writes.freezes ?? []) {
    statements.putFreeze.run({ ...scope, ...freeze });
  }
  if (hasSome(writes.lifts) || hasSome(writes.freezes)) {
    for (const scope of session.scopes.values()) scope.forgetFreezes();
  }
  for (const scope of writes.new_series ?? []) {
    statements.forgetAttempts.run(scopeKey(scope));
    scopeOf(session, scope).state.attempted_ms = null;
  }
  for (const scope of writes.attempts ?? []) {
    statements.putAttempt.run(scopeKey(scope), now_ms);
    const { state } = scopeOf(session, scope);
    state.attempted_ms = Math.max(state.attempted_ms ?? 0, now_ms);
  }
  if (writes.record !== undefined) {
    statements.putRecord.run(now_ms, writes.record.kind, writes.record.json);
  }
}

function putWithdrawal(
  session: Session,
  withdrawal: StoredWithdrawal,
  { reads, snapshot }: Pick<Change, "reads" | "snapshot">,
): void {
  const { statements } = session;
  const { withdrawal_id: id } = withdrawal;
  const isRead = id === reads.withdrawal_id;
  const before = isRead ? snapshot.withdrawal : toWithdrawal(statements.withdrawal.get(id));
  statements.putWithdrawal.run(withdrawal);
  for (const scope of scopesOf(withdrawal).map((scope) => scopeOf(session, scope))) {
    if (!scope.state.is_journaled) continue;
    journalChange(scope.journal, before, withdrawal);
    scope.state.allows = noteAllow(scope.state.allows, withdrawal);
  }
}

function writeLift(statements: Statements, lift: Lift): void {
  if (has(lift, "cause_id")) {
    statements.liftCause.run(lift);
    return;
  }
  for (const kind of lift.kinds) statements.liftKind.run({ ...lift.scope, kind });
}

const hasSome = (list: readonly unknown[] | undefined): boolean =>
  list !== undefined && list.length > 0;

const lockedScopes = (session: Session, { scopes }: LedgerReads): SqliteScope[] =>
  scopes.flatMap(({ lock, scope }) => (lock ? [scopeOf(session, scope)] : []));
