/** Adopts a PostgreSQL ledger that processes reject: one that was restored, moved, or is behind. */
import { idSchema } from "@dgb-shield/contract";
import { LedgerError } from "../../errors.js";
import type { LedgerIdentity } from "../../ports.js";
import { createConnections, type PostgresPool } from "./connection.js";
import { migrate } from "./migrate.js";
import { answerText, toIdentity } from "./rows.js";
import { quoted, statementsOf } from "./statements.js";

/** An operator's order to adopt a ledger. */
export type AdoptionOrder = Readonly<{
  pool: PostgresPool;
  /** Schema of the ledger: `guardian`. */
  schema?: string;
  operator: string;
  reason: string;
}>;

const LIMIT_MS = 60_000;

/**
 * Raises the epoch of a ledger, which is recorded: processes that miss records of their own in it, and have seen no
 * epoch as high, accept it as it is. Missing records stay missing.
 *
 * @throws LedgerError where there is no ledger, or it cannot be reached
 * @throws RangeError for a schema, an operator or a reason that is none
 * @example await adoptPostgresLedger({ pool, operator: "ann", reason: "restored from Monday's backup" })
 */
export async function adoptPostgresLedger(order: AdoptionOrder): Promise<LedgerIdentity> {
  const { pool, operator, reason } = order;
  const schema = quoted(order.schema ?? "guardian");
  if (!idSchema.safeParse(operator).success || reason.trim() === "")
    throw new RangeError("operator, reason: name the operator and the reason, both are recorded");
  const statements = statementsOf(schema);
  try {
    return await createConnections(pool).lend(async ({ query }) => {
      await migrate(query, schema, false);
      const answers = await query(statements.begin, statements.raiseEpoch, statements.clock);
      const identity = toIdentity(answers[1] ?? []);
      const atMs = Number(answerText(answers[2] ?? []));
      const record = JSON.stringify({ ...identity, operator, reason, at_ms: atMs });
      await query(
        statements.appendRecord(atMs, "adopted", record),
        statements.durable,
        statements.commit,
      );
      return identity;
    }, LIMIT_MS);
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw new LedgerError("ledger_unavailable", "the ledger was not adopted", error);
  }
}
