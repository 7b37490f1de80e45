import { RISK_LEVELS } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { randomContext, randomPolicy } from "../../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";
import {
  type Comparison,
  evaluateTransaction,
  explain,
  parsePolicy,
  REASON_IDS,
} from "../../src/index.js";
import { approval, BINDS, HEALTHY } from "../support/contexts.js";
import { STRANGE_VALUES } from "../support/wrong-values.js";

/** Order of the rules: malformed, 1 to 6, allow; the high ratio is checked before the normal one. */
const ORDER = REASON_IDS;
const OF_ADVISORY: Record<string, string> = {
  UNKNOWN: "elevated",
  ELEVATED: "elevated",
  CRITICAL_LOCAL: "elevated",
  NORMAL: "normal",
  CRITICAL_GLOBAL: "critical",
};

/** The comparison again, from its texts alone. */
function holds({ value, relation, limit }: Comparison): boolean {
  if (relation === "is") return value === limit;
  if (relation === "is not") return value !== limit;
  if (value === null) return false;
  const [a, b] = [placed(value), placed(limit)];
  return relation === "<" ? a < b : relation === "<=" ? a <= b : a >= b;
}

/** A level's place, or a decimal on the scale of 10^-360. */
function placed(text: string): bigint {
  const level = RISK_LEVELS.findIndex((name) => name === (OF_ADVISORY[text] ?? text));
  if (level >= 0) return BigInt(level);
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(360, "0"));
}

const CONTEXTS = runs(600, 3_000);

describe("explain", () => {
  it("gives every rule in order, and the engine's own decision, on random contexts", () => {
    const random = createRandom(3);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < CONTEXTS; i++) {
      const policy = parsePolicy(randomPolicy(random));
      const context = randomContext(random, policy);
      const { result, rules } = explain(context, policy);
      expect(result).toEqual(evaluateTransaction(context, policy));
      expect(rules.map(({ reason_id }) => reason_id)).toEqual(ORDER);
      expect(rules.filter(({ decides }) => decides).map((rule) => rule.reason_id)).toEqual([
        result.reason_id,
      ]);
      const first = rules.find(({ outcome }) => outcome === "failed");
      expect(first?.reason_id ?? "QWG_ALLOW").toBe(result.reason_id);
      for (const { outcome, compared, rule } of rules) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        for (const comparison of compared) expect(holds(comparison)).toBe(comparison.holds);
        const isPassed = compared.every((comparison) => comparison.holds);
        if (rule > 0 && rule < 7) expect(outcome === "passed" || outcome === "off").toBe(isPassed);
        if (outcome === "off") expect(compared).toEqual([]);
      }
    }
    for (const outcome of ["passed", "failed", "waived", "off"]) {
      expect(outcomes.get(outcome) ?? 0).toBeGreaterThan(CONTEXTS / 30);
    }
  });

  it("shows the exact numbers of the ratio, and the approvals that are required", () => {
    const context = { ...HEALTHY, wallet_balance: "0.00000003", tx_amount: 2e-8 };
    const ratio = explain(context).rules.find(({ decides }) => decides);
    expect(ratio).toEqual({
      rule: 5,
      reason_id: "QWG_RATIO_NORMAL",
      outcome: "failed",
      decides: true,
      compared: [
        {
          field: "tx_amount",
          value: "0.00000002",
          relation: "<=",
          limit: "0.000000015",
          source: "max_tx_ratio_normal × wallet_balance",
          holds: false,
        },
      ],
      approvals: { needed: 1, given: 0, methods: ["confirmation", "second_factor", "operator"] },
    });
  });

  it("names the check that approvals waived", () => {
    const approvals = [approval("ann", "operator")];
    const context = { ...HEALTHY, tx_amount: "600", binds: BINDS, approvals };
    const waived = explain(context).rules.filter(({ outcome }) => outcome === "waived");
    expect(waived.map(({ reason_id }) => reason_id)).toEqual(["QWG_RATIO_NORMAL"]);
  });

  it("looks at the checks behind the one that decides", () => {
    const context = { ...HEALTHY, sentinel_level: "critical", trusted_device: false };
    const failed = explain(context).rules.filter(({ outcome }) => outcome === "failed");
    expect(failed.map(({ reason_id }) => reason_id)).toEqual([
      "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
      "QWG_POLICY_MAX_RISK_EXCEEDED",
      "QWG_BEHAVIOUR_OR_DEVICE",
      "QWG_ALLOW",
    ]);
  });

  it.each([
    [{ ...HEALTHY, adn_level: "x" }, {}, "QWG_ERROR_INVALID_CONTEXT", "/adn_level"],
    [HEALTHY, { required_approvals: 0 }, "QWG_ERROR_INVALID_POLICY", "/required_approvals"],
    [{}, { required_approvals: 0 }, "QWG_ERROR_INVALID_CONTEXT", "/sentinel_level"],
  ])("explains malformed input %#", (context, policy, reason_id, path) => {
    const { result, rules } = explain(context, policy);
    expect(result).toEqual(evaluateTransaction(context, policy));
    expect(rules.find(({ decides }) => decides)).toMatchObject({ rule: 0, reason_id, path });
    expect(rules.slice(2).every(({ outcome }) => outcome === "not_evaluated")).toBe(true);
  });

  it("never throws", () => {
    for (const value of STRANGE_VALUES) {
      expect(explain(value, {}).result.may_broadcast).toBe(false);
      if (value !== undefined) expect(explain(HEALTHY, value).rules).toHaveLength(14);
    }
  });
});
