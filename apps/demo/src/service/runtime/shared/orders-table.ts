/** Hands orders on layers 1 to 3 from any process to the one that watches, by a table beside the ledger (decision 42). */
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { askDatabase } from "../ask-database.js";
import { z } from "zod";
import { type Lease, sharedTables } from "../lease.js";
import { createTable } from "../state-table.js";

/** How long an answer is waited for, in milliseconds; what was not begun by then is taken back. */
const WAIT_MS = 10_000;
const LOOK_MS = 200;
/** Orders that are carried out in one turn. */
const MAX_IN_TURN = 100;

/** What became of an order that another process carries out. */
export type Handed =
  | Readonly<{ kind: "answered"; answer: unknown }>
  /** It was not begun, and never will be. */
  | Readonly<{ kind: "taken_back" }>
  /** It was begun, and may have been carried out. */
  | Readonly<{ kind: "unconfirmed" }>;

/** The table of orders. */
export type OrdersTable = Readonly<{
  /**
   * Hands an order on, and waits for its answer.
   *
   * @throws what the database answers
   */
  hand(kind: string, body: object): Promise<Handed>;
  /** Carries out what waits, in order, as the process that watches. */
  take(carryOut: (kind: string, body: unknown) => Promise<unknown>): Promise<void>;
}>;

const orderSchema = z.object({ id: z.string(), kind: z.string(), body: z.string() });

/**
 * Creates the table `service_orders` where it is missing.
 *
 * @throws what the database answers
 */
export async function createOrdersTable(
  pool: pg.Pool,
  schema: string,
  lease: Pick<Lease, "owner">,
): Promise<OrdersTable> {
  const { lease: leases, orders } = sharedTables(schema);
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${orders} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL,
       body text NOT NULL, handed_at timestamptz NOT NULL DEFAULT clock_timestamp(), taken_by text, answer text)`,
  );

  async function next(): Promise<z.output<typeof orderSchema> | null> {
    // What its process no longer waits for is not carried out.
    const { rows } = await askDatabase(
      pool,
      `UPDATE ${orders} SET taken_by = $1 WHERE id = (
         SELECT id FROM ${orders} WHERE taken_by IS NULL AND handed_at > clock_timestamp() - $2 * interval '1 millisecond'
         ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
       ) AND EXISTS (SELECT FROM ${leases} WHERE owner = $1) RETURNING id::text, kind, body`,
      [lease.owner(), WAIT_MS],
    );
    return rows[0] === undefined ? null : orderSchema.parse(rows[0]);
  }

  async function answerOf(id: string): Promise<string | null> {
    const { rows } = await askDatabase<{ answer: string | null }>(
      pool,
      `SELECT answer FROM ${orders} WHERE id = $1`,
      [id],
    );
    return rows[0]?.answer ?? null;
  }

  return Object.freeze({
    async hand(kind, body) {
      const { rows } = await askDatabase<{ id: string }>(
        pool,
        `INSERT INTO ${orders} (kind, body) VALUES ($1, $2) RETURNING id::text`,
        [kind, JSON.stringify(body)],
      );
      const id = rows[0]?.id ?? "";
      const deadline = performance.now() + WAIT_MS;
      let answer = await answerOf(id);
      while (answer === null && performance.now() < deadline) {
        await sleep(LOOK_MS);
        answer = await answerOf(id);
      }
      const { rows: removed } = await askDatabase<{ answer: string | null }>(
        pool,
        `DELETE FROM ${orders} WHERE id = $1 AND (answer IS NOT NULL OR taken_by IS NULL) RETURNING answer`,
        [id],
      );
      if (removed[0] === undefined) return { kind: "unconfirmed" };
      const last = removed[0].answer;
      return last === null
        ? { kind: "taken_back" }
        : { kind: "answered", answer: JSON.parse(last) as unknown };
    },
    async take(carryOut) {
      for (let taken = 0; taken < MAX_IN_TURN; taken++) {
        const order = await next();
        if (order === null) break;
        const answer = await carryOut(order.kind, JSON.parse(order.body));
        await askDatabase(pool, `UPDATE ${orders} SET answer = $2 WHERE id = $1`, [
          order.id,
          JSON.stringify(answer),
        ]);
      }
      // What processes left behind that ended while they waited.
      await askDatabase(
        pool,
        `DELETE FROM ${orders} WHERE handed_at < clock_timestamp() - interval '1 hour'`,
      );
    },
  } satisfies OrdersTable);
}
