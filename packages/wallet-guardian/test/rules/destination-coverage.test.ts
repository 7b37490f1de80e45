/** Destinations cover the amount, scripts are compared, and the fee is capped (design, section 7: destinations). */
import { describe, expect, it } from "vitest";
import { GuardianOptionsError, type GuardianPolicyInput, type ScriptOf } from "../../src/index.js";
import { life, MEMORIES, type PayoutIn } from "../support/life.js";
import { said } from "../support/guardian.js";

const to = (address: string, amount: string) => ({ address, amount });

/** Policies that need the destinations of the money. */
const REQUIRING: readonly (readonly [string, GuardianPolicyInput, boolean])[] = [
  ["an allow-list", { max_24h: "100", allow_destinations: ["good"] }, false],
  ["an empty allow-list", { max_24h: "100", allow_destinations: [] }, false],
  ["a deny-list", { max_24h: "100", deny_destinations: ["bad"] }, false],
  ["a largest fee", { max_24h: "100", max_fee: "5" }, true],
  ["a largest share of the fee", { max_24h: "100", max_fee_ratio: "1" }, true],
  [
    "a waiting time",
    { max_24h: "100", new_destination_seconds: 1, new_destination_free: "9" },
    false,
  ],
  ["look-alikes", { max_24h: "100", destination_lookalikes: true }, false],
];

