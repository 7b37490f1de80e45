/** Keeps approvals in a table beside a PostgreSQL ledger, for every process of the deployment. */
import pg from "pg";
import type { PaymentApproval } from "../../service.js";
import { askDatabase } from "../ask-database.js";
import { createTable } from "../state-table.js";
import {
  APPROVAL_VALID_MS,
  ApprovalError,
  approvalSchema,
  type ApprovalStore,
  isStanding,
  MAX_APPROVALS,
  MAX_OF_APPROVER,
} from "./store.js";

type Row = Record<Exclude<keyof PaymentApproval, "signed">, string> &
  Readonly<{ signed: string | null }>;

/**
 * Creates a store in the table `service_approvals` of the ledger's schema, which is made where it is missing. Several
 * processes that add at the same moment may exceed the number that is kept; the earliest count then.
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
  const { put, known, listed } = statementsOf(table);
  let last: Promise<unknown> = Promise.resolve();

  async function add({ payment_id, approver, binds, approved_at_ms, signed }: PaymentApproval) {
    const sinceMs = approved_at_ms - APPROVAL_VALID_MS;
    const own = [payment_id, approver, binds];
    const { rowCount } = await askDatabase(pool, put, [
      ...[...own, approved_at_ms, sinceMs],
      signed === undefined ? null : JSON.stringify(signed),
    ]);
    if (rowCount !== 0) return;
    const { rows } = await askDatabase(pool, known, [...own, sinceMs]);
    // [409 too_many_approvals] the payment has as many as are kept
    if (rows.length === 0) throw new ApprovalError("too_many_approvals");
  }

  return Object.freeze({
    add(approval) {
      // One after the other, so that each counts those before.
      const mine = last.then(() => sound(add(approval)));
      last = mine.catch(() => undefined);
      return mine;
    },
    async of(paymentId) {
      const asked = askDatabase<Row>(pool, listed, [...[paymentId, clock() - APPROVAL_VALID_MS]]);
      const { rows } = await sound(asked);
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
      const { rowCount } = await sound(askDatabase(pool, `SELECT FROM ${latch}`));
      return rowCount === 1;
    },
    async setSignedOnly() {
      await sound(askDatabase(pool, `INSERT INTO ${latch} VALUES (1) ON CONFLICT DO NOTHING`));
    },
    close: async () => {
      await last;
    },
  } satisfies ApprovalStore);
}

const statementsOf = (table: string) => ({
  // What has expired takes no room, and is replaced, as is what another key signed, or the same for a shorter time.
  put: `INSERT INTO ${table} AS known (payment_id, approver, binds, approved_at_ms, signed)
    SELECT $1::text, $2::text, $3::text, $4::bigint, $6::text
    WHERE (SELECT count(*) FROM ${table} WHERE payment_id = $1 AND approved_at_ms > $5::bigint
      AND NOT (approver = $2 AND binds = $3)) < ${MAX_APPROVALS}
      AND (SELECT count(*) FROM ${table} WHERE payment_id = $1 AND approved_at_ms > $5::bigint
        AND approver = $2 AND binds <> $3) < ${MAX_OF_APPROVER}
    ON CONFLICT (payment_id, approver, binds) DO UPDATE SET approved_at_ms = excluded.approved_at_ms, signed = excluded.signed
    WHERE known.approved_at_ms <= $5::bigint OR
      (excluded.signed IS NOT NULL AND (known.signed::jsonb ->> 'key_id' IS DISTINCT FROM excluded.signed::jsonb ->> 'key_id'
        OR (known.signed::jsonb ->> 'expires_at_ms')::bigint < (excluded.signed::jsonb ->> 'expires_at_ms')::bigint))`,
  known: `SELECT 1 FROM ${table} WHERE payment_id = $1 AND approver = $2 AND binds = $3 AND approved_at_ms > $4::bigint`,
  listed: `SELECT * FROM ${table} WHERE payment_id = $1 AND approved_at_ms > $2 ORDER BY approved_at_ms, approver LIMIT ${MAX_APPROVALS}`,
});

/** Passes an answer of the database on; what fails is no approval. */
async function sound<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApprovalError) throw error;
    throw new ApprovalError("approvals_unavailable", error);
  }
}
