/** Contract of a ledger: what counts in a window, until when, and when there is room. */
import { describe, expect, it } from "vitest";
import type { Scope } from "../../../src/scopes.js";
import {
  ACCOUNT,
  type Calls,
  GLOBAL,
  MAX,
  NOTHING,
  OTHER,
  reads,
  scopeRead,
  stored,
  usage,
  WALLET,
} from "./fixtures.js";

/** Declares this part of the suite. */
export function describeWindows({ put, write, look, firstScope, firstUsage }: Calls): void {
  describe("windows", () => {
    it.each([
      [1_999, 1], // 1,999 − 1,000 = 999 < 1,000
      [2_000, 0], // 2,000 − 1,000 = 1,000: out
    ])("count an entry of 1,000 in a window of 1,000 at %i: %i", async (now_ms, count) => {
      await put(stored("w"));
      expect(await firstUsage(reads({ now_ms }))).toMatchObject({ count });
    });

    it.each([
      [0, 1], // from the ALLOW on, though it is counted from 3,000
      [2_999, 1],
      [3_999, 1], // 3,999 − 3,000 = 999 < 1,000
      [4_000, 0],
    ])("count at %i an entry whose counted time, 3,000, lies ahead: %i", async (now_ms, count) => {
      await put(stored("w", { counted_at_ms: 3_000, allowed_at_ms: 0 }));
      expect(await firstUsage(reads({ now_ms }))).toMatchObject({ amount: BigInt(100 * count) });
    });

    it.each([
      [1, 1_999, 1],
      [1_000_000, 1_999, 1],
      [1, 2_000, 0],
      [1_000_000, 2_000, 0],
    ])(
      "of %i ms count at %i what is reserved until 2,000: %i",
      async (window_ms, now_ms, count) => {
        await put(stored("w", { status: "reserved", counts: "reserved", counted_at_ms: 2_000 }));
        expect(await firstUsage(reads({ now_ms }, [usage({ window_ms })]))).toMatchObject({
          amount: BigInt(100 * count),
          count,
        });
      },
    );

    it("sum beyond 64 bits exactly", async () => {
      for (const id of ["a", "b", "c"]) await put(stored(id, { amount: MAX }));
      await put(
        stored("d", { amount: MAX, counts: "reserved", status: "reserved", counted_at_ms: 9_000 }),
      );
      expect((await firstUsage(reads())).amount).toBe(4n * MAX);
    });

    it.each([
      [false, 100n, 1],
      [true, 300n, 2],
    ])(
      "count requested amounts only where the window includes them: %s",
      async (include_requested, amount, count) => {
        await put(stored("allowed"));
        await put(stored("asked", { amount: 200n, status: "open", counts: "asked" }));
        await put(stored("nothing", NOTHING));
        expect(await firstUsage(reads({}, [usage({ include_requested })]))).toEqual({
          amount,
          count,
          free_at_ms: null,
        });
      },
    );

    it.each<[string, Scope, bigint]>([
      ["account", ACCOUNT, 1n],
      ["wallet", WALLET, 3n],
      ["another wallet", OTHER, 4n],
      ["global", GLOBAL, 7n],
    ])("sum the scope %s alone", async (_name, scope, amount) => {
      await put(stored("1", { amount: 1n, account_id: "x" }));
      await put(stored("2", { amount: 2n }));
      await put(stored("3", { amount: 4n, wallet_id: "b", account_id: "y" }));
      expect(await firstUsage(reads({}, [usage()], scope))).toMatchObject({ amount });
    });

    it("answer the questions of each scope in their order", async () => {
      await put(stored("1", { account_id: "x", counted_at_ms: 600, allowed_at_ms: 600 }));
      await put(stored("2", { counted_at_ms: 1_400, allowed_at_ms: 1_400 }));
      const usages = [usage({ window_ms: 500 }), usage(), usage({ keep_count: 0 })];
      const { scopes } = await look(
        reads({ scopes: [scopeRead(ACCOUNT, usages), scopeRead(WALLET, usages)] }),
      );
      expect(scopes.map(({ scope }) => scope)).toEqual([ACCOUNT, WALLET]);
      expect(scopes.map((scope) => scope.usages.map(({ count }) => count))).toEqual([
        [0, 1, 1],
        [1, 2, 2],
      ]);
      expect(scopes.map((scope) => scope.usages[2]!.free_at_ms)).toEqual([1_600, 2_400]);
    });

    it.each([
      // 100 at 1,000 + 100 at 1,200 + 100 at 1,300 = 300
      [{ keep_amount: 300n }, null],
      [{ keep_amount: 200n }, 2_000],
      [{ keep_amount: 199n }, 2_200],
      [{ keep_amount: 0n }, 2_300],
      [{ keep_count: 2 }, 2_000],
      [{ keep_count: 0, keep_amount: 200n }, 2_300],
    ])("give the time at which they have room for %o: %s", async (keep, free_at_ms) => {
      for (const at of [1_000, 1_200, 1_300]) {
        await put(stored(`w-${at}`, { counted_at_ms: at }));
      }
      expect((await firstUsage(reads({}, [usage(keep)]))).free_at_ms).toBe(free_at_ms);
    });

    it.each([
      // reserved until 1,800 and 5,000; allowed at 1,000 (until 2,000) and ahead at 3,000 (until 4,000)
      [300n, 1_800],
      [200n, 2_000],
      [100n, 4_000],
      [0n, 5_000],
    ])("keep %s free at %i, of reservations and of times ahead", async (keep_amount, at) => {
      const reserved = { status: "reserved", counts: "reserved" } as const;
      await put(stored("long", { ...reserved, counted_at_ms: 5_000 }));
      await put(stored("ahead", { counted_at_ms: 3_000 }));
      await put(stored("short", { ...reserved, counted_at_ms: 1_800 }));
      await put(stored("now", { counted_at_ms: 1_000 }));
      const asked = [usage({ keep_amount })];
      expect(await firstUsage(reads({}, asked))).toEqual({
        amount: 400n,
        count: 4,
        free_at_ms: at,
      });
      expect((await firstUsage(reads({ now_ms: at }, asked))).free_at_ms).toBeNull();
      expect((await firstUsage(reads({ now_ms: at - 1 }, asked))).free_at_ms).toBe(at);
    });

    it("leave out, at its time, what is released later or counts anew", async () => {
      for (const at of [1_000, 1_200, 1_300]) {
        await put(stored(`w-${at}`, { counted_at_ms: at }));
      }
      await put(stored("w-1000", NOTHING));
      await put(stored("w-1200", { counted_at_ms: 1_250 }));
      const keep = [usage({ keep_amount: 100n })];
      const now = await firstUsage(reads({}, keep));
      expect(now).toEqual({ amount: 200n, count: 2, free_at_ms: 2_250 });
      const later = await firstUsage(reads({ now_ms: 2_250 }, keep));
      expect(later).toEqual({ amount: 100n, count: 1, free_at_ms: null });
    });

    it("follow a withdrawal from its reservation to its claim, and give back what is not claimed", async () => {
      const reserved = { status: "reserved", counts: "reserved", counted_at_ms: 2_000 } as const;
      await put(stored("claimed", reserved));
      await put(stored("renewed", reserved));
      await put(stored("ended", reserved));
      await put(stored("claimed", { counted_at_ms: 2_500 }));
      await put(stored("renewed", { ...reserved, counted_at_ms: 2_600 }));
      await put(stored("ended", { status: "open", counts: "nothing", counted_at_ms: null }));
      const counts = (now_ms: number) => firstUsage(reads({ now_ms }));
      expect(await counts(1_999)).toMatchObject({ amount: 200n, count: 2 });
      expect(await counts(2_599)).toMatchObject({ amount: 200n, count: 2 });
      expect(await counts(2_600)).toMatchObject({ amount: 100n, count: 1 });
      expect(await counts(3_499)).toMatchObject({ amount: 100n, count: 1 });
      expect(await counts(3_500)).toMatchObject({ amount: 0n, count: 0 });
    });

    it("have counts for the global scope though no window needed them before", async () => {
      await put(stored("1", { amount: 1n }), stored("2", { amount: 2n, wallet_id: "b" }));
      await put(stored("1", NOTHING));
      expect(await firstUsage(reads({}, [usage()], GLOBAL))).toMatchObject({
        amount: 2n,
        count: 1,
      });
      expect((await firstScope(reads({}, [], GLOBAL))).last_allow_ms).toBe(1_000);
    });

    it("never let the time of a locked scope run backwards", async () => {
      await write({}, reads({ now_ms: 5_000 }));
      expect((await look(reads({ now_ms: 4_000 }))).now_ms).toBe(5_000);
      expect((await look(reads({ now_ms: 6_000 }))).now_ms).toBe(6_000);
      expect((await look(reads({ now_ms: 4_000 }, [], OTHER))).now_ms).toBe(4_000);
      const unlocked = reads({ now_ms: 4_000, scopes: [scopeRead(WALLET, [], { lock: false })] });
      expect((await look(unlocked)).now_ms).toBe(4_000);
    });

    it("leave the times as they are where they are to be kept, and take another time where one is given", async () => {
      await write({ keep_times: true }, reads({ now_ms: 5_000 }));
      expect((await look(reads({ now_ms: 4_000 }))).now_ms).toBe(4_000);
      await write({ now_ms: 4_500 }, reads({ now_ms: 5_000 }));
      expect((await look(reads({ now_ms: 4_000 }))).now_ms).toBe(4_500);
    });
  });
}