describe.each(MEMORIES)("destinations on the %s ledger", (_name, createLedger) => {
  const start = (policy: GuardianPolicyInput, scriptOf?: ScriptOf) =>
    life(policy, createLedger(), scriptOf === undefined ? {} : { scriptOf });

  it.each(REQUIRING)("are required with %s, of each payout", async (_what, policy) => {
    const { ask, pay } = start(policy);
    const missing = await ask("w", "1", { max_fee: "0" });
    expect(missing).toMatchObject({ reason_codes: ["invalid_withdrawal"], path: "/destinations" });
    const named = {
      withdrawal_id: "1",
      amount: "1",
      max_fee: "0",
      destinations: [to("good", "1")],
    };
    const payouts: PayoutIn[] = [named, { withdrawal_id: "2", amount: "1", max_fee: "0" }];
    expect(await pay("p", payouts)).toMatchObject({
      reason_codes: ["invalid_withdrawal"],
      path: "/payouts/1/destinations",
    });
  });

  it.each(REQUIRING)(
    "add up to the amount with the fee, exactly, with %s",
    async (_what, policy) => {
      const { ask } = start(policy);
      for (const [amount, max_fee] of [
        ["2.00000001", "1"],
        ["2", "0.99999999"],
        ["10000", "1"],
      ] as const) {
        const answer = await ask("w", amount, { max_fee, destinations: [to("good", "1")] });
        expect(answer).toMatchObject({ reason_codes: ["invalid_withdrawal"], path: "/amount" });
      }
      // what is above the amount is malformed under any policy
      const above = await ask("w", "1", { max_fee: "0.00000001", destinations: [to("good", "1")] });
      expect(above).toMatchObject({ reason_codes: ["invalid_withdrawal"], path: "/amount" });
    },
  );

  it.each(REQUIRING)(
    "with %s need a max_fee only where the fee is capped",
    async (_what, policy, needed) => {
      const { ask } = start(policy);
      const answer = await ask("w", "1", { destinations: [to("good", "1")] });
      if (needed)
        expect(answer).toMatchObject({ reason_codes: ["invalid_withdrawal"], path: "/max_fee" });
      else expect(answer.reason_codes).not.toContain("invalid_withdrawal");
      expect(answer).not.toHaveProperty("allowed_now");
    },
  );

  it("need not cover the amount where the policy requires none", async () => {
    const { ask } = start({ max_24h: "100" });
    expect((await ask("w", "10", { destinations: [to("x", "1")] })).final).toBe(true);
    expect((await ask("v", "10", { max_fee: "10" })).final).toBe(true);
    expect(
      await ask("u", "10", { max_fee: "10", destinations: [to("x", "0.00000001")] }),
    ).toMatchObject({
      path: "/amount",
    });
  });

  it.each<[string, string, string, string]>([
    [
      "the largest part to an unlisted one",
      "0.00000001",
      "9999.99999999",
      "REJECT destination_denied",
    ],
    ["all of it to the listed one", "10000", "0", "ALLOW within_limits"],
  ])("with an allow-list send %s", async (_what, good, other, expected) => {
    const { ask } = start({ max_24h: "10000", allow_destinations: ["good"] });
    const destinations = [to("good", good), to("stranger", other)].filter(
      ({ amount }) => amount !== "0",
    );
    expect(said(await ask("w", "10000", { destinations }))).toBe(expected);
  });

  it("that are none pay the fee alone", async () => {
    const { ask } = start({ max_24h: "100", allow_destinations: ["good"], max_fee: "0.5" });
    const fee = { max_fee: "0.5", destinations: [] };
    expect(said(await ask("w", "0.5", fee))).toBe("ALLOW within_limits");
    expect(await ask("v", "0.6", fee)).toMatchObject({ path: "/amount" });
  });

  /** Two spellings of one script. */
  const scriptOf: ScriptOf = (address) => {
    const text = address.replace(/^digibyte:/, "").toLowerCase();
    const scripts = new Map([
      ["3old", "a914aa87"],
      ["snew", "a914aa87"],
      ["dgb1qgood", "0014bb"],
    ]);
    return scripts.get(text) ?? null;
  };

  it.each<[string, string, string]>([
    ["Snew", "deny", "REJECT destination_denied"],
    ["3old", "deny", "REJECT destination_denied"],
    ["digibyte:3old", "deny", "REJECT destination_denied"],
    ["DGB1QGOOD", "deny", "ALLOW within_limits"],
    ["dgb1qgood", "allow", "REJECT destination_denied"],
    ["3old", "allow", "ALLOW within_limits"],
    ["digibyte:Snew", "allow", "ALLOW within_limits"],
    ["bitcoin:3old", "allow", "REJECT destination_unreadable"],
    ["bitcoin:3old", "deny", "REJECT destination_unreadable"],
  ])("are compared by script: %s with Snew on the %s-list", async (address, list, expected) => {
    const lists =
      list === "deny" ? { deny_destinations: ["Snew"] } : { allow_destinations: ["Snew"] };
    const { ask } = start({ max_24h: "100", ...lists }, scriptOf);
    expect(said(await ask("w", "1", { destinations: [to(address, "1")] }))).toBe(expected);
  });

  it("are read in every request where scripts are known, lists or not", async () => {
    const { ask } = start({ max_24h: "100" }, scriptOf);
    const destinations = [to("dgb1qgood", "1"), to("other", "1")];
    expect(said(await ask("w", "2", { destinations }))).toBe("REJECT destination_unreadable");
    expect((await ask("v", "2")).final).toBe(true);
  });

  it.each<[string, unknown]>([
    [
      "throws",
      () => {
        throw new Error("port");
      },
    ],
    ["gives null", () => null],
    ["gives nothing", () => undefined],
    ["gives a number", () => 1],
    ["gives an empty text", () => ""],
    ["gives a promise", () => Promise.resolve("0014aa")],
    ["gives a text that is too long", () => "ab".repeat(501)],
    ["gives an object that looks like a text", () => ({ toString: () => "0014aa" })],
  ])("are unreadable where scriptOf %s", async (_what, broken) => {
    const { ask, guardian } = start({ max_24h: "100" }, broken as ScriptOf);
    const answer = await ask("w", "1", { destinations: [to("x", "1")] });
    expect(said(answer)).toBe("REJECT destination_unreadable");
    expect(answer).not.toHaveProperty("retry_after_ms");
    const named = await guardian.registerDestination({ wallet_id: "hot-1", address: "x" });
    expect(named).toMatchObject({ accepted: false, reason_codes: ["destination_unreadable"] });
  });

  it.each([
    ["allow_destinations", { allow_destinations: ["Snew", "unknown"] }],
    ["deny_destinations", { deny_destinations: ["Snew", "unknown"] }],
  ])("of %s that cannot be read are refused at creation", (name, lists) => {
    const make = () => start({ max_24h: "100", ...lists }, scriptOf);
    expect(make).toThrow(GuardianOptionsError);
    expect(make).toThrow(`/policy/${name}/1: no address of this chain`);
  });

  it.each<[GuardianPolicyInput, string, string, string]>([
    [{ max_fee: "0.5" }, "10", "0.5", "ALLOW within_limits"],
    [{ max_fee: "0.5" }, "10", "0.50000001", "REJECT fee_limit"],
    [{ max_fee: "0" }, "10", "0", "ALLOW within_limits"],
    [{ max_fee: "0" }, "10", "0.00000001", "REJECT fee_limit"],
    [{ max_fee_ratio: "0.01" }, "10", "0.1", "ALLOW within_limits"],
    [{ max_fee_ratio: "0.01" }, "10", "0.10000001", "REJECT fee_limit"],
    [{ max_fee_ratio: 0.01 }, "9.99999999", "0.1", "REJECT fee_limit"],
    [{ max_fee_ratio: "0" }, "10", "0", "ALLOW within_limits"],
    [{ max_fee_ratio: "1" }, "10", "10", "ALLOW within_limits"],
    // the share is not compared where destinations get nothing; the largest fee is
    [{ max_fee_ratio: "0.01" }, "0", "5", "ALLOW within_limits"],
    [{ max_fee: "4", max_fee_ratio: "0.01" }, "0", "5", "REJECT fee_limit"],
  ])("with %o get %s at a fee of %s: %s", async (policy, sent, max_fee, expected) => {
    const { ask } = start({ max_24h: "100", ...policy });
    const destinations = sent === "0" ? [] : [to("x", sent)];
    const sum = Math.round((Number(sent) + Number(max_fee)) * 1e8) / 1e8;
    const answer = await ask("w", sum.toFixed(8), { max_fee, destinations });
    expect(said(answer)).toBe(expected);
    if (expected.endsWith("fee_limit")) {
      const limit = policy.max_fee === undefined ? "max_fee_ratio" : "max_fee";
      expect(answer.breaches).toEqual([{ code: "fee_limit", scope: "wallet:hot-1", limit }]);
    }
  });

  it("have the fees of all payouts capped together", async () => {
    const { pay } = start({ max_24h: "100", max_fee: "1" });
    const payout = (withdrawal_id: string, max_fee: string) => ({
      withdrawal_id,
      amount: (1 + Number(max_fee)).toFixed(8),
      max_fee,
      destinations: [to("x", "1")],
    });
    expect(said(await pay("p", [payout("1", "0.5"), payout("2", "0.50000001")]))).toBe(
      "REJECT fee_limit",
    );
    expect(said(await pay("q", [payout("3", "0.5"), payout("4", "0.5")]))).toBe(
      "ALLOW within_limits",
    );
  });
});
