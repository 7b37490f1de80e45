/** Opens what the audit of a deployment keeps: a folder beside a SQLite ledger, tables beside a PostgreSQL one. */
import { join } from "node:path";
import {
  createMemorySaltStore,
  type HashStore,
  type SaltStore,
} from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import type { ServiceConfig } from "../service/config/service-config.js";
import { createCheckpointFile } from "./checkpoint-file.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { createCheckpointTable, openCheckpointTable } from "./checkpoint-table.js";
import { createHashFile } from "./hash-file.js";
import { createHashTable, openHashTable } from "./hash-table.js";
import { createSaltFile } from "./salt-file.js";
import { createSaltTable, openSaltTable } from "./salt-table.js";

/** Hashes, salts and checkpoints of a deployment. */
export type AuditStores = Readonly<{
  hashes: HashStore;
  salts: SaltStore;
  checkpoints: CheckpointStore;
  close(): Promise<void>;
}>;

const CONNECT_MS = 5_000;
const AUDIT_FOLDER = "audit";

/** Opens the stores to write; folder and tables are made where they are missing. */
export async function openAuditStores(
  config: Pick<ServiceConfig, "ledger" | "data_dir">,
  warn: (text: string) => void,
): Promise<AuditStores> {
  const { ledger, data_dir } = config;
  if (ledger.kind === "sqlite") {
    const folder = join(data_dir, AUDIT_FOLDER);
    const checkpoints = createCheckpointFile(folder);
    const [hashes, salts] = [createHashFile(folder), createSaltFile(folder)];
    return { hashes, salts, checkpoints, close: () => checkpoints.close() };
  }
  const pool = poolOf(ledger.url, warn);
  try {
    return {
      hashes: await createHashTable(pool, ledger.schema),
      salts: await createSaltTable(pool, ledger.schema),
      checkpoints: await createCheckpointTable(pool, ledger.schema),
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/**
 * Opens the stores without making any; null where no audit was kept. Only salts can be erased; where a version before salts kept the
 * audit there are none.
 */
export async function readAuditStores({
  ledger,
  data_dir,
}: Pick<ServiceConfig, "ledger" | "data_dir">): Promise<AuditStores | null> {
  if (ledger.kind === "sqlite") {
    const folder = join(data_dir, AUDIT_FOLDER);
    const [hashes, checkpoints] = [createHashFile(folder), createCheckpointFile(folder, "read")];
    const isThere = (await hashes.count(0)) > 0 || (await checkpoints.count()) > 0;
    const salts = createSaltFile(folder);
    return isThere ? { hashes, salts, checkpoints, close: () => checkpoints.close() } : null;
  }
  const pool = poolOf(ledger.url, () => undefined);
  try {
    const hashes = await openHashTable(pool, ledger.schema);
    const checkpoints = await openCheckpointTable(pool, ledger.schema);
    const salts = (await openSaltTable(pool, ledger.schema)) ?? createMemorySaltStore();
    if (hashes !== null && checkpoints !== null)
      return { hashes, salts, checkpoints, close: () => pool.end() };
  } catch (error) {
    await pool.end();
    throw error;
  }
  await pool.end();
  return null;
}

/** Two connections of its own, so that the audit never waits for those of decisions, nor they for it. */
function poolOf(connectionString: string, warn: (text: string) => void): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 2, connectionTimeoutMillis: CONNECT_MS });
  pool.on("error", (error) => warn(`audit: a connection to PostgreSQL was lost: ${error.message}`));
  return pool;
}
