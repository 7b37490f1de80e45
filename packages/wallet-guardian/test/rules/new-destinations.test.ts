/** A destination that is new to its owner waits, and one that looks like another is approved first (design, section 7: destinations). */
import { describe, expect, it } from "vitest";
import { type GuardianPolicyInput, shapeOf } from "../../src/index.js";
import { life, MEMORIES, told } from "../support/life.js";
import { HOUR, ORDER, said } from "../support/guardian.js";

const WAITING = { max_24h: "1000", new_destination_seconds: 3_600 } as const;
const LOOKALIKES = { max_24h: "1000", destination_lookalikes: true } as const;
/** Two addresses of one shape, and one of another. */
const [REAL, FAKE, OTHER] = [
  "dgb1qw508d6qejxtdg4y5r3zarvary0c5xw7k3xh7qa",
  "dgb1qw508aaaaaaaaaaaaaaaaaaaaaaaaaaaaaah7qa",
  "dgb1qzzzzd6qejxtdg4y5r3zarvary0c5xw7k3xzzzz",
] as const;

describe("shapeOf", () => {
  it.each([
    [REAL, "w508…h7qa"],
    [REAL.toUpperCase(), "w508…h7qa"],
    [FAKE, "w508…h7qa"],
    ["DGBMixedCase1234567890", "GBMi…7890"],
    ["SdgB7abcdefghijkl", "dgB7…ijkl"],
    ["D12345678901", null],
    ["D123456789012", "1234…9012"],
    ["dgb1qacdefghjklm", null],
    ["dgb1qacdefghjklmn", "acde…klmn"],
    ["x", null],
    ["", null],
  ])("of %s is %s", (address, expected) => {
    expect(shapeOf(address)).toBe(expected);
  });
});

