import { describe, expect, it } from "vitest";
import { evaluateTransaction } from "../../src/index.js";
import { approval, BINDS, HEALTHY, without } from "../support/contexts.js";

type Case = [title: string, context: object, policy: object, reason: string];

const REFUSE_NOTHING_BY_RATIO = { max_tx_ratio_normal: 1, max_tx_ratio_high: 1 };
const big = { wallet_balance: "100000" };

const CASES: Case[] = [
  ["nothing is wrong", {}, {}, "QWG_ALLOW"],

  ["Sentinel is critical", { sentinel_level: "critical" }, {}, "QWG_CRITICAL_CHAIN_OR_NODE_RISK"],
  ["ADN is critical", { adn_level: "critical" }, {}, "QWG_CRITICAL_CHAIN_OR_NODE_RISK"],
  [
    "Sentinel is critical and the policy allows critical",
    { sentinel_level: "critical" },
    { max_allowed_risk: "critical" },
    "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
  ],
  ["Guardian freezes", { guardian_decision: "FREEZE" }, {}, "QWG_GUARDIAN_BLOCK"],
  ["Guardian rejects", { guardian_decision: "REJECT" }, {}, "QWG_GUARDIAN_BLOCK"],
  ["Guardian allows", { guardian_decision: "ALLOW" }, {}, "QWG_ALLOW"],

  ["Sentinel is at the allowed risk", { sentinel_level: "high" }, {}, "QWG_ALLOW"],
  [
    "ADN is above the allowed risk",
    { adn_level: "high" },
    { max_allowed_risk: "elevated" },
    "QWG_POLICY_MAX_RISK_EXCEEDED",
  ],
  ["network score just below critical", { dqs_network_score: 0.8999999 }, {}, "QWG_ALLOW"],
  ["network score critical", { dqs_network_score: 0.9 }, {}, "QWG_POLICY_MAX_RISK_EXCEEDED"],
  [
    "network score at the policy's own elevated threshold",
    { dqs_network_score: 0.1 },
    { network_score_elevated: "0.1", max_allowed_risk: "normal" },
    "QWG_POLICY_MAX_RISK_EXCEEDED",
  ],
  [
    "network score just below the policy's own elevated threshold",
    { dqs_network_score: 0.09999999999999999 },
    { network_score_elevated: "0.1", max_allowed_risk: "normal" },
    "QWG_ALLOW",
  ],
  [
    "advisory is critical though the score is low",
    { dqs_advisory: "CRITICAL_GLOBAL" },
    {},
    "QWG_POLICY_MAX_RISK_EXCEEDED",
  ],
  [
    "advisory is unknown and only normal is allowed",
    { dqs_advisory: "UNKNOWN" },
    { max_allowed_risk: "normal" },
    "QWG_POLICY_MAX_RISK_EXCEEDED",
  ],
  ["Guardian delays", { guardian_decision: "DELAY" }, {}, "QWG_GUARDIAN_DELAY"],

  // 99 % of 1,000 is 990
  ["amount one unit below 99 %", { tx_amount: "989.99999999" }, {}, "QWG_RATIO_NORMAL"],
  ["amount at 99 %", { tx_amount: "990" }, {}, "QWG_FULL_BALANCE_WIPE"],
  ["amount is the balance", { tx_amount: "1000" }, {}, "QWG_FULL_BALANCE_WIPE"],
  ["amount one unit above", { tx_amount: "1000.00000001" }, {}, "QWG_AMOUNT_EXCEEDS_BALANCE"],
  [
    "amount above and wipes are allowed",
    { tx_amount: "1000.00000001" },
    { block_full_balance_tx: false },
    "QWG_AMOUNT_EXCEEDS_BALANCE",
  ],
  [
    "amount is the balance and wipes are allowed",
    { tx_amount: "1000" },
    { block_full_balance_tx: false, ...REFUSE_NOTHING_BY_RATIO },
    "QWG_ALLOW",
  ],
  ["balance is zero", { wallet_balance: 0 }, {}, "QWG_AMOUNT_EXCEEDS_BALANCE"],
  // 0.99 × 1 unit = 0.99 units, and 1 unit is more
  [
    "one unit of one",
    { wallet_balance: "0.00000001", tx_amount: 1e-8 },
    {},
    "QWG_FULL_BALANCE_WIPE",
  ],
  // 0.1 + 0.2 is exactly 0.3 of coins: 99 % of 0.3 is 0.297
  ["29.7 of 30", { wallet_balance: "30", tx_amount: 29.7 }, {}, "QWG_FULL_BALANCE_WIPE"],

  ["one unit below extra auth", { ...big, tx_amount: "9999.99999999" }, {}, "QWG_ALLOW"],
  ["exactly extra auth", { ...big, tx_amount: "10000" }, {}, "QWG_EXTRA_AUTH_THRESHOLD"],
  // both 4 and 5 match; the technical document's order has 4 first
  ["extra auth and ratio", { ...big, tx_amount: "60000" }, {}, "QWG_EXTRA_AUTH_THRESHOLD"],

  // 0.5 × 1,000 = 500; 0.1 × 1,000 = 100
  ["exactly the normal ratio", { tx_amount: "500" }, {}, "QWG_ALLOW"],
  ["one unit above the normal ratio", { tx_amount: "500.00000001" }, {}, "QWG_RATIO_NORMAL"],
  ["elevated keeps the normal ratio", { tx_amount: "500", adn_level: "elevated" }, {}, "QWG_ALLOW"],
  ["exactly the high ratio", { tx_amount: "100", adn_level: "high" }, {}, "QWG_ALLOW"],
  [
    "one unit above the high ratio",
    { tx_amount: "100.00000001", adn_level: "high" },
    {},
    "QWG_RATIO_HIGH_RISK",
  ],
  [
    "high by network score alone",
    { tx_amount: "100.00000001", dqs_network_score: 0.6 },
    {},
    "QWG_RATIO_HIGH_RISK",
  ],
  [
    "critical by advisory where the policy allows it",
    { tx_amount: "100.00000001", dqs_advisory: "CRITICAL_GLOBAL" },
    { max_allowed_risk: "critical" },
    "QWG_RATIO_HIGH_RISK",
  ],

  ["behaviour at the maximum", { behaviour_score: 1.5 }, {}, "QWG_ALLOW"],
  ["behaviour above", { behaviour_score: 1.5000000000000002 }, {}, "QWG_BEHAVIOUR_OR_DEVICE"],
  ["a tiny behaviour score", { behaviour_score: 5e-324 }, {}, "QWG_ALLOW"],
  ["an untrusted device", { trusted_device: false }, {}, "QWG_BEHAVIOUR_OR_DEVICE"],
  [
    "an untrusted device where that is allowed",
    { trusted_device: false },
    { require_trusted_device: false },
    "QWG_ALLOW",
  ],
  ["address at the minimum age", { address_age_days: 7 }, { min_address_age_days: 7 }, "QWG_ALLOW"],
  ["address too young", { address_age_days: 6 }, { min_address_age_days: 7 }, "QWG_NEW_ADDRESS"],
  ["address of unknown age", {}, { min_address_age_days: 1 }, "QWG_NEW_ADDRESS"],
  [
    "address of null age",
    { address_age_days: null },
    { min_address_age_days: 1 },
    "QWG_NEW_ADDRESS",
  ],
];

