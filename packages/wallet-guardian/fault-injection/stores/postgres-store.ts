/** A schema of a PostgreSQL server to inject faults into. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import type { FrozenRow, Row, Total } from "../check.js";
import type { LogRecord } from "../replay/replay.js";
import type { Store } from "./store.js";

type Answer = Record<string, unknown>;

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

const toRow = (row: Answer): Row => ({
  ...(row as Omit<Row, "amount" | "at" | "allowedAt">),
  amount: BigInt(row["amount"] as string),
  at: numberOrNull(row["at"]),
  allowedAt: numberOrNull(row["allowedAt"]),
});

/** One row of sums; a journal of reservations has `reserved/` before the scope's key. */
function toTotals({ scope, allowed, allowed_count, asked, asked_count }: Answer): Total[] {
  const [, reserved = "", key = ""] = /^(reserved\/)?(.*)$/.exec(scope as string) ?? [];
  const sum = (amount: unknown, count: unknown) => ({
    scope: key,
    amount: BigInt(amount as string),
    count: BigInt(count as string),
  });
  return [
    { ...sum(allowed, allowed_count), counts: reserved === "" ? "allowed" : "reserved" },
    { ...sum(asked, asked_count), counts: reserved === "" ? "asked" : "asked and reserved" },
  ];
}

const sumsOf = (scope: string): string =>
  `SELECT ${scope} AS scope, allowed::text, allowed_count::text, asked::text, asked_count::text`;

/** A new schema. */
export function postgresStore(url: string): Store {
  const schema = `guardian_matrix_${randomBytes(6).toString("hex")}`;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  async function ask(text: string): Promise<Answer[]> {
    const client = await connect();
    try {
      return (await client.query<Answer>(text)).rows;
    } finally {
      await client.end();
    }
  }

  return {
    address: { kind: "postgres", url, schema },
    async read() {
      const rows =
        await ask(`SELECT withdrawal_id AS id, coalesce(payment_id, withdrawal_id) AS payment,
        wallet_id AS wallet, account_id AS account, amount::text, content_hash AS content, status, counts,
        counted_at_ms AS at, allowed_at_ms AS "allowedAt", txid FROM ${schema}.withdrawals`);
      const totals = await ask(`${sumsOf("scope")} FROM ${schema}.scopes
        UNION ALL ${sumsOf("scope")} FROM ${schema}.corrections WHERE level = 0
        UNION ALL ${sumsOf("journal")} FROM ${schema}.global_entries`);
      const freezes =
        await ask(`SELECT scope, kind, cause_id AS cause, frozen_at_ms::float AS first,
        last_at_ms::float AS last, count::float AS count FROM ${schema}.freezes`);
      return {
        rows: rows.map(toRow),
        freezes: freezes as FrozenRow[],
        totals: totals.flatMap(toTotals),
        faults: [],
      };
    },
    async records(afterSeq) {
      const rows = await ask(`SELECT entry::float AS seq, at_ms::float AS at, kind, record
        FROM ${schema}.records WHERE entry > ${afterSeq} ORDER BY entry`);
      return rows as LogRecord[];
    },
    async hold() {
      const client = await connect();
      await client.query(`BEGIN; LOCK TABLE ${schema}.locks IN EXCLUSIVE MODE`);
      return async () => {
        await client.query("ROLLBACK");
        await client.end();
      };
    },
    async leftLocked() {
      const [found] = await ask(`SELECT count(*)::int AS held FROM pg_locks l JOIN pg_class c
        ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${schema}'`);
      return Number(found?.["held"]);
    },
    async remove() {
      await ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },
  };
}
