/** Keeps texts under their digests, so that the ledger alone says which one holds. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { createStateFile } from "../../pipeline/index.js";
import { askDatabase } from "../runtime/ask-database.js";
import { createTable } from "../runtime/state-table.js";

/** Texts by digest: of a state that holds, and of those that never did. */
export type Bodies = Readonly<{
  /** Resolves when the text would survive a power cut. */
  put(digest: string, body: string): Promise<void>;
  get(digest: string): Promise<string | null>;
  /** Removes the others; what cannot be removed stays. */
  keepOnly(digest: string): Promise<void>;
}>;

const DIGEST = /^[0-9a-f]{64}$/;

/** Creates bodies as files of a folder, made where it is missing; one process has it. */
export function createBodyFiles(folder: string): Bodies {
  const pathOf = (digest: string): string => join(folder, `${digest}.json`);
  return Object.freeze({
    async put(digest, body) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await createStateFile(pathOf(digest)).save(body);
    },
    get(digest) {
      try {
        return Promise.resolve(readFileSync(pathOf(digest), "utf8"));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT")
          return Promise.resolve(null);
        return Promise.reject(error instanceof Error ? error : new Error("unreadable"));
      }
    },
    keepOnly(digest) {
      try {
        for (const name of readdirSync(folder)) {
          const [, found] = /^([0-9a-f]{64})\.json(\.new)?$/.exec(name) ?? [];
          if (found !== undefined && found !== digest) rmSync(join(folder, name), { force: true });
        }
      } catch {
        // They are looked for again after the next change.
      }
      return Promise.resolve();
    },
  } satisfies Bodies);
}

/** How long a text of another process may wait for its ledger's transaction, as PostgreSQL writes it. */
const MAX_WAIT = "1 hour";

/**
 * Creates bodies as rows of the table `service_governance` of a ledger's schema, made where it is missing.
 *
 * @throws what the database answers
 */
export async function createBodyTable(pool: pg.Pool, schema: string): Promise<Bodies> {
  const table = `${pg.escapeIdentifier(schema)}.service_governance`;
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (digest text PRIMARY KEY, body text NOT NULL,
       written_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  );
  return Object.freeze({
    async put(digest, body) {
      await askDatabase(
        pool,
        `INSERT INTO ${table} (digest, body) VALUES ($1, $2)
         ON CONFLICT (digest) DO UPDATE SET written_at = clock_timestamp()`,
        [digest, body],
      );
    },
    async get(digest) {
      if (!DIGEST.test(digest)) return null;
      const { rows } = await askDatabase<{ body: string }>(
        pool,
        `SELECT body FROM ${table} WHERE digest = $1`,
        [digest],
      );
      return rows[0]?.body ?? null;
    },
    async keepOnly(digest) {
      await askDatabase(
        pool,
        `DELETE FROM ${table} WHERE digest <> $1 AND written_at < clock_timestamp() - interval '${MAX_WAIT}'`,
        [digest],
      ).catch(() => undefined);
    },
  } satisfies Bodies);
}
