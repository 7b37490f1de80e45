/** The SQL of the SQLite ledger, prepared once a connection; rows come as arrays, in the order of the columns. */
import { FREEZE_KINDS, MAX_LISTED_FREEZES } from "../../ports.js";
import type { SqliteDatabase, SqliteStatement } from "./driver/index.js";
import { PRUNE } from "./schema/prune.js";
import { REDATE } from "./schema/accept-clock.js";
import { SUM_COLUMNS } from "./schema/sums.js";

const SUMS = SUM_COLUMNS.join(", ");
const NEW_SUMS = SUM_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ");
const ADDED_SUMS = SUM_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(
  ", ",
);
const TOTALS = SUM_COLUMNS.map((column) => `coalesce(sum(${column}), 0)`).join(", ");
const named = (prefix: string) => SUM_COLUMNS.map((column) => `${prefix}_${column}`).join(", ");
const set = (prefix: string) => SUM_COLUMNS.map((column) => `${prefix}_${column} = ?`).join(", ");
const PAYMENT = `withdrawal_id, payment_id, wallet_id, account_id, amount, content_hash, status, counts,
  counted_at_ms, allowed_at_ms, txid, state`;
const FREEZE = "scope, kind, cause_id, frozen_at_ms, last_at_ms, count, operator, reason";

/** Statements whose integers may exceed 2^53: they come as bigint. */
const WIDE = {
  payment: `SELECT row, ${PAYMENT} FROM payments WHERE withdrawal_id = ?`,
  unsettled: `SELECT row, ${PAYMENT} FROM payments INDEXED BY unsettled
    WHERE status IN (1, 2) AND payment_id IS NULL AND withdrawal_id > ? ORDER BY withdrawal_id LIMIT ?`,
  corrections: `SELECT ${TOTALS} FROM corrections WHERE journal = ? AND level = ? AND bucket BETWEEN ? AND ?`,
  destination: `SELECT shape, known_at_ms, approved, lookalike, free_used FROM destinations
    WHERE owner = ? AND script = ?`,
} as const;

const NARROW = {
  scope: `SELECT number, time_ms, last_allow_id, last_allow_ms, other_allow_ms, attempted_ms,
    main_ms, ${named("main")}, main_corrected_ms, reserved_ms, ${named("reserved")}, reserved_corrected_ms
    FROM scopes WHERE scope = ?`,
  runningSums: `SELECT ${SUMS} FROM running_sums WHERE journal = ? AND at_ms <= ?
    ORDER BY at_ms DESC LIMIT 1`,
  frozenKinds: FREEZE_KINDS.map(
    (kind) => `SELECT '${kind}', (SELECT last_at_ms FROM freezes INDEXED BY freezes_latest
      WHERE scope = @scope AND kind = '${kind}' ORDER BY last_at_ms DESC LIMIT 1)`,
  ).join(" UNION ALL "),
  freezesOfScope: `SELECT ${FREEZE} FROM freezes WHERE scope = ?
    ORDER BY frozen_at_ms, cause_id, kind LIMIT ${MAX_LISTED_FREEZES}`,
  freezesOfCause: `SELECT ${FREEZE} FROM freezes WHERE cause_id = ?
    ORDER BY frozen_at_ms, scope, kind LIMIT ${MAX_LISTED_FREEZES}`,
  frozen: `SELECT ${FREEZE} FROM freezes WHERE (scope, kind, cause_id) > (?, ?, ?)
    ORDER BY scope, kind, cause_id LIMIT ?`,
  attempts: "SELECT count FROM attempts WHERE scope = ? AND at_ms > ? LIMIT ?",
  accountFreezes: `SELECT count(*) FROM (
    SELECT 1 FROM account_freezes WHERE wallet_id = ? AND last_at_ms > ? LIMIT ?)`,
  hasLookalike: `SELECT 1 FROM destinations WHERE owner = ? AND shape = ? AND script <> ? LIMIT 1`,
  policy: "SELECT version, generation FROM policies WHERE name = ?",
  records: "SELECT seq, at_ms, kind, record FROM records WHERE seq > ? ORDER BY seq LIMIT ?",
  accepted: "SELECT accepted, accepted_ms FROM clock",
  identity: "SELECT ledger_id, epoch, path, pruned_seq FROM ledger",
  newestSeq:
    "SELECT max((SELECT pruned_seq FROM ledger), coalesce((SELECT max(seq) FROM records), 0))",
  dataVersion: "PRAGMA data_version",
  userVersion: "PRAGMA user_version",
} as const;

