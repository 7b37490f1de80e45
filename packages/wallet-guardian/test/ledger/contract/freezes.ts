/** Contract of a ledger: freezes, their lists, attempts, and freezes of accounts counted for a wallet. */
import { describe, expect, it } from "vitest";
import { freezeKey } from "../../../src/ledger/freeze-key.js";
import type { StoredFreeze } from "../../../src/ports.js";
import {
  ACCOUNT,
  type Calls,
  freeze,
  GLOBAL,
  OTHER,
  reads,
  scopeRead,
  WALLET,
} from "./fixtures.js";

const OPERATOR = { kind: "operator", operator: "op", cause_id: "order-1" } as const;

/** Lists of a scope or a cause have no order of their own. */
const byTime = (freezes: readonly StoredFreeze[]): readonly StoredFreeze[] =>
  [...freezes].sort(
    (a, b) => a.frozen_at_ms - b.frozen_at_ms || freezeKey(a).localeCompare(freezeKey(b)),
  );

/** Declares this part of the suite. */
export function describeFreezes({ ledger, write, look, frozen, firstScope }: Calls): void {
  const listed = async (
    asked: Readonly<{ scope: typeof WALLET }> | Readonly<{ cause_id: string }>,
  ) => byTime((await look(reads({ freezes: asked }))).freezes);

  describe("freezes", () => {
    it("of an automatic kind are one row with a count, the first cause and the latest time", async () => {
      await write({ freezes: [freeze({ frozen_at_ms: 10 })] });
      await write({ freezes: [freeze({ cause_id: "later", frozen_at_ms: 30, reason: "other" })] });
      await write({ freezes: [freeze({ cause_id: "earlier", frozen_at_ms: 5 })] });
      await write({ freezes: [freeze({ kind: "limit", cause_id: "breach", frozen_at_ms: 20 })] });
      expect(await listed({ scope: WALLET })).toEqual([
        { ...freeze({ frozen_at_ms: 10 }), last_at_ms: 30, count: 3 },
        {
          ...freeze({ kind: "limit", cause_id: "breach", frozen_at_ms: 20 }),
          last_at_ms: 20,
          count: 1,
        },
      ]);
      expect(await frozen()).toEqual([
        { kind: "risk", last_at_ms: 30 },
        { kind: "limit", last_at_ms: 20 },
      ]);
    });

    it("count within one transaction as well, and each scope for itself", async () => {
      await write({ freezes: [freeze(), freeze({ scope: OTHER }), freeze({ frozen_at_ms: 2 })] });
      expect(await listed({ cause_id: "cause" })).toEqual([
        { ...freeze(), last_at_ms: 2, count: 2 },
        { ...freeze({ scope: OTHER }), last_at_ms: 1, count: 1 },
      ]);
    });

    it("of operators have a row each; one given twice stays as it was", async () => {
      await write({ freezes: [freeze({ ...OPERATOR, frozen_at_ms: 10 })] });
      await write({ freezes: [freeze({ ...OPERATOR, cause_id: "order-2", frozen_at_ms: 20 })] });
      await write({ freezes: [freeze({ ...OPERATOR, frozen_at_ms: 40, reason: "again" })] });
      expect(await listed({ scope: WALLET })).toEqual([
        { ...freeze({ ...OPERATOR, frozen_at_ms: 10 }), last_at_ms: 10, count: 1 },
        {
          ...freeze({ ...OPERATOR, cause_id: "order-2", frozen_at_ms: 20 }),
          last_at_ms: 20,
          count: 1,
        },
      ]);
      expect(await frozen()).toEqual([{ kind: "operator", last_at_ms: 20 }]);
    });

    it("are lifted by scope and kind, or by cause in every scope", async () => {
      await write({
        freezes: [
          freeze({ cause_id: "shared" }),
          freeze({ kind: "limit" }),
          freeze({ ...OPERATOR, cause_id: "shared" }),
          freeze({ ...OPERATOR, cause_id: "shared", scope: OTHER }),
          freeze({ scope: OTHER, kind: "limit" }),
        ],
      });
      const kinds = async (scope = WALLET) => (await frozen(scope)).map(({ kind }) => kind);
      expect(await kinds()).toEqual(["risk", "limit", "operator"]);
      await write({ lifts: [{ scope: WALLET, kinds: ["limit"] }] });
      expect([await kinds(), await kinds(OTHER)]).toEqual([
        ["risk", "operator"],
        ["limit", "operator"],
      ]);
      await write({ lifts: [{ cause_id: "shared" }] });
      expect([await kinds(), await kinds(OTHER)]).toEqual([[], ["limit"]]);
      expect(await listed({ cause_id: "shared" })).toEqual([]);
    });

    it("are lifted before new ones are set, which begin to count anew", async () => {
      await write({ freezes: [freeze({ frozen_at_ms: 10 }), freeze({ frozen_at_ms: 20 })] });
      await write({
        lifts: [{ scope: WALLET, kinds: ["risk"] }],
        freezes: [freeze({ cause_id: "new", frozen_at_ms: 30 })],
      });
      expect(await listed({ scope: WALLET })).toEqual([
        { ...freeze({ cause_id: "new", frozen_at_ms: 30 }), last_at_ms: 30, count: 1 },
      ]);
    });

    it("hold in accounts and globally, and are seen in scopes that are not locked", async () => {
      await write({
        freezes: [freeze({ scope: ACCOUNT }), freeze({ scope: GLOBAL, ...OPERATOR })],
      });
      expect(await frozen(ACCOUNT)).toEqual([{ kind: "risk", last_at_ms: 1 }]);
      expect(await frozen(WALLET)).toEqual([]);
      const unlocked = reads({ scopes: [scopeRead(GLOBAL, [], { lock: false })] });
      expect((await firstScope(unlocked)).frozen_by).toEqual([{ kind: "operator", last_at_ms: 1 }]);
    });

    it("are listed over all scopes, page by page, in the order of their keys", async () => {
      const scopes = [WALLET, OTHER, ACCOUNT, GLOBAL, { type: "wallet", id: "ä" } as const];
      const late = { type: "wallet", id: "😀" } as const; // after U+FFFD by its bytes, before it by UTF-16
      const replaced = { type: "wallet", id: "\ufffd" } as const;
      for (const scope of [...scopes, late, replaced]) {
        await write({ freezes: [freeze({ scope }), freeze({ scope, ...OPERATOR })] });
      }
      const all = await ledger().frozen("", 1_000);
      expect(all).toHaveLength(14);
      expect(all.map(freezeKey)).toEqual(
        all.map(freezeKey).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      expect(all[0]).toEqual({
        ...freeze({ scope: ACCOUNT, ...OPERATOR }),
        last_at_ms: 1,
        count: 1,
      });
      const paged: StoredFreeze[] = [];
      for (;;) {
        const last = paged.at(-1);
        const page = await ledger().frozen(last === undefined ? "" : freezeKey(last), 3);
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(3);
        paged.push(...page);
      }
      expect(paged).toEqual(all);
    });
  });

  describe("attempts", () => {
    it("are counted within their window, up to a limit", async () => {
      for (const now_ms of [100, 600, 700]) {
        await write({ attempts: [WALLET] }, reads({ now_ms }));
      }
      // at 1,100 the attempt of 100 is 1,000 old: out
      expect((await firstScope(reads({ now_ms: 1_100 }))).attempts).toBe(2);
      const attempts = { window_ms: 1_000, limit: 1 };
      const limited = reads({ now_ms: 1_000, scopes: [scopeRead(WALLET, [], { attempts })] });
      expect((await firstScope(limited)).attempts).toBe(1);
      expect((await firstScope(reads({ now_ms: 1_000 }, [], OTHER))).attempts).toBe(0);
    });

    it("of one millisecond count each, in one transaction or in several", async () => {
      await write({ attempts: [WALLET, WALLET] }, reads({ now_ms: 1_000 }));
      await write({ attempts: [WALLET] }, reads({ now_ms: 1_000 }));
      expect((await firstScope(reads({ now_ms: 1_000 }))).attempts).toBe(3);
    });

    it("are forgotten before new ones are written where a new series begins", async () => {
      await write({ attempts: [WALLET, OTHER] }, reads({ now_ms: 1_000 }));
      await write({ reset_attempts: [WALLET], attempts: [WALLET] }, reads({ now_ms: 1_000 }));
      expect((await firstScope(reads({ now_ms: 1_000 }))).attempts).toBe(1);
      await write({ reset_attempts: [WALLET] }, reads({ now_ms: 1_000 }));
      expect((await firstScope(reads({ now_ms: 1_000 }))).attempts).toBe(0);
      expect((await firstScope(reads({ now_ms: 1_000 }, [], OTHER))).attempts).toBe(1);
    });
  });

  describe("freezes of accounts", () => {
    const count = async (now_ms: number, limit = 10, wallet_id = "a") => {
      const account_freezes = { wallet_id, window_ms: 1_000, limit };
      return (await look(reads({ now_ms, account_freezes }))).account_freezes;
    };
    it("are counted for their wallet, within the window, up to a limit", async () => {
      const of = (account_id: string, wallet_id = "a") => ({ wallet_id, account_id });
      await write({ account_freezes: [of("x")] }, reads({ now_ms: 100 }));
      await write({ account_freezes: [of("y"), of("z")] }, reads({ now_ms: 600 }));
      await write({ account_freezes: [of("x")] }, reads({ now_ms: 700 }));
      await write({ account_freezes: [of("x", "b")] }, reads({ now_ms: 700 }, [], OTHER));
      expect(await count(1_000)).toBe(3); // x once, though it was frozen twice
      expect(await count(1_599)).toBe(3);
      expect(await count(1_600)).toBe(1); // 1,600 − 600 = 1,000: y and z are out
      expect(await count(1_700)).toBe(0);
      expect(await count(1_100, 2)).toBe(2);
      expect(await count(1_000, 10, "b")).toBe(1);
      expect(await count(1_000, 10, "c")).toBe(0);
      expect((await look(reads({ now_ms: 1_000 }))).account_freezes).toBe(0);
    });
  });
}
