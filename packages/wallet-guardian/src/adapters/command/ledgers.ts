/** Opens ledgers by their addresses; a driver is loaded only where it is needed. */
import type { Ledger, LedgerIdentity } from "../../ports.js";
import type { Options } from "./options.js";
import { required } from "./options.js";

/** An open ledger. */
export type OpenLedger = Readonly<{ ledger: Ledger; end: () => Promise<void> }>;

const isPostgres = (address: string): boolean => /^postgres(ql)?:\/\//.test(address);

async function poolOf(connectionString: string) {
  const { default: pg } = await import("pg");
  return new pg.Pool({ connectionString, max: 2 });
}

/** Opens an existing ledger. */
export async function openLedger({ ledger: address, schema }: Options): Promise<OpenLedger> {
  if (!isPostgres(address)) {
    const { createSqliteLedger } = await import("../sqlite/index.js");
    const ledger = createSqliteLedger({ path: address });
    ledger.check?.();
    return { ledger, end: () => ledger.close() };
  }
  const { createPostgresLedger } = await import("../postgres/index.js");
  const pool = await poolOf(address);
  const ledger = createPostgresLedger({ pool, schema, create: false });
  return { ledger, end: () => ledger.close().then(() => pool.end()) };
}

/** A ledger that was adopted; missing records are counted for SQLite files alone. */
type Adopted = LedgerIdentity & Readonly<{ missing_records?: number }>;

/** Adopts a ledger that was moved or restored. */
export async function adoptLedger(options: Options, clock: () => number): Promise<Adopted> {
  const { ledger: address, schema } = options;
  const order = {
    operator: required(options.operator, "operator"),
    reason: required(options.reason, "reason"),
  };
  if (!isPostgres(address)) {
    const { adoptSqliteLedger } = await import("../sqlite/index.js");
    return adoptSqliteLedger({ path: address, clock, ...order });
  }
  const { adoptPostgresLedger } = await import("../postgres/index.js");
  const pool = await poolOf(address);
  try {
    return await adoptPostgresLedger({ pool, schema, ...order });
  } finally {
    await pool.end();
  }
}
