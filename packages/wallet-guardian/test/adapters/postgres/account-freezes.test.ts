/** Frozen accounts of a wallet are counted, not their freezes: an account has one row, with its latest time. */
import { afterEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/index.js";
import { callsOf, reads } from "../../ledger/contract/fixtures.js";
import { newPostgresLedger } from "../../support/postgres.js";

describe("freezes of one account in PostgreSQL", () => {
  let ledger: Ledger;
  afterEach(() => ledger.close());

  function start() {
    ledger = newPostgresLedger();
    const { look, write } = callsOf(() => ledger);
    const freeze = (now_ms: number, ...ids: readonly string[]) =>
      write(
        { account_freezes: ids.map((account_id) => ({ wallet_id: "a", account_id })) },
        reads({ now_ms }),
      );
    const count = async (now_ms: number) => {
      const account_freezes = { wallet_id: "a", window_ms: 1_000, limit: 10 };
      return (await look(reads({ now_ms, account_freezes }))).account_freezes;
    };
    return { freeze, count };
  }

  it("count once, at the latest", async () => {
    const { freeze, count } = start();
    await freeze(100, "x");
    await freeze(600, "y", "x");
    await freeze(700, "x");
    expect(await count(1_000)).toBe(2);
    expect(await count(1_599)).toBe(2);
    expect(await count(1_600)).toBe(1);
    expect(await count(1_700)).toBe(0);
  });

  it("count once where one step or one group has several", async () => {
    const { freeze, count } = start();
    await freeze(100, "y", "y");
    await Promise.all([300, 200, 300, 400].map((now_ms) => freeze(now_ms, "x", "z")));
    expect(await count(1_000)).toBe(3);
    expect(await count(1_399)).toBe(2);
    expect(await count(1_400)).toBe(0);
  });
});