const WRITES = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  addPayment: `INSERT INTO payments (${PAYMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  setPayment: `UPDATE payments SET payment_id = ?, wallet_id = ?, account_id = ?, amount = ?, content_hash = ?,
    status = ?, counts = ?, counted_at_ms = ?, allowed_at_ms = ?, txid = ?, state = ? WHERE row = ?`,
  addScope: "INSERT INTO scopes (scope, time_ms) VALUES (?, 0)",
  setScope: `UPDATE scopes SET time_ms = ?, last_allow_id = ?, last_allow_ms = ?, other_allow_ms = ?,
    attempted_ms = ?, main_ms = ?, ${set("main")}, main_corrected_ms = ? WHERE number = ?`,
  setReserved: `UPDATE scopes SET reserved_ms = ?, ${set("reserved")}, reserved_corrected_ms = ?
    WHERE number = ?`,
  putRunningSums: `INSERT INTO running_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (journal, at_ms) DO UPDATE SET ${NEW_SUMS}`,
  addCorrection: `INSERT INTO corrections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (journal, level, bucket) DO UPDATE SET ${ADDED_SUMS}`,
  raiseFreeze: `UPDATE freezes SET count = count + 1, last_at_ms = max(last_at_ms, ?)
    WHERE scope = ? AND kind = ?`,
  addFreeze: `INSERT INTO freezes VALUES (?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO NOTHING`,
  liftKind: "DELETE FROM freezes WHERE scope = ? AND kind = ?",
  liftCause: "DELETE FROM freezes WHERE cause_id = ?",
  forgetAttempts: "DELETE FROM attempts WHERE scope = ?",
  addAttempt: `INSERT INTO attempts VALUES (?, ?, 1) ON CONFLICT (scope, at_ms) DO UPDATE SET count = count + 1`,
  addAccountFreeze: `INSERT INTO account_freezes VALUES (?, ?, ?)
    ON CONFLICT (wallet_id, account_id) DO UPDATE SET last_at_ms = max(last_at_ms, excluded.last_at_ms)`,
  putDestination: `INSERT INTO destinations VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (owner, script) DO UPDATE SET shape = excluded.shape, known_at_ms = excluded.known_at_ms,
      approved = excluded.approved, lookalike = excluded.lookalike, free_used = excluded.free_used`,
  putPolicy: `INSERT INTO policies VALUES (?, ?, 1)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, generation = generation + 1`,
  secureDelete: "PRAGMA secure_delete = ON",
  redact: "UPDATE records SET record = ? WHERE seq = ?",
  forgetDestinations: "DELETE FROM destinations WHERE owner = ?",
  addRecord: "INSERT INTO records VALUES (?, ?, ?, ?)",
  adopt: "UPDATE ledger SET epoch = ?, path = ?",
  setPath: "UPDATE ledger SET path = ?",
  ...REDATE,
  ...PRUNE,
} as const;

/** All statements of one connection. */
export type Statements = Readonly<
  Record<keyof typeof WIDE | keyof typeof NARROW | keyof typeof WRITES, SqliteStatement>
>;

/** Prepares every statement. */
export function prepareStatements(db: SqliteDatabase): Statements {
  const prepare = (texts: Readonly<Record<string, string>>, integers: "number" | "bigint") =>
    Object.entries(texts).map(([name, text]) => [name, db.prepare(text, integers)] as const);
  return Object.fromEntries([
    ...prepare(WIDE, "bigint"),
    ...prepare(NARROW, "number"),
    ...prepare(WRITES, "number"),
  ]) as Statements;
}
