/** Brings the ledger's schema up to date: one transaction, under a lock of the schema that other hosts wait for. */
import { LedgerError } from "../../errors.js";
import { type Query, stateOf } from "./connection.js";
import { answerText } from "./rows.js";
import { MIGRATIONS, SCHEMA_VERSION } from "./schema/index.js";

/** SQLSTATEs of two hosts that make one schema at the same time: one fails, and uses the other's. */
const MADE_MEANWHILE = new Set(["23505", "42P06", "42P07", "42710", "40P01", "XX000"]);
const MAX_TRIES = 5;

/**
 * Applies the missing migrations.
 *
 * @param schema the schema's quoted name
 * @param mayCreate whether a schema may be made where there is none
 * @throws LedgerError for a schema of a newer version, or a missing one
 */
export async function migrate(query: Query, schema: string, mayCreate: boolean): Promise<void> {
  for (let tries = 1; ; tries++) {
    const version = await versionOf(query, schema);
    if (version > SCHEMA_VERSION) throw newerSchema(version);
    if (version === SCHEMA_VERSION) return;
    // Fails where a ledger that existed is gone: a new one would start without its history.
    if (version === 0 && !mayCreate) throw missingLedger(schema);
    try {
      return await apply(query, schema);
    } catch (error) {
      if (!MADE_MEANWHILE.has(stateOf(error)) || tries >= MAX_TRIES) throw error;
      await query("ROLLBACK");
    }
  }
}

/** Makes the rejection of a schema that a newer version of this package has migrated. */
export const newerSchema = (version: number): LedgerError =>
  new LedgerError(
    "ledger_unavailable",
    `the schema has version ${version}, and this process supports ${SCHEMA_VERSION}: start a newer one`,
  );

const missingLedger = (schema: string): LedgerError =>
  new LedgerError(
    "ledger_unavailable",
    `there is no ledger in the schema ${schema}, and none is made: name the right one, or restore it`,
  );

async function versionOf(query: Query, schema: string): Promise<number> {
  const [found] = await query(`SELECT to_regclass('${schema}.schema_versions')::text AS answer`);
  if ((found?.[0] as { answer: unknown } | undefined)?.answer === null) return 0;
  const [versions = []] = await query(
    `SELECT coalesce(max(version), 0)::text AS answer FROM ${schema}.schema_versions`,
  );
  return Number(answerText(versions));
}

async function apply(query: Query, schema: string): Promise<void> {
  await query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await query(`SET LOCAL search_path TO ${schema}, pg_temp`);
  await query(`CREATE TABLE IF NOT EXISTS schema_versions (
    version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  await query("LOCK TABLE schema_versions IN EXCLUSIVE MODE");
  const version = await versionOf(query, schema);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await query(migration);
    await query(`INSERT INTO schema_versions (version) VALUES (${index + 1})`);
  }
  if (version < SCHEMA_VERSION) await query("SELECT make_durable()");
  await query("COMMIT");
}
