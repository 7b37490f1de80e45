import { createGuardian, createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { simulate } from "../../../src/cli/policy/simulate.js";
import { CALM_MS, calmSite, REQUEST } from "../../support/site.js";

const WIDE = { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 };

/** A ledger of ten decisions: 8 × 40, then 120 and 30 coins, under the limits of every test. */
async function recordedLedger() {
  const ledger = createMemoryLedger();
  const { pipeline } = calmSite({ ledger });
  for (const [i, amount] of [...Array<string>(8).fill("40"), "120", "30"].entries()) {
    await pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: `w-${i}`, amount });
  }
  return ledger;
}

describe("simulate", () => {
  it("decides every recorded payment alike under the same policy, and writes nothing", async () => {
    const ledger = await recordedLedger();
    const before = (await ledger.records(0, 1_000)).length;
    const same = await simulate(ledger, WIDE, { limit: 20 });
    expect(same).toMatchObject({
      ...{ decisions: 10, left_out: 0, differences: [], differences_count: 0 },
      after: same.before,
    });
    expect(same.before).toEqual({ ALLOW: 9, REJECT: 1 });
    expect((await ledger.records(0, 1_000)).length).toBe(before);
  });

  it("counts and names what another policy would decide: 40 × 4 = 160 fit in 170, 30 never again", async () => {
    const narrow = await simulate(
      await recordedLedger(),
      { ...WIDE, max_24h: "170" },
      { limit: 2 },
    );
    expect(narrow.after).toEqual({ ALLOW: 4, DELAY: 5, REJECT: 1 });
    expect(narrow.differences_count).toBe(5);
    expect(narrow.differences).toHaveLength(2);
    expect(narrow.differences[0]).toMatchObject({
      ...{ withdrawal_id: "w-4", before: "ALLOW", after: "DELAY", after_codes: ["daily_limit"] },
    });
  });

  it("finds what a wider policy would have let through", async () => {
    const wider = await simulate(
      await recordedLedger(),
      { ...WIDE, max_per_tx: "120" },
      { limit: 20 },
    );
    expect(wider.differences.map(({ withdrawal_id, after }) => [withdrawal_id, after])).toEqual([
      ["w-8", "ALLOW"],
    ]);
  });

  it("counts what was imported: 100 of before and 40 × 1 fit in 140", async () => {
    const ledger = createMemoryLedger();
    const { pipeline } = calmSite({ ledger });
    const guardian = createGuardian({ policy: WIDE, ledger, clock: () => CALM_MS });
    const paid = { withdrawal_id: "o", wallet_id: REQUEST.wallet_id, amount: "100" };
    await guardian.importPayments(
      [{ ...paid, paid_at_ms: CALM_MS - 1_000, txid: "ab".repeat(32) }],
      {
        ...{ operator: "ann", reason: "before" },
      },
    );
    for (const id of ["w-1", "w-2"]) {
      await pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: id, amount: "40" });
    }
    const narrow = await simulate(ledger, { ...WIDE, max_24h: "140" }, { limit: 20 });
    expect(narrow).toMatchObject({ decisions: 2, left_out: 0, after: { ALLOW: 1, DELAY: 1 } });
  });
});
