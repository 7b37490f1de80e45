/** Keeps approvals in a table beside a PostgreSQL ledger, for every process of the deployment. */
import pg from "pg";
import type { PaymentApproval } from "../../service.js";
import { createTable } from "../state-table.js";
import {
  APPROVAL_VALID_MS,
  approvalSchema,
  type ApprovalStore,
  isStanding,
  MAX_APPROVALS,
} from "./store.js";

type Row = Record<Exclude<keyof PaymentApproval, "signed">, string> &
  Readonly<{ signed: string | null }>;

/**
 * Creates a store in the table `service_approvals` of the ledger's schema, which is made where it is missing.
 *
 * @throws what the database answers
 */
export async function createApprovalTable(
  pool: pg.Pool,
  schema: string,
  clock: () => number,
): Promise<ApprovalStore> {
  const table = `${pg.escapeIdentifier(schema)}.service_approvals`;
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (
      payment_id text NOT NULL, approver text NOT NULL, binds text NOT NULL, approved_at_ms bigint NOT NULL,
      PRIMARY KEY (payment_id, approver, binds))`,
  );
  await createTable(pool, `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS signed text`);
  const latch = `${pg.escapeIdentifier(schema)}.service_signed_only`;
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${latch} (id int PRIMARY KEY CHECK (id = 1))`,
  );
  return Object.freeze({
    async add({ payment_id, approver, binds, approved_at_ms, signed }) {
      await pool.query(
        `INSERT INTO ${table} AS known (payment_id, approver, binds, approved_at_ms, signed)
         VALUES ($1, $2, $3, $4, $6) ON CONFLICT (payment_id, approver, binds)
         DO UPDATE SET approved_at_ms = excluded.approved_at_ms, signed = excluded.signed
         WHERE known.approved_at_ms <= excluded.approved_at_ms - $5::bigint OR
           (excluded.signed IS NOT NULL AND known.signed IS DISTINCT FROM excluded.signed)`,
        [
          ...[payment_id, approver, binds, approved_at_ms, APPROVAL_VALID_MS],
          signed === undefined ? null : JSON.stringify(signed),
        ],
      );
    },
    async of(paymentId) {
      const { rows } = await pool.query<Row>(
        `SELECT * FROM ${table} WHERE payment_id = $1 AND approved_at_ms > $2 ORDER BY approved_at_ms, approver LIMIT ${MAX_APPROVALS}`,
        [paymentId, clock() - APPROVAL_VALID_MS],
      );
      return rows
        .map(({ signed, ...row }) =>
          approvalSchema.parse({
            ...row,
            approved_at_ms: Number(row.approved_at_ms),
            ...(signed === null ? {} : { signed: JSON.parse(signed) as unknown }),
          }),
        )
        .filter((approval) => isStanding(approval, clock()));
    },
    async isSignedOnly() {
      const { rowCount } = await pool.query(`SELECT FROM ${latch}`);
      return rowCount === 1;
    },
    async setSignedOnly() {
      await pool.query(`INSERT INTO ${latch} VALUES (1) ON CONFLICT DO NOTHING`);
    },
    close: () => Promise.resolve(),
  } satisfies ApprovalStore);
}
