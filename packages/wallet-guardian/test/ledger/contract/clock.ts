/** Contract of a ledger: what an accepted clock makes of times that lie in the future. */
import { describe, expect, it } from "vitest";
import type { AcceptanceOrder } from "../../../src/ports.js";
import {
  ACCOUNT,
  type Calls,
  freeze,
  GLOBAL,
  OTHER,
  reads,
  stored,
  usage,
  WALLET,
} from "./fixtures.js";

const order = (more: Partial<AcceptanceOrder> = {}): AcceptanceOrder => ({
  ahead_ms: 500,
  recordOf: (nowMs) => ({ kind: "clock_accepted", json: JSON.stringify({ nowMs }) }),
  ...more,
});

const parsed = (state: string | null | undefined): unknown => JSON.parse(state ?? "null");

/** Declares this part of the suite. */
export function describeClock({
  ledger,
  put,
  write,
  look,
  firstScope,
  firstUsage,
  frozen,
}: Calls): void {
  describe("an accepted clock", () => {
    const accept = () => ledger().acceptClock(2_000, order());

    it("is counted, and recorded with its own time", async () => {
      expect((await look(reads())).accepted).toEqual({ count: 0, at_ms: 0 });
      expect(await accept()).toEqual({ count: 1, at_ms: 2_000 });
      expect(await ledger().acceptClock(1_900, order())).toEqual({ count: 2, at_ms: 1_900 });
      expect((await look(reads())).accepted).toEqual({ count: 2, at_ms: 1_900 });
      expect(await ledger().records(0, 10)).toEqual([
        { seq: 1, at_ms: 2_000, kind: "clock_accepted", record: { nowMs: 2_000 } },
        { seq: 2, at_ms: 1_900, kind: "clock_accepted", record: { nowMs: 1_900 } },
      ]);
    });

    it("dates counted times that lie too far ahead, and leaves the others", async () => {
      const reserved = { status: "reserved", counts: "reserved" } as const;
      const asked = { status: "open", counts: "asked", allowed_at_ms: null } as const;
      await put(
        stored("far", { account_id: "x", counted_at_ms: 5_000 }),
        stored("near", { counted_at_ms: 2_400 }),
        stored("past", { counted_at_ms: 1_700 }),
        stored("reserved", { ...reserved, counted_at_ms: 9_000 }),
        stored("asked", { ...asked, counted_at_ms: 8_000 }),
      );
      await put(stored("changed", { counted_at_ms: 7_000 }));
      await put(stored("changed", { counted_at_ms: 6_000, amount: 100n }));
      await accept();
      const times = await Promise.all(
        ["far", "near", "past", "reserved", "asked", "changed"].map(
          async (id) => (await ledger().withdrawal(id))?.counted_at_ms,
        ),
      );
      expect(times).toEqual([2_500, 2_400, 1_700, 2_500, 2_500, 2_500]);
      const all = [usage({ include_requested: true, keep_count: 0 })];
      const counts = async (now_ms: number, scope = WALLET) =>
        (await firstUsage(reads({ now_ms }, all, scope))).count;
      for (const scope of [WALLET, GLOBAL]) {
        expect(await counts(2_499, scope)).toBe(6);
        expect(await counts(2_500, scope)).toBe(5); // the reservation lapses
        expect(await counts(2_700, scope)).toBe(4); // 2,700 − 1,700 = 1,000
        expect(await counts(3_400, scope)).toBe(3); // 3,400 − 2,400
        expect(await counts(3_499, scope)).toBe(3);
        expect(await counts(3_500, scope)).toBe(0);
      }
      expect((await firstUsage(reads({ now_ms: 2_000 }, all, ACCOUNT))).free_at_ms).toBe(3_500);
    });

    it("goes on counting what changes afterwards", async () => {
      await put(stored("far", { counted_at_ms: 5_000 }), stored("other", { counted_at_ms: 6_000 }));
      await accept();
      await put({
        ...(await ledger().withdrawal("far"))!,
        status: "released",
        counts: "nothing",
        counted_at_ms: null,
      });
      await put(stored("new", { counted_at_ms: 2_600 }));
      expect(await firstUsage(reads({ now_ms: 2_550 }))).toMatchObject({ amount: 200n, count: 2 });
      expect(await firstUsage(reads({ now_ms: 3_500 }))).toMatchObject({ amount: 100n, count: 1 });
    });

    it("takes ALLOWs of the future out of force: their state loses its answer, nothing else", async () => {
      const state = JSON.stringify({
        answer: { decision: "ALLOW" },
        claims: [{ signer_id: null }],
      });
      await put(stored("future", { allowed_at_ms: 4_000, state }), stored("past", { state }));
      await put(stored("bare", { allowed_at_ms: 4_000, wallet_id: "b" }));
      await accept();
      const future = await ledger().withdrawal("future");
      expect(future).toMatchObject({ allowed_at_ms: 2_000, status: "claimed", counts: "allowed" });
      expect({ answer: null, ...(parsed(future?.state) as object) }).toEqual({
        answer: null,
        claims: [{ signer_id: null }],
      });
      const past = await ledger().withdrawal("past");
      expect(past?.allowed_at_ms).toBe(1_000);
      expect(parsed(past?.state)).toEqual(parsed(state));
      expect(await ledger().withdrawal("bare")).toMatchObject({
        allowed_at_ms: 2_000,
        state: null,
      });
      expect((await firstScope(reads({ now_ms: 0 }))).last_allow_ms).toBe(2_000);
      expect((await look(reads({ now_ms: 0 }))).stored_ms).toBe(2_000);
    });

    it("dates now the times of scopes, attempts, freezes and what is known, where they lie ahead", async () => {
      const account_freezes = [{ wallet_id: "a", account_id: "x" }];
      const later = { account_freezes: [{ wallet_id: "a", account_id: "y" }] };
      await write({ attempts: [WALLET], account_freezes }, reads({ now_ms: 1_500 }));
      await write({ attempts: [WALLET, OTHER], ...later }, reads({ now_ms: 9_000 }));
      const known = {
        owner: "wallet:a",
        shape: null,
        approved: false,
        lookalike: false,
        free_used: 0n,
      };
      await write({
        freezes: [
          freeze({ frozen_at_ms: 100 }),
          freeze({ frozen_at_ms: 7_000 }),
          freeze({ kind: "limit", frozen_at_ms: 8_000 }),
        ],
        destinations: [
          { ...known, script: "early", known_at_ms: 1_000 },
          { ...known, script: "late", known_at_ms: 9_000 },
        ],
      });
      await accept();
      const destinations = ["early", "late"].map((script) => ({
        owner: "wallet:a",
        script,
        shape: null,
      }));
      const window = { wallet_id: "a", window_ms: 1_000, limit: 10 };
      const at = (now_ms: number) =>
        look(reads({ now_ms, destinations, account_freezes: window, freezes: { scope: WALLET } }));
      const snapshot = await at(0);
      expect(snapshot.now_ms).toBe(2_000);
      expect(snapshot.destinations.map(({ stored: row }) => row?.known_at_ms)).toEqual([
        1_000, 2_000,
      ]);
      const listed = snapshot.freezes.map((row) => [row.kind, row.frozen_at_ms, row.last_at_ms]);
      expect(listed).toHaveLength(2);
      expect(listed).toContainEqual(["risk", 100, 2_000]);
      expect(listed).toContainEqual(["limit", 2_000, 2_000]);
      expect(await frozen()).toEqual([
        { kind: "risk", last_at_ms: 2_000 },
        { kind: "limit", last_at_ms: 2_000 },
      ]);
      const seen = async (now_ms: number) => {
        const { scopes, account_freezes: accounts } = await at(now_ms);
        return [scopes[0]!.attempts, accounts];
      };
      expect(await seen(2_499)).toEqual([2, 2]); // of 1,500 and of 2,000
      expect(await seen(2_500)).toEqual([1, 1]);
      expect(await seen(3_000)).toEqual([0, 0]);
    });

    it("writes nothing where its record cannot be made", async () => {
      await write({}, reads({ now_ms: 9_000 }));
      const recordOf = () => {
        throw new Error("no");
      };
      await expect(ledger().acceptClock(2_000, order({ recordOf }))).rejects.toThrow();
      const { accepted, now_ms } = await look(reads({ now_ms: 0 }));
      expect([accepted.count, now_ms]).toEqual([0, 9_000]);
      expect(await ledger().records(0, 1)).toEqual([]);
    });
  });
}
