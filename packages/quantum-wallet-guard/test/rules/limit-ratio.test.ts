/** A suggested limit is an amount that is allowed, or there is none (design, section 8, rule 5). */
import { describe, expect, it } from "vitest";
import { randomContext, randomPolicy } from "../../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";
import { runs } from "@dgb-shield/testkit/runs";
import { evaluateTransaction, parsePolicy } from "../../src/index.js";
import { HEALTHY } from "../support/contexts.js";

const LARGE = { ...HEALTHY, tx_amount: "600" };

describe("suggested_limit", () => {
  it("gives allow when it is fed back, on contexts near every boundary", () => {
    const contexts = runs(5_000, 20_000);
    const random = createRandom(21);
    const counts = { given: 0, withheld: 0 };
    for (let i = 0; i < contexts; i++) {
      const policy = parsePolicy(randomPolicy(random));
      const context = randomContext(random, policy);
      const { reason_id, suggested_limit } = evaluateTransaction(context, policy);
      if (!reason_id.startsWith("QWG_RATIO")) {
        expect(suggested_limit).toBeUndefined();
      } else if (suggested_limit === undefined) {
        counts.withheld++;
        const least = evaluateTransaction({ ...context, tx_amount: "0.00000001" }, policy);
        expect(least.decision).not.toBe("allow");
      } else {
        counts.given++;
        const again = evaluateTransaction({ ...context, tx_amount: suggested_limit }, policy);
        expect(again.decision).toBe("allow");
      }
    }
    expect(Math.min(counts.given, counts.withheld)).toBeGreaterThan(contexts / 200);
  });

  it.each<[string, object, object]>([
    ["behaviour is unusual", { behaviour_score: 2 }, {}],
    ["the device is not trusted", { trusted_device: false }, {}],
    ["the address is new", { address_age_days: 1 }, { min_address_age_days: 7 }],
    ["the address is of unknown age", {}, { min_address_age_days: 7 }],
    ["the limit is nothing", {}, { max_tx_ratio_normal: 0 }],
    [
      "the limit is less than a unit",
      { wallet_balance: "0.00000001" },
      { block_full_balance_tx: false },
    ],
  ])("is withheld where %s", (_why, change, policy) => {
    const context = { ...LARGE, ...change };
    if ("wallet_balance" in change) context.tx_amount = "0.00000001";
    const result = evaluateTransaction(context, policy);
    expect(result.reason_id).toBe("QWG_RATIO_NORMAL");
    expect(result).not.toHaveProperty("suggested_limit");
  });

  it("is given where the smaller amount is allowed", () => {
    expect(evaluateTransaction(LARGE)).toMatchObject({ decision: "warn", suggested_limit: "500" });
  });
});
