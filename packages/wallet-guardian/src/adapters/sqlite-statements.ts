/** The SQL of the SQLite ledger: what a snapshot reads and what a step writes. */
import type { Database, Statement } from "better-sqlite3";
import { freeAt } from "../internal/free-at.js";
import {
  type LedgerReads,
  type LedgerSnapshot,
  type LedgerWrites,
  type Lift,
  MAX_LISTED_FREEZES,
  type ScopeRead,
  type ScopeSnapshot,
  type Usage,
  type UsageRead,
} from "../ports.js";
import { type Scope, scopeKey, type ScopeType } from "../scopes.js";
import { toCount, toEntry, toFreeze, toKind, toSum, toTime, toWithdrawal } from "./sqlite-rows.js";

type WindowStatements = Readonly<{ sum: Statement; entries: Statement }>;

type ScopeStatements = Readonly<{
  allowed: WindowStatements;
  asked: WindowStatements;
  lastAllow: Statement;
}>;

/** All statements of one connection, prepared once. */
export type Statements = Readonly<
  Record<
    | "withdrawal"
    | "putWithdrawal"
    | "time"
    | "putTime"
    | "kinds"
    | "freezesOfScope"
    | "freezesOfCause"
    | "putFreeze"
    | "liftKind"
    | "liftCause"
    | "attempts"
    | "forgetAttempts"
    | "putAttempt"
    | "putRecord"
    | "records",
    Statement
  > & { scopes: Readonly<Record<ScopeType, ScopeStatements>> }
>;

const MEMBERS: Readonly<Record<ScopeType, string>> = {
  account: "account_id = @id",
  wallet: "wallet_id = @id",
  global: "TRUE",
};

/** Prepares every statement. */
export function prepareStatements(db: Database): Statements {
  const sql = (text: string): Statement => db.prepare(text);
  return {
    withdrawal: sql("SELECT * FROM withdrawals WHERE withdrawal_id = ?"),
    putWithdrawal: sql(`
      INSERT INTO withdrawals VALUES (@withdrawal_id, @wallet_id, @account_id, @amount,
        @content_hash, @status, @counts, @counted_at_ms, @allowed_at_ms, @txid, @answer)
      ON CONFLICT (withdrawal_id) DO UPDATE SET status = @status, counts = @counts,
        counted_at_ms = @counted_at_ms, allowed_at_ms = @allowed_at_ms, txid = @txid,
        answer = @answer`),
    time: sql("SELECT time_ms FROM times WHERE scope = ?"),
    putTime: sql(`
      INSERT INTO times VALUES (@scope, @time_ms)
      ON CONFLICT (scope) DO UPDATE SET time_ms = max(time_ms, @time_ms)`),
    kinds: sql(`
      SELECT kind FROM (SELECT 'risk' AS kind UNION ALL SELECT 'limit' UNION ALL SELECT 'operator')
        AS kinds
      WHERE EXISTS (SELECT 1 FROM freezes WHERE scope_type = @type AND scope_id = @id
        AND freezes.kind = kinds.kind)`),
    freezesOfScope: sql(`SELECT * FROM freezes WHERE scope_type = @type AND scope_id = @id
      ORDER BY frozen_at_ms, cause_id, kind LIMIT ${MAX_LISTED_FREEZES}`),
    freezesOfCause: sql(`SELECT * FROM freezes WHERE cause_id = @cause_id
      ORDER BY frozen_at_ms, scope_type, scope_id, kind LIMIT ${MAX_LISTED_FREEZES}`),
    putFreeze: sql(`INSERT INTO freezes VALUES (@type, @id, @kind, @cause_id, @frozen_at_ms,
      @operator, @reason) ON CONFLICT DO NOTHING`),
    liftKind: sql(
      "DELETE FROM freezes WHERE scope_type = @type AND scope_id = @id AND kind = @kind",
    ),
    liftCause: sql("DELETE FROM freezes WHERE cause_id = @cause_id"),
    attempts: sql(`SELECT count(*) AS count FROM
      (SELECT 1 FROM attempts WHERE scope = @scope AND at_ms > @since LIMIT @limit)`),
    forgetAttempts: sql("DELETE FROM attempts WHERE scope = ?"),
    putAttempt: sql("INSERT INTO attempts (scope, at_ms) VALUES (?, ?)"),
    putRecord: sql("INSERT INTO records (at_ms, kind, record) VALUES (?, ?, ?)"),
    records: sql("SELECT * FROM records WHERE seq > ? ORDER BY seq LIMIT ?"),
    scopes: {
      account: scopeStatements(sql, "account"),
      wallet: scopeStatements(sql, "wallet"),
      global: scopeStatements(sql, "global"),
    },
  };
}

