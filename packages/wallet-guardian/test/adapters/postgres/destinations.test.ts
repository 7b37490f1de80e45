/** Requests of one group that name one destination: each reads what the earlier ones wrote of it, and one row is kept. */
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../../../src/adapters/postgres/index.js";
import { harness, said } from "../../support/guardian.js";
import { hasPostgres, newPool, newSchema } from "../../support/postgres.js";

const FREE = {
  max_24h: "1000",
  new_destination_seconds: 3_600,
  new_destination_free: "4",
} as const;
const [NEW, OTHER] = [
  "dgb1qw508d6qejxtdg4y5r3zarvary0c5xw7k3xh7qa",
  "dgb1qzzzzd6qejxtdg4y5r3zarvary0c5xw7k3xzzzz",
];

describe.skipIf(!hasPostgres)("one destination in one group", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  function place(connections: number) {
    const schema = newSchema();
    const pool = newPool(4);
    cleanUps.push(async () => {
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    });
    const options = { pool, schema, connections, clock: "caller", limitMs: 60_000 } as const;
    const { ask } = harness(FREE, createPostgresLedger(options));
    const send = (id: string, address = NEW) =>
      ask(id, "1", { destinations: [{ address, amount: "1" }] });
    const known = async () => {
      const { rows } = await pool.query(
        `SELECT owner, script, free_used::text FROM ${schema}.destinations ORDER BY script`,
      );
      return rows as { owner: string; script: string; free_used: string }[];
    };
    return { send, known };
  }

  it.each([1, 4])(
    "is new to six requests at a time, and its free amount is spent once, over %i connections",
    async (connections) => {
      const { send, known } = place(connections);
      await send("first", OTHER);
      const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => send(`w-${n}`)));
      expect(answers.map(said).sort()).toEqual([
        ...Array.from({ length: 4 }, () => "ALLOW within_limits"),
        ...Array.from({ length: 2 }, () => "DELAY new_destination"),
      ]);
      expect(await known()).toMatchObject([{ free_used: "400000000" }, { free_used: "100000000" }]);
      expect(said(await send("later"))).toBe("DELAY new_destination");
    },
  );
});
