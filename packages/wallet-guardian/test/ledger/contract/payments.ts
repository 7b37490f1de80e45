/** Contract of a ledger: rows by id, payments of several rows, what is left out for the request itself, the last ALLOW. */
import { describe, expect, it } from "vitest";
import type { Scope } from "../../../src/scopes.js";
import {
  ACCOUNT,
  type Calls,
  GLOBAL,
  MAX,
  NOTHING,
  OTHER,
  payment,
  reads,
  scopeRead,
  stored,
  TXID,
  usage,
  WALLET,
} from "./fixtures.js";

const PAYOUTS = [
  { id: "p-1", account: "x", amount: 1n },
  { id: "p-2", account: "x", amount: 2n },
  { id: "p-3", account: "y", amount: 4n },
];
const OWN = ["p", "p-1", "p-2", "p-3"];
const ACCOUNT_Y: Scope = { type: "account", id: "y" };

/** Declares this part of the suite. */
export function describePayments(calls: Calls): void {
  const { ledger, put, look, write, firstScope, firstUsage } = calls;
  describe("payments", () => {
    it("are returned as they were put, and replaced by id", async () => {
      expect(await ledger().withdrawal("w")).toBeNull();
      const first = stored("w", { account_id: "acc", amount: MAX, state: '{"a":1}' });
      await put(first);
      expect(await ledger().withdrawal("w")).toEqual(first);
      const second = stored("w", {
        account_id: "acc",
        amount: MAX,
        status: "committed",
        txid: TXID,
      });
      await put(second);
      expect(await ledger().withdrawal("w")).toEqual(second);
    });

    it.each(["open", "reserved", "claimed", "committed", "released"] as const)(
      "keep the status %s and everything beside it",
      async (status) => {
        const counts = { reserved: "reserved", open: "asked", released: "nothing" } as const;
        const row = stored("w", {
          status,
          counts: status === "claimed" || status === "committed" ? "allowed" : counts[status],
          counted_at_ms: status === "released" ? null : 7_000,
          allowed_at_ms: status === "open" ? null : 5_000,
          txid: status === "committed" ? TXID : null,
          state: status === "open" ? null : JSON.stringify({ status }),
        });
        await put(row);
        expect(await ledger().withdrawal("w")).toEqual(row);
      },
    );

    it("are read in the order of the ids, with null for the unknown ones", async () => {
      await put(stored("w-1"), stored("w-2", { wallet_id: "b" }));
      const { withdrawals } = await look(reads({ ids: ["w-2", "none", "w-1"] }));
      expect(withdrawals).toEqual([stored("w-2", { wallet_id: "b" }), null, stored("w-1")]);
    });

    it("have a head and a row for each payout", async () => {
      const rows = payment("p", PAYOUTS, { state: "{}" });
      await put(...rows);
      expect((await look(reads({ ids: OWN }))).withdrawals).toEqual(rows);
    });

    it("may have 1,000 payouts", async () => {
      const payouts = Array.from({ length: 1_000 }, (_, n) => ({
        id: `p-${n}`,
        account: `account-${n % 7}`,
        amount: BigInt(n + 1),
      }));
      const rows = payment("p", payouts);
      await put(...rows);
      const ids = rows.map((row) => row.withdrawal_id);
      const snapshot = await look(reads({ ids }));
      expect(snapshot.withdrawals).toEqual(rows);
      expect(snapshot.scopes[0]!.usages[0]).toMatchObject({ amount: 0n, count: 0 });
      // 1 + 2 + … + 1,000
      expect(await firstUsage(reads())).toMatchObject({ amount: 500_500n, count: 1_000 });
    });

    it.each<Readonly<{ name: string; scope: Scope; amount: bigint; count: number }>>([
      { name: "account of two payouts", scope: ACCOUNT, amount: 3n, count: 2 },
      { name: "account of one payout", scope: ACCOUNT_Y, amount: 4n, count: 1 },
      { name: "wallet", scope: WALLET, amount: 7n, count: 3 },
      { name: "global", scope: GLOBAL, amount: 7n, count: 3 },
    ])("count in the scope $name what belongs to it, and the head nowhere", async (expected) => {
      await put(...payment("p", PAYOUTS));
      const { scope, amount, count } = expected;
      expect(await firstUsage(reads({}, [usage()], scope))).toMatchObject({ amount, count });
    });

    it.each<[string, Scope, bigint]>([
      ["account", ACCOUNT, 8n],
      ["other account", ACCOUNT_Y, 0n],
      ["wallet", WALLET, 8n],
      ["other wallet", OTHER, 16n],
      ["global", GLOBAL, 24n],
    ])(
      "leave out in the scope %s their own rows that belong to it",
      async (_name, scope, amount) => {
        await put(...payment("p", PAYOUTS));
        await put(stored("other", { account_id: "x", amount: 8n }));
        await put(stored("elsewhere", { wallet_id: "b", amount: 16n }));
        const own = await firstUsage(reads({ ids: OWN }, [usage()], scope));
        expect(own).toMatchObject({ amount });
        const some = await firstUsage(reads({ ids: ["p-1", "p-3"] }, [usage()], scope));
        const stays = scope === ACCOUNT || scope === WALLET || scope === GLOBAL ? 2n : 0n;
        expect(some).toMatchObject({ amount: amount + stays });
      },
    );

    it("leave out their own reservations and requests, for as long as they count", async () => {
      await put(stored("r", { status: "reserved", counts: "reserved", counted_at_ms: 1_800 }));
      await put(stored("a", { status: "open", counts: "asked", counted_at_ms: 1_100 }));
      await put(stored("o", { counted_at_ms: 1_700 }));
      const asked = [usage({ include_requested: true, keep_amount: 0n })];
      const at = (now_ms: number, ids: string[]) => firstUsage(reads({ now_ms, ids }, asked));
      expect(await at(1_500, [])).toMatchObject({ amount: 300n, free_at_ms: 2_700 });
      expect(await at(1_500, ["r", "a"])).toMatchObject({ amount: 100n, count: 1 });
      expect(await at(1_500, ["o", "none"])).toMatchObject({ amount: 200n, free_at_ms: 2_100 });
      expect(await at(1_900, ["r"])).toMatchObject({ amount: 200n, free_at_ms: 2_700 });
      expect(await at(2_200, ["r", "a"])).toMatchObject({ amount: 100n, count: 1 });
    });

    it("leave out the row of an id that stands in the reads for another wallet in that one alone", async () => {
      await put(stored("w"), stored("v", { wallet_id: "b", amount: 5n }));
      expect(await firstUsage(reads({ ids: ["v"] }))).toMatchObject({ amount: 100n });
      expect(await firstUsage(reads({ ids: ["v"] }, [usage()], OTHER))).toMatchObject({
        amount: 0n,
      });
    });

    it("note their last ALLOW in the scopes of all their rows", async () => {
      await put(...payment("p", PAYOUTS, { allowed_at_ms: 1_100 }));
      for (const scope of [ACCOUNT, ACCOUNT_Y, WALLET, GLOBAL]) {
        expect((await firstScope(reads({}, [], scope))).last_allow_ms).toBe(1_100);
        const own = await firstScope(reads({ ids: OWN }, [], scope));
        expect(own.last_allow_ms).toBeNull();
        // a payout's id is not the payment's
        const payout = await firstScope(reads({ ids: ["p-1", "p"] }, [], scope));
        expect(payout.last_allow_ms).toBe(1_100);
      }
    });

    it("are held against the last ALLOW of another one, released or not", async () => {
      await put(stored("early", { allowed_at_ms: 900 }));
      await put(stored("late", { ...NOTHING, allowed_at_ms: 1_100 }));
      expect((await firstScope(reads())).last_allow_ms).toBe(1_100);
      expect((await firstScope(reads({ ids: ["late", "early"] }))).last_allow_ms).toBe(900);
      expect((await firstScope(reads({ ids: ["early", "late"] }))).last_allow_ms).toBe(1_100);
      const unlocked = reads({ scopes: [scopeRead(WALLET, [], { lock: false })] });
      expect((await firstScope(unlocked)).last_allow_ms).toBeNull();
    });

    it("give as the latest time that of a scope's entries, not what lies ahead by intent", async () => {
      await put(stored("w", { counted_at_ms: 9_000, allowed_at_ms: 1_200 }));
      expect((await look(reads({ now_ms: 100 }))).stored_ms).toBe(1_200);
      await write({}, reads({ now_ms: 1_300 }));
      expect((await look(reads({ now_ms: 100 }))).stored_ms).toBe(1_300);
      expect((await look(reads({ now_ms: 100 }, [], OTHER))).stored_ms).toBe(0);
    });

    it("write nothing when the decision throws, nor where it writes null", async () => {
      const failing = ledger().transact(reads({ now_ms: 9_000 }), () => {
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow();
      await look(reads({ now_ms: 9_000 }));
      expect((await look(reads())).now_ms).toBe(1_500);
    });

    it("are decided one after the other: a call from within a decision is rejected, and writes nothing", async () => {
      let inner: Promise<unknown> = Promise.resolve();
      await ledger().transact(reads({ ids: ["w"] }), () => {
        inner = ledger().transact(reads({ ids: ["v"] }), () => ({
          result: null,
          writes: { withdrawals: [stored("v")] },
        }));
        inner.catch(() => undefined);
        return { result: null, writes: { withdrawals: [stored("w")] } };
      });
      await expect(inner).rejects.toMatchObject({ name: "LedgerError" });
      expect(await ledger().withdrawal("w")).toEqual(stored("w"));
      expect(await ledger().withdrawal("v")).toBeNull();
      await put(stored("after"));
      expect(await ledger().withdrawal("after")).toEqual(stored("after"));
    });

    it("are all counted when they are put at the same time", async () => {
      await Promise.all(Array.from({ length: 20 }, (_, n) => put(stored(`w-${n}`))));
      expect(await firstUsage(reads())).toMatchObject({ amount: 2_000n, count: 20 });
    });
  });
}