describe("evaluateTransaction", () => {
  it.each(CASES)("decides when %s", (_title, context, policy, reason) => {
    expect(evaluateTransaction({ ...HEALTHY, ...context }, policy).reason_id).toBe(reason);
  });

  it("gives a delay its cooldown", () => {
    expect(evaluateTransaction({ ...HEALTHY, guardian_decision: "DELAY" })).toEqual({
      decision: "delay",
      reason: "Wallet Guardian answered DELAY.",
      reason_id: "QWG_GUARDIAN_DELAY",
      may_broadcast: false,
      require_confirmation: false,
      require_second_factor: false,
      cooldown_seconds: 300,
    });
  });

  it("suggests the largest amount that the ratio lets pass", () => {
    // 0.5 × 0.00000003 = 1.5 units: 1 unit passes
    const context = { ...HEALTHY, wallet_balance: "0.00000003", tx_amount: "0.00000002" };
    const result = evaluateTransaction(context);
    expect(result).toMatchObject({ suggested_limit: "0.00000001", cooldown_seconds: 60 });
    const again = evaluateTransaction({ ...context, tx_amount: result.suggested_limit });
    expect(again.decision).toBe("allow");
  });

  it("requires confirmation and a second factor for a large amount", () => {
    const result = evaluateTransaction({ ...HEALTHY, ...big, tx_amount: "20000" });
    expect(result).toMatchObject({ require_confirmation: true, require_second_factor: true });
  });

  it("lets only an allow be broadcast", () => {
    for (const [, context, policy] of CASES) {
      const result = evaluateTransaction({ ...HEALTHY, ...context }, policy);
      expect(result.may_broadcast).toBe(result.decision === "allow");
    }
  });
});

