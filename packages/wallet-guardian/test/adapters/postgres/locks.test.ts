/** Locks of the PostgreSQL ledger: who can take them, who waits for them, and whom a lock that is not given back holds up. */
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../../../src/adapters/postgres/index.js";
import type { GuardianPolicyInput } from "../../../src/index.js";
import { harness, said } from "../../support/guardian.js";
import { callsOf, stored } from "../../ledger/contract/fixtures.js";
import { hasPostgres, newPool, newSchema, POSTGRES_URL } from "../../support/postgres.js";

const WIDE = { max_24h: "100000" };
const GLOBAL = { ...WIDE, limits: { global: { max_24h: "100000" } } };

describe.skipIf(!hasPostgres)("locks of the PostgreSQL ledger", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  function place() {
    const schema = newSchema();
    const admin = newPool(4);
    cleanUps.push(async () => {
      await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await admin.end();
    });
    /** A process of its own: its pool, its ledger. */
    const start = (policy: GuardianPolicyInput = WIDE, more: object = {}) => {
      const pool = newPool(4);
      cleanUps.push(() => pool.end());
      const ledger = createPostgresLedger({
        pool,
        schema,
        clock: "caller",
        limitMs: 30_000,
        ...more,
      });
      return harness(policy, ledger);
    };
    /** Holds rows of a table of the ledger until it is released. */
    const hold = async (rows: string) => {
      const client = await admin.connect();
      await client.query("BEGIN");
      await client.query(`SELECT FROM ${schema}.${rows} FOR UPDATE`);
      return async () => {
        await client.query("ROLLBACK");
        client.release();
      };
    };
    return { schema, admin, start, hold };
  }

  it("are not to be had by a role that may only read", async () => {
    const { schema, admin, start } = place();
    const { ask } = start(GLOBAL);
    await ask("first", "1");
    const role = `reader_${schema.slice(-12)}`;
    await admin.query(`CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${schema} TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    cleanUps.push(() => admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    const url = new URL(POSTGRES_URL);
    url.username = role;
    const reader = new pg.Client({ connectionString: url.href });
    await reader.connect();
    cleanUps.push(() => reader.end());
    for (const [attempt, code] of [
      [`SELECT FROM ${schema}.locks FOR UPDATE`, "42501"],
      [`SELECT FROM ${schema}.locks FOR KEY SHARE`, "42501"],
      [`SELECT FROM ${schema}.withdrawals FOR UPDATE`, "42501"],
      [`BEGIN; LOCK TABLE ${schema}.locks IN ROW EXCLUSIVE MODE`, "42501"],
    ] as const) {
      await expect(reader.query(attempt)).rejects.toMatchObject({ code });
      await reader.query("ROLLBACK");
    }
    // advisory locks can be taken by any role, and block no call
    await reader.query("BEGIN");
    await reader.query(`SELECT count(*) FROM ${schema}.locks`);
    for (const key of ["wallet:hot-1", "global", "clock", "records", "withdrawal:second"]) {
      await reader.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [`${schema}/${key}`]);
      await reader.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [
        `"${schema}"/${key}`,
      ]);
    }
    const begun = performance.now();
    expect(said(await ask("second", "1"))).toBe("ALLOW within_limits");
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it.each([
    ["one wallet", WIDE, 1],
    ["4 wallets under a global limit", GLOBAL, 4],
  ] as const)(
    "of %s are waited for by six processes, of which none is busy",
    async (_name, policy, wallets) => {
      const { start, admin, schema } = place();
      const sides = Array.from({ length: 6 }, () => start(policy));
      await sides[0]!.ask("first", "1");
      const answers = await Promise.all(
        sides.flatMap(({ ask }, side) =>
          Array.from({ length: 11 }, async (_, caller) => {
            const told: string[] = [];
            for (let n = 0; n < 4; n++) {
              const more = { wallet_id: `w-${caller % wallets}`, account_id: `a-${n}` };
              told.push(said(await ask(`${side}-${caller}-${n}`, "1", more)));
            }
            return told;
          }),
        ),
      );
      expect(new Set(answers.flat())).toEqual(new Set(["ALLOW within_limits"]));
      const { rows } = await admin.query(
        `SELECT count(*)::int AS n FROM ${schema}.withdrawals WHERE counts = 'allowed'`,
      );
      expect(rows).toEqual([{ n: 6 * 11 * 4 + 1 }]);
    },
    60_000,
  );

  it("of one account that are not released hold up no other account of its wallet", async () => {
    const { start, hold } = place();
    const { ask } = start();
    for (const account_id of ["a", "b"]) await ask(`first-${account_id}`, "1", { account_id });
    const release = await hold("locks WHERE key = 'account:a'");
    const answers = await Promise.all(
      ["a", "b", "c", "b"].map((account_id, n) => ask(`w-${n}`, "1", { account_id })),
    );
    expect(answers.map(said)).toEqual([
      "REJECT ledger_busy",
      ...Array.from({ length: 3 }, () => "ALLOW within_limits"),
    ]);
    await release();
    expect(said(await ask("w-0", "1", { account_id: "a" }))).toBe("ALLOW within_limits");
  });

  it("of one wallet that are not given back hold up no other wallet under a global limit, in any process", async () => {
    const { start, hold } = place();
    const sides = [start(GLOBAL), start(GLOBAL)];
    for (const wallet_id of ["a", "b"])
      await sides[0]!.ask(`first-${wallet_id}`, "1", { wallet_id });
    const release = await hold("locks WHERE key = 'wallet:a'");
    const begun = performance.now();
    const stuck = sides.map(({ ask }, n) => ask(`stuck-${n}`, "1", { wallet_id: "a" }));
    for (let n = 0; n < 10; n++) {
      for (const [side, { ask }] of sides.entries()) {
        expect(said(await ask(`${side}-${n}`, "1", { wallet_id: "b" }))).toBe(
          "ALLOW within_limits",
        );
      }
    }
    expect(performance.now() - begun).toBeLessThan(2_400);
    expect((await Promise.all(stuck)).map(said)).toEqual([
      "REJECT ledger_busy",
      "REJECT ledger_busy",
    ]);
    await release();
  });

  it("of a wallet are waited for as long as each holder has them for a moment", async () => {
    const { start, hold } = place();
    const { ask } = start();
    await ask("first", "1");
    const release = await hold("locks WHERE key = 'wallet:hot-1'");
    const answer = ask("waits", "1");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await release();
    expect(said(await answer)).toBe("ALLOW within_limits");
  });

  it.each([
    ["the scope's row", "scopes WHERE scope = 'wallet:hot-1'"],
    ["the id's row", "withdrawals WHERE withdrawal_id = 'first'"],
  ])("of others on %s lead to busy, and to nothing else", async (_name, rows) => {
    const { start, hold } = place();
    const { ask } = start();
    await ask("first", "1");
    const release = await hold(rows);
    expect(said(await ask("first", "1"))).toMatch(/^(REJECT ledger_busy|ALLOW within_limits)$/);
    expect(said(await ask("other", "1"))).toMatch(/^(REJECT ledger_busy|ALLOW within_limits)$/);
    await release();
    expect(said(await ask("other", "1"))).toBe("ALLOW within_limits");
  });

  it("are had by two schemas on one connection, each for itself", async () => {
    const pool = newPool(1);
    const schemas = [newSchema(), newSchema()];
    cleanUps.push(async () => {
      for (const schema of schemas) await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    });
    const sides = schemas.map((schema) =>
      harness(
        { max_24h: "3" },
        createPostgresLedger({ pool, schema, clock: "caller", limitMs: 60_000 }),
      ),
    );
    for (const { ask } of sides) {
      for (const id of ["a", "b", "c"])
        expect(said(await ask(id, "1"))).toBe("ALLOW within_limits");
      expect(said(await ask("d", "1"))).toBe("DELAY daily_limit");
    }
  });

  it("are given back between slow last words, of which only one that takes longer than the limit fails", async () => {
    const { start } = place();
    const { guardian, ask } = start(WIDE, { connections: 1, limitMs: 1_500 });
    await ask("first", "1");
    const slow = (id: string, milliseconds: number) =>
      guardian.evaluate({ withdrawal_id: id, wallet_id: `w-${id}`, amount: "1" }, "LOW", {
        finalize: () => {
          const end = performance.now() + milliseconds;
          while (performance.now() < end) continue;
          return { allow: true, record: {} };
        },
      });
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, n) => slow(`s-${n}`, 300)),
      slow("too-slow", 1_700),
      slow("after", 1),
    ]);
    expect(answers.map(said)).toEqual([
      ...Array.from({ length: 8 }, () => "ALLOW within_limits"),
      "REJECT ledger_unavailable",
      "ALLOW within_limits",
    ]);
  });

  it("and a group are shared with a step whose data the database rejects, which fails alone", async () => {
    const { start } = place();
    const { ledger } = start();
    const { put } = callsOf(() => ledger);
    await put(stored("first"));
    const steps = [stored("a"), stored("bad", { amount: 0n }), stored("b")].map((row) => put(row));
    const settled = await Promise.allSettled(steps);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await ledger.withdrawal("bad")).toBeNull();
    expect(await ledger.withdrawal("b")).toEqual(stored("b"));
  });
});
