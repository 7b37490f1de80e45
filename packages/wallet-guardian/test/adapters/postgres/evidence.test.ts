/** The generation of shared evidence: read under the locks of each transaction, and handed to the finalize hook. */
import type pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../../../src/adapters/postgres/index.js";
import { createGuardian, type FinalizeFacts } from "../../../src/index.js";
import { hasPostgres, newPool, newSchema } from "../../support/postgres.js";

const POLICY = { max_24h: "1000", cooldown_seconds: 0, claim: "explicit" } as const;

describe.skipIf(!hasPostgres)("the option evidenceTable", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function open(evidenceTable?: string) {
    const schema = newSchema();
    const pool: pg.Pool = newPool(4);
    cleanUps.push(async () => {
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    });
    const given = evidenceTable === undefined ? {} : { evidenceTable };
    const ledger = createPostgresLedger({ pool, schema, ...given });
    const guardian = createGuardian({ policy: POLICY, ledger, clock: Date.now });
    const seen: FinalizeFacts[] = [];
    const finalize = (_decision: unknown, facts: FinalizeFacts) => {
      seen.push(facts);
      return { allow: (facts.evidence_generation ?? 0) < 2, record: {} };
    };
    const evaluate = (withdrawal_id: string) =>
      guardian.evaluate({ withdrawal_id, wallet_id: "hot", amount: "1" }, "LOW", { finalize });
    const claim = (id: string) =>
      guardian.claim(id, { signer_id: "s", risk: { level: "LOW" }, finalize });
    const setGeneration = (generation: number) =>
      pool.query(
        `CREATE TABLE IF NOT EXISTS ${schema}.evidence (id integer PRIMARY KEY, generation bigint NOT NULL);
         INSERT INTO ${schema}.evidence VALUES (1, ${generation})
         ON CONFLICT (id) DO UPDATE SET generation = excluded.generation`,
      );
    return { pool, schema, ledger, evaluate, claim, seen, setGeneration };
  }

  it("hands each evaluation and claim the number that is committed when the locks are held", async () => {
    const { ledger, evaluate, claim, seen, setGeneration } = await open("evidence");
    await ledger.identity();
    await setGeneration(1);
    expect((await evaluate("w-1")).final).toBe(true);
    await setGeneration(2);
    expect((await evaluate("w-2")).final).toBe(false);
    expect((await claim("w-1")).reason_codes).toEqual(["finalize_refused"]);
    expect(seen).toEqual([1, 2, 2].map((evidence_generation) => ({ evidence_generation })));
  });

  it("reads what was raised while a call waited for its locks", async () => {
    const { pool, schema, ledger, evaluate, seen, setGeneration } = await open("evidence");
    await ledger.identity();
    await setGeneration(1);
    await evaluate("w-1");
    const holder = await pool.connect();
    await holder.query(`BEGIN; SELECT FROM ${schema}.locks WHERE key = 'wallet:hot' FOR UPDATE`);
    const waiting = evaluate("w-2");
    for (let waiters = 0; waiters === 0;) {
      const { rows } = await pool.query<{ n: string }>(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
        [`%"${schema}"%`],
      );
      waiters = Number(rows[0]?.n);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await setGeneration(2);
    await holder.query("COMMIT");
    holder.release();
    expect((await waiting).final).toBe(false);
    expect(seen.at(-1)).toEqual({ evidence_generation: 2 });
  });

  it("is 0 before the row is there, absent without the option, and a failure without the table", async () => {
    const bare = await open();
    await bare.evaluate("w-1");
    expect(bare.seen).toEqual([{}]);
    const missing = await open("evidence");
    expect((await missing.evaluate("w-1")).reason_codes).toEqual(["ledger_unavailable"]);
    await missing.setGeneration(1);
    await missing.pool.query(`DELETE FROM ${missing.schema}.evidence`);
    await missing.evaluate("w-2");
    expect(missing.seen).toEqual([{ evidence_generation: 0 }]);
    expect(() => createPostgresLedger({ pool: bare.pool, evidenceTable: "a.b" })).toThrow(
      RangeError,
    );
  });
});
