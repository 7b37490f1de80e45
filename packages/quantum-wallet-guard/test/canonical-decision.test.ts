/** The quick writer must write what the contract's canonical form is. */
import { canonicalize } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { randomContext, randomPolicy } from "../fuzz/generate.js";
import { createRandom } from "../fuzz/random.js";
import {
  createDecisionEngine,
  evaluateTransaction,
  parsePolicy,
  policyVersion,
  type RiskContext,
  riskContextSchema,
  withHash,
} from "../src/index.js";
import { canonicalDecision } from "../src/internal/canonical-decision.js";
import { knownContextOf } from "../src/evaluate/validated-context.js";
import { without } from "./support/contexts.js";
import { FULL } from "./support/wrong-values.js";

const STRANGE_IDS = ['a"b', "a\\ud800", "\\", "é😀", "a\u2028b", "a b", "/", "null", "1"];
const policy_version = policyVersion({});

function bothTexts(context: RiskContext, result = evaluateTransaction(context)) {
  return [
    canonicalDecision({ context: knownContextOf(context).fields, policy_version, result }),
    canonicalize({ context, policy_version, result }),
  ];
}

describe("canonicalDecision", () => {
  it("knows every field of the schema", () => {
    expect(Object.keys(FULL).sort()).toEqual(Object.keys(riskContextSchema.shape).sort());
    const [quick, canonical] = bothTexts(FULL as RiskContext);
    expect(quick).toBe(canonical);
  });

  it.each(Object.keys(FULL))("writes the canonical text without %s", (field) => {
    const context = without(FULL, field) as RiskContext;
    if (!riskContextSchema.safeParse(context).success) {
      expect(evaluateTransaction(context).decision).toBe("block");
      return;
    }
    const [quick, canonical] = bothTexts(context);
    expect(quick).toBe(canonical);
  });

  it.each(STRANGE_IDS)("escapes the id %j as the canonical form does", (id) => {
    const [approval] = FULL.approvals;
    const ids = { device_id: id, tx_id: id, wallet_fingerprint: id, user_id: id };
    const context = riskContextSchema.parse({
      ...FULL,
      ...ids,
      approvals: [approval, { ...approval, approver: "b.ob@x-y_z+1" }],
    });
    const [quick, canonical] = bothTexts(context);
    expect(quick).toBe(canonical);
  });

  it.each([0, -0, 5e-324, 1e-7, 0.1, 1, 2 ** 53 - 1, 123456789.125])(
    "writes the number %d as the canonical form does",
    (behaviour_score) => {
      const change = { behaviour_score, dqs_network_score: Math.min(1, behaviour_score) };
      const [quick, canonical] = bothTexts({
        ...FULL,
        ...change,
        wallet_balance: 0.1,
      } as RiskContext);
      expect(quick).toBe(canonical);
    },
  );

  it("gives the engine the hash of withHash on 3,000 contexts", () => {
    const random = createRandom(8);
    const decisions = new Set<string>();
    for (let i = 0; i < 3_000; i++) {
      const policy = parsePolicy(randomPolicy(random));
      const context = randomContext(random, policy);
      const result = createDecisionEngine({ policy }).evaluate(context);
      expect(result).toEqual(withHash(evaluateTransaction(context, policy), context, policy));
      decisions.add(result.decision);
    }
    expect(decisions.size).toBe(5);
  });
});
