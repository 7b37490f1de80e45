/** Retention of the PostgreSQL ledger keeps what a second transaction of an old payment needs. */
import { afterEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/index.js";
import { HOUR } from "../../support/guardian.js";
import { life, txid } from "../../support/life.js";
import { newPostgresLedger } from "../../support/postgres.js";

const DAY = 24 * HOUR;

describe("what is pruned in PostgreSQL", () => {
  let ledger: Ledger;
  afterEach(() => ledger.close());

  it("leaves a payment of several payouts its accounts, which a second transaction counts", async () => {
    ledger = newPostgresLedger();
    const policy = { max_24h: "100", limits: { account: { max_24h: "100" } } };
    const { ask, commit, guardian, pay, time } = life(policy, ledger);
    await pay("p", [
      { withdrawal_id: "1", account_id: "ann", amount: "2" },
      { withdrawal_id: "2", account_id: "bob", amount: "3" },
    ]);
    await commit("p", { txid: txid(1) });
    await ask("w", "4", { account_id: "ann" });
    await commit("w", { txid: txid(2) });
    time.now += 3 * DAY;
    const step = { sums_before_ms: null, records_through_seq: null, limit: 100 };
    const pruned = await ledger.prune({ ...step, settled_before_ms: time.now - DAY });
    expect(pruned).toEqual({ rows: 1, done: true });
    expect((await ledger.withdrawal("w"))?.state).toBeNull();
    expect((await ledger.withdrawal("p"))?.state).toContain('"payouts":');

    expect(await commit("p", { txid: txid(3) })).toMatchObject({ accepted: true, txid: txid(1) });
    const windows = await Promise.all([
      guardian.account("ann"),
      guardian.account("bob"),
      guardian.wallet("hot-1"),
    ]);
    expect(windows).toMatchObject(
      [
        ["2", 1],
        ["3", 1],
        ["5", 2],
      ].map(([spent, spent_count]) => ({ windows: [{ spent, spent_count }] })),
    );
  });
});
