/** The current policy in PostgreSQL: a registration that is lost is made again, and of two at once one alone decides. */
import type pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger, type PostgresPool } from "../../../src/adapters/postgres/index.js";
import type { GuardianPolicyInput, Ledger } from "../../../src/index.js";
import { harness, said } from "../../support/guardian.js";
import { hasPostgres, newPool, newSchema } from "../../support/postgres.js";

const WIDE = { max_24h: "1000" };
const STRICT = { max_24h: "500" };
const CALLS = 4;
const nothing = (): Promise<void> => Promise.resolve();

/** A pool of which something happens before its first transaction writes; throwing cuts it off. */
function meddled(pool: pg.Pool, beforeWriting: () => Promise<void>): PostgresPool {
  let isFirst = true;
  return {
    on: (event, listener) => pool.on(event, listener),
    async connect() {
      const client = await pool.connect();
      return {
        async query(query) {
          if (isFirst && query.text.includes("ledger_write")) {
            isFirst = false;
            await beforeWriting();
          }
          return client.query(query);
        },
        release: (error) => {
          client.release(error);
        },
      };
    },
  };
}

/** Decisions of the log that were made by a policy that was not the current one, without a code for it. */
async function misplaced(ledger: Ledger): Promise<unknown[]> {
  let current: unknown;
  const wrong: unknown[] = [];
  for (const { kind, record } of await ledger.records(0, 1_000)) {
    if (kind === "policy") current = record["policy_version"];
    if (kind !== "decision") continue;
    const decision = record["decision"] as { policy_version: string; reason_codes: string[] };
    const isOutdated = decision.reason_codes.includes("policy_outdated");
    if (!isOutdated && decision.policy_version !== current) wrong.push(record);
  }
  return wrong;
}

describe.skipIf(!hasPostgres)("the current policy on the PostgreSQL ledger", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  function place() {
    const schema = newSchema();
    const admin = newPool(1);
    cleanUps.push(async () => {
      await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await admin.end();
    });
    const start = (policy: GuardianPolicyInput, { beforeWriting = nothing } = {}) => {
      const pool = newPool(CALLS);
      cleanUps.push(() => pool.end());
      const ledger = createPostgresLedger({
        pool: meddled(pool, beforeWriting),
        schema,
        clock: "caller",
        limitMs: 30_000,
      });
      return harness(policy, ledger);
    };
    return { start };
  }

  const many = ({ ask }: ReturnType<typeof harness>, prefix: string) =>
    Promise.all(Array.from({ length: CALLS }, (_, n) => ask(`${prefix}-${n}`, "1")));

  it("is registered again where the transaction that registered it was lost", async () => {
    const { start } = place();
    await start(WIDE).ledger.withdrawal("none");
    const old = start(WIDE, {
      beforeWriting: () => Promise.reject(new Error("the connection was cut")),
    });
    const lost = await many(old, "lost");
    expect(lost.map(said)).toEqual(Array(CALLS).fill("REJECT ledger_unavailable"));
    expect((await many(old, "kept")).map(({ final }) => final)).toEqual(Array(CALLS).fill(true));
    expect(await misplaced(old.ledger)).toEqual([]);
    const next = start(STRICT);
    expect((await next.ask("next", "1")).final).toBe(true);
    expect(said(await old.ask("late", "1"))).toBe("REJECT policy_outdated");
  });

  it("is one of two that are registered at the same moment: the other process decides nothing", async () => {
    const { start } = place();
    const first = start(WIDE);
    await first.ledger.withdrawal("none");
    // It has read that there is none, and the other one registers before it writes.
    const second = start(STRICT, {
      beforeWriting: async () => {
        expect((await first.ask("first", "1", { wallet_id: "hot-2" })).final).toBe(true);
      },
    });
    expect(said(await second.ask("second", "1"))).toBe("REJECT policy_outdated");
    expect((await first.ask("first-2", "1")).final).toBe(true);
    const records = await first.ledger.records(0, 100);
    expect(records.filter(({ kind }) => kind === "policy")).toHaveLength(1);
    expect(await misplaced(first.ledger)).toEqual([]);
  });
});
