/** The contract of every ledger: what the port's docs promise, run against each adapter. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  Ledger,
  LedgerReads,
  LedgerWrites,
  Scope,
  StoredWithdrawal,
} from "../../src/index.js";

const HASH = "0".repeat(64);
const MAX = 2n ** 63n - 1n;
const wallet: Scope = { type: "wallet", id: "a" };

const stored = (id: string, more: Partial<StoredWithdrawal> = {}): StoredWithdrawal => ({
  withdrawal_id: id,
  wallet_id: "a",
  account_id: null,
  amount: 100n,
  content_hash: HASH,
  status: "reserved",
  counts: "allowed",
  counted_at_ms: 1_000,
  allowed_at_ms: 1_000,
  txid: null,
  answer: null,
  ...more,
});

const usage = (more: Partial<LedgerReads["scopes"][number]["usages"][number]> = {}) => ({
  window_ms: 1_000,
  with_asked: false,
  keep_amount: null,
  keep_count: null,
  ...more,
});

const reads = (more: Partial<LedgerReads> = {}, usages = [usage()], scope = wallet) => ({
  now_ms: 1_500,
  withdrawal_id: null,
  scopes: [{ scope, lock: true, usages, attempts: { window_ms: 1_000, limit: 10 } }],
  freezes: null,
  ...more,
});

/** Declares the suite for one kind of ledger. */
export function describeLedger(name: string, createLedger: () => Ledger): void {
  describe(`ledger contract: ${name}`, () => {
    let ledger: Ledger;
    beforeEach(() => {
      ledger = createLedger();
    });
    afterEach(() => ledger.close());

    const look = (asked: LedgerReads) =>
      ledger.transact(asked, (snapshot) => ({ result: snapshot, writes: null }));
    const write = (writes: LedgerWrites, asked: LedgerReads = reads({ now_ms: 0 })) =>
      ledger.transact(asked, () => ({ result: null, writes }));
    const firstUsage = async (asked: LedgerReads) => (await look(asked)).scopes[0]!.usages[0]!;

    it("returns a withdrawal as it was put, and replaces it by id", async () => {
      expect(await ledger.withdrawal("w")).toBeNull();
      await write({ withdrawal: stored("w", { account_id: "acc", amount: MAX, answer: "{}" }) });
      await write({
        withdrawal: stored("w", {
          account_id: "acc",
          amount: MAX,
          status: "committed",
          txid: HASH,
        }),
      });
      const expected = stored("w", {
        account_id: "acc",
        amount: MAX,
        status: "committed",
        txid: HASH,
      });
      expect(await ledger.withdrawal("w")).toEqual(expected);
      const snapshot = await look(reads({ withdrawal_id: "w" }));
      expect(snapshot.withdrawal).toEqual(expected);
      expect(snapshot.scopes[0]!.usages[0]).toMatchObject({ count: 0 });
    });

    it.each([
      [1_999, 1], // 1,999 − 1,000 = 999 < 1,000
      [2_000, 0], // 2,000 − 1,000 = 1,000: out
    ])("counts an entry of 1,000 in a window of 1,000 at %i: %i", async (now_ms, count) => {
      await write({ withdrawal: stored("w") });
      expect(await firstUsage(reads({ now_ms }))).toMatchObject({ count });
    });

    it("sums beyond 64 bits exactly", async () => {
      for (const id of ["a", "b", "c"]) await write({ withdrawal: stored(id, { amount: MAX }) });
      expect((await firstUsage(reads())).amount).toBe(3n * MAX);
    });

    it.each([
      [false, 100n, 1],
      [true, 300n, 2],
    ])("counts what was asked only where asked for: %s", async (with_asked, amount, count) => {
      await write({ withdrawal: stored("allowed") });
      await write({
        withdrawal: stored("asked", { amount: 200n, status: "open", counts: "asked" }),
      });
      await write({
        withdrawal: stored("nothing", {
          status: "released",
          counts: "nothing",
          counted_at_ms: null,
        }),
      });
      expect(await firstUsage(reads({}, [usage({ with_asked })]))).toEqual({
        amount,
        count,
        free_at_ms: null,
      });
    });

    it.each<[string, Scope, bigint]>([
      ["account", { type: "account", id: "x" }, 1n],
      ["wallet", wallet, 3n],
      ["another wallet", { type: "wallet", id: "b" }, 4n],
      ["global", { type: "global", id: "global" }, 7n],
    ])("sums the scope %s alone", async (_name, scope, amount) => {
      await write({ withdrawal: stored("1", { amount: 1n, account_id: "x" }) });
      await write({ withdrawal: stored("2", { amount: 2n }) });
      await write({ withdrawal: stored("3", { amount: 4n, wallet_id: "b", account_id: "y" }) });
      expect(await firstUsage(reads({}, [usage()], scope))).toMatchObject({ amount });
    });

    it.each([
      // 100 at 1,000 + 100 at 1,200 + 100 at 1,300 = 300
      [{ keep_amount: 300n }, null],
      [{ keep_amount: 200n }, 2_000],
      [{ keep_amount: 199n }, 2_200],
      [{ keep_amount: 0n }, 2_300],
      [{ keep_count: 2 }, 2_000],
      [{ keep_count: 0, keep_amount: 200n }, 2_300],
    ])("says when a window has room for %o: %s", async (keep, free_at_ms) => {
      for (const at of [1_000, 1_200, 1_300]) {
        await write({ withdrawal: stored(`w-${at}`, { counted_at_ms: at }) });
      }
      expect((await firstUsage(reads({}, [usage(keep)]))).free_at_ms).toBe(free_at_ms);
    });

    it("takes out of a window, at its time, what is released later or counts anew", async () => {
      for (const at of [1_000, 1_200, 1_300]) {
        await write({ withdrawal: stored(`w-${at}`, { counted_at_ms: at }) });
      }
      const nothing = { status: "released", counts: "nothing", counted_at_ms: null } as const;
      await write({ withdrawal: stored("w-1000", nothing) });
      await write({ withdrawal: stored("w-1200", { counted_at_ms: 1_250 }) });
      const keep = [usage({ keep_amount: 100n })];
      const now = await firstUsage(reads({}, keep));
      expect(now).toEqual({ amount: 200n, count: 2, free_at_ms: 2_250 });
      const later = await firstUsage(reads({ now_ms: 2_250 }, keep));
      expect(later).toEqual({ amount: 100n, count: 1, free_at_ms: null });
    });

    it("finds the last ALLOW of another id, released or not", async () => {
      await write({ withdrawal: stored("early", { allowed_at_ms: 900 }) });
      await write({
        withdrawal: stored("late", {
          status: "released",
          counts: "nothing",
          counted_at_ms: null,
          allowed_at_ms: 1_100,
        }),
      });
      expect((await look(reads())).scopes[0]!.last_allow_ms).toBe(1_100);
      const own = await look(reads({ withdrawal_id: "late" }));
      expect(own.scopes[0]!.last_allow_ms).toBe(900);
    });

    it("never lets the time of a locked scope run backwards", async () => {
      await write({}, reads({ now_ms: 5_000 }));
      expect((await look(reads({ now_ms: 4_000 }))).now_ms).toBe(5_000);
      expect((await look(reads({ now_ms: 6_000 }))).now_ms).toBe(6_000);
      const other = reads({ now_ms: 4_000 }, [], { type: "wallet", id: "b" });
      expect((await look(other)).now_ms).toBe(4_000);
    });

    it("sets, lists and lifts freezes by scope and kind, or by cause", async () => {
      const freeze = { scope: wallet, frozen_at_ms: 1, operator: null, reason: "r" } as const;
      const other = { ...freeze, scope: { type: "wallet", id: "b" } } as const;
      const risk = { ...freeze, cause_id: "shared", kind: "risk" } as const;
      const limit = { ...freeze, cause_id: "own", kind: "limit" } as const;
      await write({ freezes: [risk, limit, { ...other, cause_id: "shared", kind: "risk" }] });
      await write({ freezes: [{ ...risk, frozen_at_ms: 9 }] });
      const kinds = async (scope = wallet) =>
        (await look(reads({}, [], scope))).scopes[0]!.frozen_by;
      expect(new Set(await kinds())).toEqual(new Set(["risk", "limit"]));
      const listed = (await look(reads({ freezes: { scope: wallet } }))).freezes;
      expect(listed).toHaveLength(2);
      expect(listed).toContainEqual(risk);
      await write({ lifts: [{ scope: wallet, kinds: ["limit"] }] });
      expect(await kinds()).toEqual(["risk"]);
      expect((await look(reads({ freezes: { cause_id: "shared" } }))).freezes).toHaveLength(2);
      await write({ lifts: [{ cause_id: "shared" }] });
      expect([await kinds(), await kinds(other.scope)]).toEqual([[], []]);
    });

    it("counts recent attempts up to a limit", async () => {
      for (const now_ms of [100, 600, 700]) {
        await write({ attempts: [wallet] }, reads({ now_ms }));
      }
      // at 1,100 the attempt of 100 is 1,000 old: out
      expect((await look(reads({ now_ms: 1_100 }))).scopes[0]!.attempts).toBe(2);
      const one = {
        scope: wallet,
        lock: true,
        usages: [],
        attempts: { window_ms: 1_000, limit: 1 },
      };
      const limited = reads({ now_ms: 1_000, scopes: [one] });
      expect((await look(limited)).scopes[0]!.attempts).toBe(1);
      await write({ new_series: [wallet], attempts: [wallet] }, reads({ now_ms: 1_000 }));
      expect((await look(reads({ now_ms: 1_000 }))).scopes[0]!.attempts).toBe(1);
    });

    it("appends records in order and pages through them", async () => {
      for (const n of [1, 2, 3]) {
        const record = { kind: "decision", json: JSON.stringify({ n }) } as const;
        await write({ record }, reads({ now_ms: n }));
      }
      expect(await ledger.records(0, 2)).toEqual([
        { seq: 1, at_ms: 1, kind: "decision", record: { n: 1 } },
        { seq: 2, at_ms: 2, kind: "decision", record: { n: 2 } },
      ]);
      expect((await ledger.records(2, 10)).map(({ seq }) => seq)).toEqual([3]);
    });

    it("writes nothing when the decision throws", async () => {
      const failing = ledger.transact(reads({ now_ms: 9_000 }), () => {
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow();
      expect((await look(reads())).now_ms).toBe(1_500);
    });

    it("refuses to serve after close", async () => {
      await ledger.close();
      await expect(ledger.withdrawal("w")).rejects.toMatchObject({ code: "ledger_unavailable" });
    });
  });
}
