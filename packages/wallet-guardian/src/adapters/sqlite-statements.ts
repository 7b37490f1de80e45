/** The SQL of the SQLite ledger, prepared once a connection. */
import type { Database, Statement } from "better-sqlite3";
import { FREEZE_KINDS, MAX_LISTED_FREEZES } from "../ports.js";
import { REDATE } from "./sqlite-redate.js";
import { journalsOf, SUM_COLUMNS } from "./sqlite-schema.js";

const SUMS = SUM_COLUMNS.join(", ");
const SUM_VALUES = SUM_COLUMNS.map((column) => `@${column}`).join(", ");
const SUM_REPLACED = SUM_COLUMNS.map((column) => `${column} = @${column}`).join(", ");
const SUM_ADDED = SUM_COLUMNS.map((column) => `${column} = ${column} + @${column}`).join(", ");
const SUM_TOTALS = SUM_COLUMNS.map((column) => `coalesce(sum(${column}), 0) AS ${column}`).join(
  ", ",
);

const SQL = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  dataVersion: "PRAGMA data_version",
  withdrawal: "SELECT * FROM withdrawals WHERE withdrawal_id = ?",
  putWithdrawal: `
    INSERT INTO withdrawals VALUES (@withdrawal_id, @wallet_id, @account_id, @amount,
      @content_hash, @status, @counts, @counted_at_ms, @allowed_at_ms, @txid, @answer)
    ON CONFLICT (withdrawal_id) DO UPDATE SET status = @status, counts = @counts,
      counted_at_ms = @counted_at_ms, allowed_at_ms = @allowed_at_ms, txid = @txid,
      answer = @answer`,
  scope: "SELECT * FROM scopes WHERE scope = ?",
  putScope: `
    INSERT INTO scopes VALUES (@scope, @time_ms, @journaled, @newest_ms, ${SUM_VALUES},
      @corrected_ms, @last_allow_id, @last_allow_ms, @other_allow_ms, @attempted_ms)
    ON CONFLICT (scope) DO UPDATE SET time_ms = @time_ms, journaled = @journaled,
      newest_ms = @newest_ms, ${SUM_REPLACED}, corrected_ms = @corrected_ms,
      last_allow_id = @last_allow_id, last_allow_ms = @last_allow_ms,
      other_allow_ms = @other_allow_ms, attempted_ms = @attempted_ms`,
  runningSums: `SELECT ${SUMS} FROM running_sums WHERE scope = ? AND at_ms <= ?
    ORDER BY at_ms DESC LIMIT 1`,
  putRunningSums: `INSERT INTO running_sums VALUES (@scope, @at_ms, ${SUM_VALUES})
    ON CONFLICT (scope, at_ms) DO UPDATE SET ${SUM_REPLACED}`,
  corrections: `SELECT ${SUM_TOTALS} FROM corrections
    WHERE scope = ? AND level = ? AND bucket BETWEEN ? AND ?`,
  addCorrection: `INSERT INTO corrections VALUES (@scope, @level, @bucket, ${SUM_VALUES})
    ON CONFLICT (scope, level, bucket) DO UPDATE SET ${SUM_ADDED}`,
  frozenKinds: FREEZE_KINDS.map(
    (kind) => `SELECT '${kind}' AS kind WHERE EXISTS
      (SELECT 1 FROM freezes WHERE scope_type = @type AND scope_id = @id AND kind = '${kind}')`,
  ).join(" UNION ALL "),
  freezesOfScope: `SELECT * FROM freezes WHERE scope_type = @type AND scope_id = @id
    ORDER BY frozen_at_ms, cause_id, kind LIMIT ${MAX_LISTED_FREEZES}`,
  freezesOfCause: `SELECT * FROM freezes WHERE cause_id = @cause_id
    ORDER BY frozen_at_ms, scope_type, scope_id, kind LIMIT ${MAX_LISTED_FREEZES}`,
  putFreeze: `INSERT INTO freezes VALUES (@type, @id, @kind, @cause_id, @frozen_at_ms,
    @operator, @reason) ON CONFLICT DO NOTHING`,
  liftKind: "DELETE FROM freezes WHERE scope_type = @type AND scope_id = @id AND kind = @kind",
  liftCause: "DELETE FROM freezes WHERE cause_id = @cause_id",
  attempts: `SELECT count(*) AS count FROM
    (SELECT 1 FROM attempts WHERE scope = @scope AND at_ms > @since LIMIT @limit)`,
  forgetAttempts: "DELETE FROM attempts WHERE scope = ?",
  putAttempt: "INSERT INTO attempts (scope, at_ms) VALUES (?, ?)",
  putRecord: "INSERT INTO records (at_ms, kind, record) VALUES (?, ?, ?)",
  records: "SELECT * FROM records WHERE seq > ? ORDER BY seq LIMIT ?",
  accepted: "SELECT accepted, accepted_ms FROM clock",
  ...REDATE,
} as const;

/** All statements of one connection. */
export type Statements = Readonly<Record<keyof typeof SQL, Statement>> &
  Readonly<{
    /** Enters the journal of the global scope, which is kept only once it has limits. */
    enterGlobalJournal: () => void;
  }>;

/** Prepares every statement. */
export function prepareStatements(db: Database): Statements {
  const entries = Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)] as const);
  return {
    ...(Object.fromEntries(entries) as Record<keyof typeof SQL, Statement>),
    enterGlobalJournal: () => void db.exec(journalsOf("'global'", "TRUE")),
  };
}
