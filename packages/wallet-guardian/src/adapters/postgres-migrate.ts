/** Brings the ledger's schema up to date: one transaction, under a lock that other hosts wait for. */
import { LedgerError } from "../errors.js";
import type { Query } from "./postgres-connection.js";
import { answerText } from "./postgres-rows.js";
import { MIGRATIONS } from "./postgres-schema.js";

/**
 * Applies what is missing.
 *
 * @param schema the schema's quoted name
 * @throws LedgerError for a schema of a newer version
 */
export async function migrate(query: Query, schema: string): Promise<void> {
  await query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`${schema}/migrations`]);
  const version = await versionOf(query, schema);
  if (version > MIGRATIONS.length) {
    throw new LedgerError("ledger_unavailable", `the schema is of newer version ${version}`);
  }
  if (version < MIGRATIONS.length) await apply(query, schema, version);
  await query("COMMIT");
}

async function versionOf(query: Query, schema: string): Promise<number> {
  const [found] = await query("SELECT to_regclass($1)::text AS answer", [
    `${schema}.schema_versions`,
  ]);
  if ((found as { answer: unknown } | undefined)?.answer === null) return 0;
  const text = answerText(
    await query(`SELECT coalesce(max(version), 0)::text AS answer FROM ${schema}.schema_versions`),
  );
  return Number(text);
}

async function apply(query: Query, schema: string, version: number): Promise<void> {
  await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await query(`SET LOCAL search_path TO ${schema}, pg_temp`);
  await query(`CREATE TABLE IF NOT EXISTS schema_versions (
    version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await query(migration);
    await query("INSERT INTO schema_versions (version) VALUES ($1)", [index + 1]);
  }
}
