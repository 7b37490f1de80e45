/** Contract of a ledger: retention in bounded steps, which changes nothing that counts. */
import { describe, expect, it } from "vitest";
import type { PruneStep } from "../../../src/ports.js";
import {
  ACCOUNT,
  type Calls,
  GLOBAL,
  NOTHING,
  reads,
  scopeRead,
  stored,
  TXID,
  usage,
  WALLET,
} from "./fixtures.js";

const step = (more: Partial<PruneStep> = {}): PruneStep => ({
  settled_before_ms: null,
  sums_before_ms: null,
  records_through_seq: null,
  limit: 1_000,
  ...more,
});

/** Most steps that a test takes before it gives up. */
const MAX_STEPS = 500;

/** Declares this part of the suite. */
export function describeRetention({
  ledger,
  put,
  write,
  look,
  firstUsage,
  firstScope,
}: Calls): void {
  /** Rows of all steps until nothing is left to do. */
  async function prune(asked: PruneStep): Promise<number> {
    let rows = 0;
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const pruned = await ledger().prune(asked);
      expect(pruned.rows).toBeLessThanOrEqual(asked.limit);
      rows += pruned.rows;
      if (pruned.done) return rows;
    }
    throw new Error(`not done after ${MAX_STEPS} steps`);
  }

  describe("retention", () => {
    it("removes the state of what was settled before a time, and nothing else of it", async () => {
      const state = '{"answer":{}}';
      const committed = { status: "committed", txid: TXID, state } as const;
      const rows = [
        stored("old", { ...committed, counted_at_ms: 900, allowed_at_ms: 900 }),
        stored("new", { ...committed, counted_at_ms: 5_000, allowed_at_ms: 900 }),
        stored("claimed", { state, counted_at_ms: 900, allowed_at_ms: 900 }),
        stored("released", { ...NOTHING, state, allowed_at_ms: 900 }),
        stored("just released", { ...NOTHING, state, allowed_at_ms: 5_000 }),
        stored("open", {
          status: "open",
          counts: "asked",
          counted_at_ms: 900,
          allowed_at_ms: null,
          state,
        }),
      ];
      await put(...rows);
      expect(await prune(step({ settled_before_ms: 1_000, limit: 1 }))).toBe(2);
      const pruned = ["old", "released"];
      for (const row of rows) {
        const expected = pruned.includes(row.withdrawal_id) ? { ...row, state: null } : row;
        expect(await ledger().withdrawal(row.withdrawal_id)).toEqual(expected);
      }
      expect(await prune(step({ settled_before_ms: 1_000 }))).toBe(0);
      expect(await prune(step({ settled_before_ms: 6_000 }))).toBe(2);
    });

    it("keeps the state of settled payments of several payouts, and shrinks what comes after them", async () => {
      const settled = { status: "committed", txid: TXID, allowed_at_ms: 900 } as const;
      const listed = '{"payouts":[["p-1",null,"100","00"]]}';
      const quoted = JSON.stringify({ record: '"payouts":' });
      const heads = [1, 2, 3].map((n) =>
        stored(`head-${n}`, { ...settled, counts: "nothing", counted_at_ms: null, state: listed }),
      );
      const single = stored("single", { ...settled, counted_at_ms: 900, state: quoted });
      await put(...heads, single);
      expect(await prune(step({ settled_before_ms: 1_000, limit: 2 }))).toBe(1);
      for (const head of heads) expect(await ledger().withdrawal(head.withdrawal_id)).toEqual(head);
      expect((await ledger().withdrawal("single"))?.state).toBeNull();
      expect(await prune(step({ settled_before_ms: 1_000 }))).toBe(0);
    });

    it("removes records through a number, which is never given again", async () => {
      const records = [1, 2, 3].map(() => ({ kind: "decision", json: "{}" }) as const);
      await write({ records });
      expect(await prune(step({ records_through_seq: 2, limit: 1 }))).toBe(2);
      expect((await ledger().records(0, 10)).map(({ seq }) => seq)).toEqual([3]);
      expect(await prune(step({ records_through_seq: 3 }))).toBe(1);
      expect(await ledger().records(0, 10)).toEqual([]);
      await write({ records });
      expect((await ledger().records(0, 10)).map(({ seq }) => seq)).toEqual([4, 5, 6]);
      expect(await prune(step({ records_through_seq: 99 }))).toBe(3);
      await write({ records });
      expect((await ledger().records(0, 10)).map(({ seq }) => seq)).toEqual([7, 8, 9]);
    });

    it("merges old sums, and every window that is read afterwards counts the same", async () => {
      const at = (n: number) => 1_000 + n * 10;
      for (let n = 0; n < 60; n++) {
        await put(stored(`w-${n}`, { account_id: n % 2 === 0 ? "x" : "y", counted_at_ms: at(n) }));
      }
      for (const n of [5, 20, 31, 32, 50])
        await put(stored(`w-${n}`, { ...NOTHING, account_id: n % 2 === 0 ? "x" : "y" }));
      await put(stored("r", { status: "reserved", counts: "reserved", counted_at_ms: 1_100 }));
      await put(stored("s", { status: "reserved", counts: "reserved", counted_at_ms: 9_000 }));
      const asked = [200, 150, 37, 1].map((window_ms) => usage({ window_ms, keep_amount: 0n }));
      const counts = () =>
        Promise.all(
          [WALLET, ACCOUNT, GLOBAL].map(
            async (scope) => (await firstScope(reads({ now_ms: 1_600 }, asked, scope))).usages,
          ),
        );
      const before = await counts();
      expect(before[0]?.[0]?.count).toBe(18 + 1); // of 1,410 to 1,590, without the one of 1,500, and a reservation
      await prune(step({ sums_before_ms: 1_400, limit: 7 }));
      expect(await counts()).toEqual(before);
      expect(await prune(step({ sums_before_ms: 1_400 }))).toBe(0);
      await put(
        stored("w-45", { ...NOTHING, account_id: "y" }),
        stored("late", { account_id: "x", counted_at_ms: 1_620 }),
      );
      expect(await firstUsage(reads({ now_ms: 1_630 }, [usage({ window_ms: 230 })]))).toMatchObject(
        { count: 18 + 1 },
      );
    });

    it("removes old attempts and old freezes of accounts", async () => {
      const account_freezes = [{ wallet_id: "a", account_id: "x" }];
      for (const now_ms of [1_000, 1_001, 1_500]) {
        await write({ attempts: [WALLET], account_freezes }, reads({ now_ms }));
      }
      expect(await prune(step({ sums_before_ms: 1_400, limit: 1 }))).toBeGreaterThan(0);
      const attempts = { window_ms: 100, limit: 10 };
      const { scopes, account_freezes: accounts } = await look(
        reads({
          scopes: [scopeRead(WALLET, [], { attempts })],
          account_freezes: { wallet_id: "a", ...attempts },
        }),
      );
      expect([scopes[0]!.attempts, accounts]).toEqual([1, 1]);
    });

    it("does nothing where nothing is requested", async () => {
      await put(stored("w", { status: "committed", txid: TXID, state: "{}" }));
      expect(await ledger().prune(step())).toEqual({ rows: 0, done: true });
    });

    it("lets others go on between its steps", async () => {
      for (let n = 0; n < 30; n++)
        await put(
          stored(`w-${n}`, {
            counted_at_ms: 1_000 + n,
            status: "committed",
            txid: TXID,
            state: "{}",
          }),
        );
      const order: string[] = [];
      const pruning = (async () => {
        await prune(step({ settled_before_ms: 5_000, sums_before_ms: 1_020, limit: 2 }));
        order.push("pruned");
      })();
      await put(stored("meanwhile", { counted_at_ms: 1_100 }));
      order.push("put");
      await pruning;
      expect(order).toEqual(["put", "pruned"]);
      expect((await firstUsage(reads({ now_ms: 1_110 }, [usage({ window_ms: 90 })]))).count).toBe(
        10,
      );
    });
  });
}
