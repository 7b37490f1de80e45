/** A second transaction of one payment, and fees: counted, reported, and never rejected (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, input, life, MEMORIES, told, txid } from "../support/life.js";
import { HOUR, LEAVES_MS } from "../support/guardian.js";

const DAY = 24 * HOUR;
const a = input(1);

describe.each(MEMORIES)("a further commit on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("of a second transaction keeps the first one's id, and is critical", async () => {
    const { ask, claim, commit, events } = start({ ...EXPLICIT, max_24h: "100" });
    await ask("w", "6");
    await claim("w");
    await commit("w", { txid: txid(1) });
    expect(await commit("w", { txid: txid(2) })).toMatchObject({ txid: txid(1) });
    expect(events).toMatchObject([
      { action: "double_payment", severity: 1, extra: { txid: txid(2) } },
    ]);
    expect(await commit("w", { txid: txid(2) })).toMatchObject({ repeated: true });
    expect(await ask("w", "6")).toMatchObject({
      reason_codes: ["already_committed"],
      txid: txid(1),
    });
  });

  it("of a second transaction counts it from now on, in every scope of each payout", async () => {
    const limits = { account: { max_24h: "100" }, global: { max_24h: "100" } };
    const { claim, commit, guardian, pay, time } = start({ ...EXPLICIT, max_24h: "100", limits });
    await pay("p", [
      { withdrawal_id: "1", account_id: "ann", amount: "2" },
      { withdrawal_id: "2", account_id: "bob", amount: "3" },
    ]);
    await claim("p");
    await commit("p", { txid: txid(1) });
    time.now += HOUR;
    await commit("p", { txid: txid(2) });
    const windows = async () =>
      Promise.all([
        guardian.account("ann"),
        guardian.account("bob"),
        guardian.wallet("hot-1"),
        guardian.global(),
      ]);
    const spent = (amount: string, spent_count: number) => ({
      windows: [{ spent: amount, spent_count }],
    });
    expect(await windows()).toMatchObject([
      spent("4", 2),
      spent("6", 2),
      spent("10", 4),
      spent("10", 4),
    ]);
    time.now += DAY - 1;
    expect(await windows()).toMatchObject([
      spent("2", 1),
      spent("3", 1),
      spent("5", 2),
      spent("5", 2),
    ]);
    time.now += 1;
    expect(await windows()).toMatchObject([
      spent("0", 0),
      spent("0", 0),
      spent("0", 0),
      spent("0", 0),
    ]);
  });

  it("of a second transaction while the first may still be signed counts as long as that does", async () => {
    const { ask, claim, commit, spent, time } = start({ ...EXPLICIT, max_24h: "100" });
    await ask("w", "6");
    await claim("w");
    await commit("w", { txid: txid(1) });
    await commit("w", { txid: txid(2) });
    time.now += LEAVES_MS + DAY - 1;
    expect(await spent()).toBe("12");
    time.now += 1;
    expect(await spent()).toBe("0");
  });

  it.each([
    [undefined, "5", "accepted"],
    ["0.1", undefined, "accepted"],
    ["0.1", "0.1", "accepted"],
    ["0.1", "0.10000001", "accepted fee_exceeded"],
    ["0", "0.00000001", "accepted fee_exceeded"],
    ["0.1", "50.1", "accepted fee_exceeded"],
  ])("with max_fee %s and a fee of %s: %s", async (max_fee, fee, expected) => {
    const { actions, ask, claim, guardian } = start();
    const more = max_fee === undefined ? {} : { max_fee };
    await ask("w", "10", more);
    await claim("w", { inputs: [a] });
    const paid = fee === undefined ? {} : { fee };
    expect(told(await guardian.commit("w", { txid: txid(1), ...paid }))).toBe(expected);
    expect(actions()).toEqual(expected === "accepted" ? [] : ["fee_exceeded"]);
  });

  it("that replaces another one with a higher fee than was requested has both codes", async () => {
    const { actions, ask, claim, commit } = start();
    await ask("w", "10", { max_fee: "1" });
    await claim("w", { inputs: [a] });
    await commit("w", { txid: txid(1), fee: "1", inputs: [a] });
    const bumped = await commit("w", { txid: txid(2), fee: "51", inputs: [a] });
    expect([told(bumped), bumped.txid]).toEqual(["accepted replaced fee_exceeded", txid(2)]);
    expect(actions()).toEqual(["fee_exceeded"]);
  });

  it("that is repeated writes nothing, but for what was not reported before", async () => {
    const { ask, claim, commit, ledger } = start();
    await ask("w", "10", { max_fee: "1" });
    await claim("w");
    await commit("w");
    const count = async () => (await ledger.records(0, 100)).length;
    const before = await count();
    expect(await commit("w")).toMatchObject({ accepted: true, repeated: true });
    expect(await count()).toBe(before);
    expect(await commit("w", { fee: "2" })).toMatchObject({
      reason_codes: ["fee_exceeded"],
      repeated: true,
    });
    expect(await commit("w", { fee: "2" })).toMatchObject({ reason_codes: [], repeated: true });
  });

  it.each<[object, string]>([
    [{ fee: "-1" }, "/fee"],
    [{ fee: 1 }, "/fee"],
    [{ fee: "1.000000001" }, "/fee"],
    [{ inputs: [] }, "/inputs"],
    [{ inputs: [a, a] }, "/inputs"],
    [{ inputs: ["x"] }, "/inputs/0"],
    [{ txid: "AB".repeat(32) }, "/txid"],
    [{ vout: 1 }, "/vout"],
  ])("with %o is refused at %s", async (options, path) => {
    const { ask, commit } = start();
    await ask("w", "1");
    expect(await commit("w", options)).toMatchObject({
      accepted: false,
      reason_codes: ["invalid_operation"],
      path,
    });
  });
});
