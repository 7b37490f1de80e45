import { describe, expect, it } from "vitest";
import { randomContext, randomPolicy } from "../../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";
import { readContext } from "../../src/evaluate/parsed-context.js";
import { REASON_IDS } from "../../src/index.js";
import { readPolicy } from "../../src/policy/index.js";
import { isWaived } from "../../src/rules/check.js";
import { CHECKS, decidingCheck } from "../../src/rules/checks.js";
import { ruleInputOf } from "../../src/rules/rule-input.js";

/** Random inputs of the rules, near every boundary. */
function* inputs(count: number) {
  const random = createRandom(17);
  for (let i = 0; i < count; i++) {
    const policy = readPolicy(randomPolicy(random));
    if (!policy.ok) throw new Error(policy.path);
    const context = readContext(randomContext(random, policy.value.policy));
    if (!context.ok) throw new Error(context.path);
    yield ruleInputOf(context.value, policy.value);
  }
}

describe("Check.matches", () => {
  it("is what its comparisons state, on 6,000 inputs, each check on both sides", () => {
    const differences: string[] = [];
    const counts = new Map(CHECKS.map(({ reason_id }) => [reason_id, [0, 0]]));
    for (const input of inputs(6_000)) {
      for (const check of CHECKS) {
        const fails = check.comparisons.some(({ isOn, holds }) => isOn(input) && !holds(input));
        if (check.matches(input) !== fails) differences.push(check.reason_id);
        counts.get(check.reason_id)![fails ? 1 : 0]!++;
      }
    }
    expect(differences).toEqual([]);
    for (const [reason_id, both] of counts)
      expect(Math.min(...both), reason_id).toBeGreaterThan(50);
  });
});

describe("decidingCheck", () => {
  it("is the first of CHECKS that matches and is not waived, on 2,000 inputs", () => {
    for (const input of inputs(2_000)) {
      const first = CHECKS.find((check) => check.matches(input) && !isWaived(check, input));
      expect(decidingCheck(input)).toBe(first);
    }
  });

  it("goes through the checks in the order of the reason ids", () => {
    expect(CHECKS.map(({ reason_id }) => reason_id)).toEqual(REASON_IDS.slice(2, -1));
  });
});
