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
  return Object.freeze({
    async add({ payment_id, approver, binds, approved_at_ms }) {
      await pool.query(
        `INSERT INTO ${table} AS known VALUES ($1, $2, $3, $4) ON CONFLICT (payment_id, approver, binds)
         DO UPDATE SET approved_at_ms = excluded.approved_at_ms
         WHERE known.approved_at_ms <= excluded.approved_at_ms - $5::bigint`,
        [payment_id, approver, binds, approved_at_ms, APPROVAL_VALID_MS],
      );
    },
    async of(paymentId) {
      const { rows } = await pool.query<Record<keyof PaymentApproval, string>>(
        `SELECT * FROM ${table} WHERE payment_id = $1 AND approved_at_ms > $2 ORDER BY approved_at_ms, approver LIMIT ${MAX_APPROVALS}`,
        [paymentId, clock() - APPROVAL_VALID_MS],
      );
      return rows
        .map((row) => approvalSchema.parse({ ...row, approved_at_ms: Number(row.approved_at_ms) }))
        .filter((approval) => isStanding(approval, clock()));
    },
    close: () => Promise.resolve(),
  } satisfies ApprovalStore);
}
