/** Builds the SQL that the PostgreSQL ledger sends: calls of the schema's functions. */
import { literal } from "./connection.js";

const json = (value: unknown): string => `${literal(JSON.stringify(value))}::jsonb`;

/**
 * Quotes the name of a schema, or of a table, for SQL.
 *
 * @throws RangeError for one that is no plain name
 */
export function quoted(schema: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new RangeError(`no plain name: ${schema}`);
  return `"${schema}"`;
}

/** Statements for one schema, whose name is quoted already. */
export const statementsOf = (schema: string) => ({
  begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  read: (question: object) => `SELECT ${schema}.ledger_read(${json(question)}) AS answer`,
  write: (given: object) => `SELECT ${schema}.ledger_write(${json(given)}) AS answer`,
  /** Makes durable what its own transaction writes, and all that was committed before. */
  durable: `SELECT ${schema}.make_durable()`,
  awaitLocks: (question: object) => `SELECT ${schema}.await_locks(${json(question)})`,
  freeTimes: (questions: readonly string[]) =>
    `SELECT ${schema}.free_times(${literal(`[${questions.join()}]`)}::jsonb) AS answer`,
  accountFreezes: (walletId: string, sinceMs: number, limit: number) =>
    `SELECT ${schema}.account_freezes_since(${literal(walletId)}, ${sinceMs}, ${limit}) AS answer`,
  attempts: (question: object) => `SELECT ${schema}.count_attempts(${json(question)}) AS answer`,
  freezes: (question: object, limit: number) =>
    `SELECT ${schema}.listed_freezes(${json(question)}, ${limit}) AS answer`,
  frozen: (after: string, limit: number) =>
    `SELECT ${schema}.frozen_after(${literal(after)}, ${limit}) AS answer`,
  unsettled: (after: string, limit: number) =>
    `SELECT ${schema}.unsettled_after(${literal(after)}, ${limit}) AS answer`,
  withdrawal: (id: string) => `SELECT ${schema}.one_withdrawal(${literal(id)}) AS answer`,
  state: (known: readonly number[]) =>
    `SELECT ${schema}.ledger_state(${json(known)})::text AS answer`,
  numberRecords: `SELECT ${schema}.number_records()`,
  records: (after: number, limit: number) =>
    `SELECT ${schema}.records_after(${after}, ${limit}) AS answer`,
  recordsToRedact: (seqs: readonly number[]) =>
    `SELECT coalesce(jsonb_agg(jsonb_build_object('seq', seq, 'at_ms', at_ms, 'kind', kind, 'record', record)), '[]')::text AS answer
      FROM (SELECT seq, at_ms, kind, record FROM ${schema}.records WHERE seq IN (${seqs.join()}) ORDER BY seq FOR UPDATE) r`,
  redact: (texts: readonly object[]) =>
    `UPDATE ${schema}.records r SET record = t.json
      FROM jsonb_to_recordset(${json(texts)}) AS t (seq bigint, json text) WHERE r.seq = t.seq`,
  forgetDestinations: (owners: readonly string[]) =>
    `DELETE FROM ${schema}.destinations WHERE owner IN (${owners.map(literal).join()})`,
  accept: (given: object) => `SELECT ${schema}.ledger_accept(${json(given)}) AS answer`,
  writeStates: (states: readonly object[]) => `SELECT ${schema}.write_states(${json(states)})`,
  appendRecord: (atMs: number, kind: string, text: string) =>
    `INSERT INTO ${schema}.records (at_ms, kind, record)
      VALUES (${atMs}, ${literal(kind)}, ${literal(text)})
      RETURNING jsonb_build_object('entry', entry, 'hash', md5(record))::text AS answer`,
  prune: (given: object) => `SELECT ${schema}.ledger_prune(${json(given)}) AS answer`,
  raiseEpoch: `UPDATE ${schema}.ledger SET epoch = epoch + 1 WHERE id = 1
    RETURNING jsonb_build_object('ledger_id', ledger_id, 'epoch', epoch)::text AS answer`,
  clock: `SELECT ${schema}.now_ms()::text AS answer`,
  evidence: (table: string) =>
    `SELECT coalesce((SELECT generation FROM ${schema}.${table} WHERE id = 1), 0)::text AS answer`,
  shareLocks: `LOCK TABLE ${schema}.locks IN ROW SHARE MODE`,
  lockGlobal: `SELECT ${schema}.lock_keys('{global}', true)`,
  beginStep: (maxWaitMs: number) => `SELECT ${schema}.begin_step(${maxWaitMs})`,
  foldKept: (
    most: number,
  ) => `SELECT (SELECT CASE WHEN is_global_kept THEN ${schema}.fold_global(${most}) ELSE 0 END
    FROM ${schema}.ledger WHERE id = 1)::text AS answer`,
  beginFill: "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE",
  fillGlobal: `SELECT ${schema}.fill_global()`,
});

/** The statements of one schema. */
export type Statements = ReturnType<typeof statementsOf>;
