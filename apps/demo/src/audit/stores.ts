/** Opens what the audit of a deployment keeps: a folder beside a SQLite ledger, tables beside a PostgreSQL one. */
import { join } from "node:path";
import type { HashStore } from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import type { ServiceConfig } from "../service/config/service-config.js";
import { createCheckpointFile } from "./checkpoint-file.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { createCheckpointTable, openCheckpointTable } from "./checkpoint-table.js";
import { createHashFile } from "./hash-file.js";
import { createHashTable, openHashTable } from "./hash-table.js";

/** Hashes and checkpoints of a deployment. */
export type AuditStores = Readonly<{
  hashes: HashStore;
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
    return { hashes: createHashFile(folder), checkpoints, close: () => checkpoints.close() };
  }
  const pool = poolOf(ledger.url, warn);
  try {
    return {
      hashes: await createHashTable(pool, ledger.schema),
      checkpoints: await createCheckpointTable(pool, ledger.schema),
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Opens the stores to read; null where no audit was kept. Nothing is made or changed. */
export async function readAuditStores({
  ledger,
  data_dir,
}: Pick<ServiceConfig, "ledger" | "data_dir">): Promise<AuditStores | null> {
  if (ledger.kind === "sqlite") {
    const folder = join(data_dir, AUDIT_FOLDER);
    const [hashes, checkpoints] = [createHashFile(folder), createCheckpointFile(folder, "read")];
    const isThere = (await hashes.count(0)) > 0 || (await checkpoints.count()) > 0;
    return isThere ? { hashes, checkpoints, close: () => checkpoints.close() } : null;
  }
  const pool = poolOf(ledger.url, () => undefined);
  try {
    const hashes = await openHashTable(pool, ledger.schema);
    const checkpoints = await openCheckpointTable(pool, ledger.schema);
    if (hashes !== null && checkpoints !== null)
      return { hashes, checkpoints, close: () => pool.end() };
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