describe("evaluateTransaction with approvals", () => {
  const large = { ...HEALTHY, ...big, tx_amount: "20000", binds: BINDS };
  const ann = approval("ann", "second_factor");

  it.each([
    ["no approval", [], 1, "QWG_EXTRA_AUTH_THRESHOLD"],
    ["a mere confirmation", [approval("ann", "confirmation")], 1, "QWG_EXTRA_AUTH_THRESHOLD"],
    ["a second factor", [ann], 1, "QWG_ALLOW"],
    ["an operator", [approval("bob", "operator")], 1, "QWG_ALLOW"],
    [
      "one person twice where two are needed",
      [ann, approval("ann", "operator")],
      2,
      "QWG_EXTRA_AUTH_THRESHOLD",
    ],
    ["two people", [ann, approval("bob", "operator")], 2, "QWG_ALLOW"],
    [
      "an approval of something else",
      [approval("ann", "operator", "cd".repeat(32))],
      1,
      "QWG_EXTRA_AUTH_THRESHOLD",
    ],
  ])("weighs %s for a large amount", (_title, approvals, required_approvals, reason) => {
    const result = evaluateTransaction({ ...large, approvals }, { required_approvals });
    expect(result.reason_id).toBe(reason);
  });

  it("counts nothing when the context lacks what approvals must bind to", () => {
    const unbound = without(large, "binds");
    expect(evaluateTransaction({ ...unbound, approvals: [ann] }).decision).toBe(
      "require_extra_auth",
    );
  });

  it.each([
    ["rule 5", { tx_amount: "600" }],
    ["rule 6, behaviour", { behaviour_score: 2 }],
    ["rule 6, device", { trusted_device: false }],
  ])("passes %s with one confirmation", (_rule, context) => {
    const asked = { ...HEALTHY, ...context, binds: BINDS };
    expect(evaluateTransaction(asked).decision).toBe("warn");
    const approvals = [approval("ann", "confirmation")];
    expect(evaluateTransaction({ ...asked, approvals }).decision).toBe("allow");
  });

  it.each([
    ["critical risk", { sentinel_level: "critical" }, "block"],
    ["a Guardian freeze", { guardian_decision: "FREEZE" }, "block"],
    ["risk above the policy", { dqs_advisory: "CRITICAL_GLOBAL" }, "delay"],
    ["a Guardian delay", { guardian_decision: "DELAY" }, "delay"],
    ["a wipe", { tx_amount: "99000" }, "block"],
  ])("never waives %s", (_title, context, decision) => {
    const approvals = [ann, approval("bob", "operator"), approval("eve", "confirmation")];
    expect(evaluateTransaction({ ...large, ...context, approvals }).decision).toBe(decision);
  });
});
