/** The SQL that the PostgreSQL ledger sends; the schema's functions do the work. */

const row = (columns: string, from: string): string =>
  `SELECT coalesce(json_agg(to_jsonb(r)), '[]')::text AS answer FROM (SELECT ${columns} FROM ${from}) r`;

const WITHDRAWAL = `withdrawal_id, wallet_id, account_id, amount::text AS amount, content_hash,
  status, counts, counted_at_ms, allowed_at_ms, txid, answer`;

/** Statements for one schema, whose name is quoted already. */
export const statementsOf = (schema: string) => ({
  begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  read: `SELECT ${schema}.read_ledger($1::jsonb) AS answer`,
  write: `SELECT ${schema}.write_ledger($1::jsonb)`,
  accept: `SELECT ${schema}.accept_clock($1::jsonb) AS answer`,
  record: `INSERT INTO ${schema}.records (at_ms, kind, record) VALUES ($1, $2, $3)`,
  lastOver: `SELECT json_agg(${schema}.last_over(question) ORDER BY place)::text AS answer
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS asked (question, place)`,
  enterGlobalJournal: `SELECT ${schema}.enter_global_journal()`,
  attempts: `SELECT count(*)::text AS answer FROM
    (SELECT 1 FROM ${schema}.attempts WHERE scope = $1 AND at_ms > $2 LIMIT $3) a`,
  freezes: row(
    "*",
    `${schema}.freezes WHERE cause_id = $1 OR (scope_type = $2 AND scope_id = $3)
      ORDER BY frozen_at_ms, scope_type, scope_id, cause_id, kind LIMIT $4`,
  ),
  withdrawal: row(WITHDRAWAL, `${schema}.withdrawals WHERE withdrawal_id = $1`),
  numberRecords: `SELECT ${schema}.number_records()`,
  records: row(
    "seq, at_ms, kind, record",
    `${schema}.records WHERE seq > $1 ORDER BY seq LIMIT $2`,
  ),
});

/** Statements of one schema. */
export type Statements = ReturnType<typeof statementsOf>;