describe.each(MEMORIES)("a new destination on the %s ledger", (_name, createLedger) => {
  function start(policy: GuardianPolicyInput = WAITING) {
    const with_ = life(policy, createLedger());
    const send = (id: string, address: string, amount = "1", more: object = {}) =>
      with_.ask(id, amount, { destinations: [{ address, amount }], ...more });
    return { ...with_, send };
  }

  it("waits from its first request on, to the millisecond, and passes by itself", async () => {
    const { send, time } = start();
    expect(await send("1", REAL)).toMatchObject({
      reason_codes: ["new_destination"],
      decision: "DELAY",
      retry_after_ms: HOUR,
    });
    time.now += HOUR - 1;
    expect(await send("2", REAL)).toMatchObject({ decision: "DELAY", retry_after_ms: 1 });
    time.now += 1;
    expect(said(await send("3", REAL))).toBe("ALLOW within_limits");
    expect(said(await send("1", REAL))).toBe("ALLOW within_limits");
  });

  it("is new to each account, and to each wallet for what has no account", async () => {
    const { send, time } = start();
    await send("1", REAL, "1", { account_id: "ann" });
    time.now += HOUR;
    expect(said(await send("2", REAL, "1", { account_id: "ann" }))).toBe("ALLOW within_limits");
    expect(said(await send("3", REAL, "1", { account_id: "bob" }))).toBe("DELAY new_destination");
    expect(said(await send("4", REAL))).toBe("DELAY new_destination");
    expect(said(await send("5", REAL, "1", { wallet_id: "hot-2" }))).toBe("DELAY new_destination");
    // an account is known over all wallets
    expect(said(await send("6", REAL, "1", { account_id: "ann", wallet_id: "hot-2" }))).toBe(
      "ALLOW within_limits",
    );
  });

  it("becomes known by a request that is refused by its limits, not by one that is malformed or repeats an id", async () => {
    const { guardian, send, time, ask } = start();
    await send("big", REAL, "1000.00000001");
    await ask("bad", "2", { destinations: [{ address: OTHER, amount: "1" }] });
    await guardian.evaluate(
      {
        withdrawal_id: "big",
        wallet_id: "hot-1",
        amount: "1",
        destinations: [{ address: FAKE, amount: "1" }],
      },
      "LOW",
    );
    time.now += HOUR;
    expect(said(await send("1", REAL))).toBe("ALLOW within_limits");
    expect(said(await send("2", OTHER))).toBe("DELAY new_destination");
    expect(said(await send("3", FAKE))).toBe("DELAY new_destination");
  });

  it("takes the free amount meanwhile, all payments together, to the base unit", async () => {
    const { send, time } = start({ ...WAITING, new_destination_free: "5" });
    expect(said(await send("1", REAL, "2"))).toBe("ALLOW within_limits");
    expect(said(await send("2", REAL, "3.00000001"))).toBe("DELAY new_destination");
    expect(said(await send("3", REAL, "3"))).toBe("ALLOW within_limits");
    expect(said(await send("4", REAL, "0.00000001"))).toBe("DELAY new_destination");
    time.now += HOUR;
    expect(said(await send("5", REAL, "900"))).toBe("ALLOW within_limits");
  });

  it("counts what one payment sends to it in several payouts together", async () => {
    const { pay } = start({ ...WAITING, new_destination_free: "5" });
    const payout = (withdrawal_id: string, amount: string) => ({
      withdrawal_id,
      amount,
      destinations: [{ address: REAL, amount }],
    });
    expect(said(await pay("p", [payout("1", "3"), payout("2", "2.00000001")]))).toBe(
      "DELAY new_destination",
    );
    expect(said(await pay("q", [payout("3", "3"), payout("4", "2")]))).toBe("ALLOW within_limits");
  });

  it("waits no more once it is approved, and from its registration on where it was registered", async () => {
    const { guardian, send, time } = start();
    expect(told(await guardian.registerDestination({ wallet_id: "hot-1", address: REAL }))).toBe(
      "accepted",
    );
    time.now += HOUR - 1;
    expect(await send("1", REAL)).toMatchObject({ decision: "DELAY", retry_after_ms: 1 });
    // registering again keeps the earlier time
    expect(await guardian.registerDestination({ wallet_id: "hot-1", address: REAL })).toMatchObject(
      { repeated: true },
    );
    time.now += 1;
    expect(said(await send("2", REAL))).toBe("ALLOW within_limits");
    expect(
      told(await guardian.approveDestination({ wallet_id: "hot-1", address: OTHER }, ORDER)),
    ).toBe("accepted");
    expect(said(await send("3", OTHER))).toBe("ALLOW within_limits");
  });

  it("is the same in another spelling, where Bech32 has two", async () => {
    const { send, time } = start();
    await send("1", REAL);
    time.now += HOUR;
    expect(said(await send("2", REAL.toUpperCase()))).toBe("ALLOW within_limits");
  });

  it("that looks like another one of its account is delayed until it is approved", async () => {
    const { guardian, send, time } = start(LOOKALIKES);
    expect(said(await send("1", REAL))).toBe("ALLOW within_limits");
    const answer = await send("2", FAKE);
    expect(said(answer)).toBe("DELAY destination_lookalike");
    expect(answer).not.toHaveProperty("retry_after_ms");
    time.now += 1_000 * HOUR;
    expect(said(await send("3", FAKE))).toBe("DELAY destination_lookalike");
    // each looks like the other from then on, whichever was first
    expect(said(await send("4", REAL))).toBe("DELAY destination_lookalike");
    expect(said(await send("5", OTHER))).toBe("ALLOW within_limits");
    await guardian.approveDestination({ wallet_id: "hot-1", address: REAL }, ORDER);
    expect(said(await send("4", REAL))).toBe("ALLOW within_limits");
    expect(said(await send("6", FAKE))).toBe("DELAY destination_lookalike");
    await guardian.approveDestination({ wallet_id: "hot-1", address: FAKE }, ORDER);
    expect(said(await send("6", FAKE))).toBe("ALLOW within_limits");
  });

  it("looks like those of its own account alone", async () => {
    const { send } = start(LOOKALIKES);
    await send("1", REAL, "1", { account_id: "ann" });
    expect(said(await send("2", FAKE, "1", { account_id: "bob" }))).toBe("ALLOW within_limits");
    expect(said(await send("3", FAKE, "1", { account_id: "ann" }))).toBe(
      "DELAY destination_lookalike",
    );
  });

  it("that was registered is distinguished, too", async () => {
    const { guardian, send } = start(LOOKALIKES);
    await send("1", REAL);
    await guardian.registerDestination({ wallet_id: "hot-1", address: FAKE });
    expect(said(await send("2", FAKE))).toBe("DELAY destination_lookalike");
  });

  it("is a breach where it looks like another one", async () => {
    const { actions, send } = start(LOOKALIKES);
    await send("1", REAL);
    await send("2", FAKE);
    expect(actions()).toEqual(["limit_breach"]);
  });

  it("that waits and looks like another one has both codes", async () => {
    const { send, time } = start({ ...WAITING, ...LOOKALIKES });
    await send("1", REAL);
    time.now += HOUR;
    await send("2", REAL);
    expect(said(await send("3", FAKE))).toBe("DELAY new_destination destination_lookalike");
  });

  it("is named with its owner in the records, and with the operator who approved it and the reason", async () => {
    const { guardian, ledger } = start();
    await guardian.registerDestination({ account_id: "ann", address: REAL });
    await guardian.approveDestination({ account_id: "ann", address: REAL }, ORDER);
    expect(
      (await ledger.records(0, 10)).map(({ kind, record }) => ({ kind, ...record })),
    ).toMatchObject([
      { kind: "destination", owner: "account:ann", approved: false },
      { kind: "destination", owner: "account:ann", approved: true, ...ORDER },
    ]);
  });

  it.each<[string, object, string]>([
    ["no owner", { address: "x" }, "/account_id"],
    ["two owners", { address: "x", account_id: "a", wallet_id: "w" }, "/account_id"],
    ["no address", { account_id: "a" }, "/address"],
    ["an unknown field", { account_id: "a", address: "x", approve: true }, "/approve"],
    [
      "an inherited owner",
      Object.assign(Object.create({ account_id: "a" }) as object, { address: "x" }),
      "/account_id",
    ],
  ])("is not named with %s", async (_what, target, path) => {
    const { guardian } = start();
    const refused = { accepted: false, reason_codes: ["invalid_operation"], path };
    expect(await guardian.registerDestination(target as never)).toMatchObject(refused);
    expect(await guardian.approveDestination(target as never, ORDER)).toMatchObject(refused);
  });

  it("is not approved without an operator and a reason", async () => {
    const { guardian } = start();
    const target = { account_id: "a", address: "x" };
    expect(await guardian.approveDestination(target, {} as never)).toMatchObject({
      reason_codes: ["invalid_operation"],
    });
    expect(await guardian.approveDestination(target, undefined as never)).toMatchObject({
      path: "/operator",
    });
  });
});