function scopeStatements(sql: (text: string) => Statement, type: ScopeType): ScopeStatements {
  const window = (counts: string) =>
    `FROM withdrawals INDEXED BY window_${type} WHERE ${MEMBERS[type]} AND counts IN (${counts})
      AND counted_at_ms > @since AND withdrawal_id IS NOT @own`;
  const windowStatements = (counts: string): WindowStatements => ({
    sum: sql(`SELECT coalesce(sum(amount >> 32), 0) AS high,
      coalesce(sum(amount & 4294967295), 0) AS low, count(*) AS count ${window(counts)}`),
    entries: sql(`SELECT counted_at_ms AS at_ms, amount ${window(counts)}
      ORDER BY counted_at_ms DESC`),
  });
  return {
    allowed: windowStatements("'allowed'"),
    asked: windowStatements("'allowed', 'asked'"),
    lastAllow: sql(`SELECT allowed_at_ms AS time_ms FROM withdrawals INDEXED BY allows_${type}
      WHERE ${MEMBERS[type]} AND allowed_at_ms IS NOT NULL AND withdrawal_id IS NOT @own
      ORDER BY allowed_at_ms DESC LIMIT 1`),
  };
}

/** Reads a snapshot; the connection holds the write lock. */
export function takeSnapshot(statements: Statements, reads: LedgerReads): LedgerSnapshot {
  const times = lockedKeys(reads).map((key) => toTime(statements.time.get(key)) ?? 0);
  const now_ms = Math.max(reads.now_ms, ...times);
  const own = reads.withdrawal_id;
  return {
    now_ms,
    withdrawal: own === null ? null : toWithdrawal(statements.withdrawal.get(own)),
    scopes: reads.scopes.map((read) => scopeSnapshot(statements, read, { now_ms, own })),
    freezes: listFreezes(statements, reads.freezes).map(toFreeze),
  };
}

type Moment = Readonly<{ now_ms: number; own: string | null }>;

function scopeSnapshot(statements: Statements, read: ScopeRead, moment: Moment): ScopeSnapshot {
  const { scope, attempts } = read;
  const { own, now_ms } = moment;
  const since = now_ms - attempts.window_ms;
  const { limit } = attempts;
  return {
    scope,
    frozen_by: statements.kinds.all(scope).map(toKind),
    usages: read.usages.map((usage) => usageOf(statements, { scope, usage, ...moment })),
    last_allow_ms: toTime(statements.scopes[scope.type].lastAllow.get({ id: scope.id, own })),
    attempts: toCount(statements.attempts.get({ scope: scopeKey(scope), since, limit })),
  };
}

function usageOf(
  statements: Statements,
  asked: Readonly<{ scope: Scope; usage: UsageRead }> & Moment,
): Usage {
  const { scope, usage, now_ms, own } = asked;
  const { sum, entries } = statements.scopes[scope.type][usage.with_asked ? "asked" : "allowed"];
  const window = { id: scope.id, since: now_ms - usage.window_ms, own };
  const { amount, count } = toSum(sum.get(window));
  const hasRoom =
    (usage.keep_amount === null || amount <= usage.keep_amount) &&
    (usage.keep_count === null || count <= usage.keep_count);
  if (hasRoom) return { amount, count, free_at_ms: null };
  return { amount, count, free_at_ms: freeAt(parsed(entries.iterate(window)), usage) };
}

function* parsed(rows: Iterable<unknown>) {
  for (const row of rows) yield toEntry(row);
}

function listFreezes(statements: Statements, asked: LedgerReads["freezes"]): unknown[] {
  if (asked === null) return [];
  return "cause_id" in asked
    ? statements.freezesOfCause.all(asked)
    : statements.freezesOfScope.all(asked.scope);
}

/** Writes what a step decided. */
export function writeStep(
  statements: Statements,
  { reads, nowMs, writes }: Readonly<{ reads: LedgerReads; nowMs: number; writes: LedgerWrites }>,
): void {
  for (const scope of lockedKeys(reads)) statements.putTime.run({ scope, time_ms: nowMs });
  if (writes.withdrawal !== undefined) statements.putWithdrawal.run(writes.withdrawal);
  for (const lift of writes.lifts ?? []) writeLift(statements, lift);
  for (const { scope, ...freeze } of writes.freezes ?? []) {
    statements.putFreeze.run({ ...scope, ...freeze });
  }
  for (const scope of writes.new_series ?? []) statements.forgetAttempts.run(scopeKey(scope));
  for (const scope of writes.attempts ?? []) statements.putAttempt.run(scopeKey(scope), nowMs);
  if (writes.record !== undefined) {
    statements.putRecord.run(nowMs, writes.record.kind, writes.record.json);
  }
}

function writeLift(statements: Statements, lift: Lift): void {
  if ("cause_id" in lift) {
    statements.liftCause.run(lift);
    return;
  }
  for (const kind of lift.kinds) statements.liftKind.run({ ...lift.scope, kind });
}

const lockedKeys = ({ scopes }: LedgerReads): string[] =>
  scopes.flatMap(({ lock, scope }) => (lock ? [scopeKey(scope)] : []));
