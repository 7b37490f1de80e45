import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { coins, randomContext, randomPolicy, units } from "../../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";
import {
  type Approval,
  counterfactual,
  evaluateTransaction,
  parsePolicy,
  type RiskContext,
  type WalletPolicy,
  type Way,
} from "../../src/index.js";
import { approval, BINDS, HEALTHY } from "../support/contexts.js";
import { STRANGE_VALUES } from "../support/wrong-values.js";

const BETTER = ["normal", "elevated", "high", "critical"];

/** `context` with an amount: approvals bind to the amount that they were given for. */
const withAmount = (context: RiskContext, tx_amount: string): RiskContext =>
  units(tx_amount) === units(context.tx_amount)
    ? context
    : { ...context, tx_amount, approvals: [] };

/** `context` when a way has been gone, with so many of its missing people. */
function gone(context: RiskContext, way: Way, people = way.approvals?.people ?? 0): RiskContext {
  const then = { ...context, ...way.change };
  if (way.approvals === undefined) return then;
  const { standing, methods, binds } = way.approvals;
  const further: Approval[] = Array.from({ length: people }, (_, i) => ({
    approver: `further-${i}`,
    method: methods[i % methods.length]!,
    approved_at_ms: then.created_at ?? 0,
    binds: binds ?? BINDS,
  }));
  return { ...then, binds: binds ?? BINDS, approvals: [...standing, ...further] };
}

/** Each evidence of a way, made one step worse. */
function* worsened(change: Way["change"]): Generator<Partial<RiskContext>> {
  for (const field of ["sentinel_level", "adn_level"] as const) {
    const level = change[field];
    if (level !== undefined) yield { [field]: BETTER[BETTER.indexOf(level) + 1] as "high" };
  }
  const { dqs_network_score: score, address_age_days: age } = change;
  if (score !== undefined) yield { dqs_network_score: score + 2 ** -53 };
  if (typeof age === "number") yield { address_age_days: age - 1 };
  if (change.dqs_advisory === "CRITICAL_LOCAL") yield { dqs_advisory: "CRITICAL_GLOBAL" };
  if (change.dqs_advisory === "NORMAL") yield { dqs_advisory: "UNKNOWN" };
  if (change.guardian_decision === "ALLOW") yield { guardian_decision: "DELAY" };
}

function* cases(seed: number, count: number): Generator<[RiskContext, WalletPolicy]> {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const policy = parsePolicy(randomPolicy(random));
    yield [randomContext(random, policy), policy];
  }
}

const CONTEXTS = runs(1_000, 5_000);

describe("counterfactual", () => {
  it("names the largest amount: it is allowed, one unit more is not", () => {
    const counts = { some: 0, none: 0 };
    for (const [context, policy] of cases(5, CONTEXTS)) {
      const { largest_amount, result } = counterfactual(context, policy);
      expect(result).toEqual(evaluateTransaction(context, policy));
      const decide = (amount: string) =>
        evaluateTransaction(withAmount(context, amount), policy).decision;
      if (largest_amount !== null) {
        expect(decide(largest_amount)).toBe("allow");
        expect(decide(coins(units(largest_amount) + 1n))).not.toBe("allow");
        counts.some++;
      } else {
        for (const amount of ["0.00000001", context.tx_amount]) {
          expect(decide(String(amount))).not.toBe("allow");
        }
        counts.none++;
      }
    }
    expect(Math.min(counts.some, counts.none)).toBeGreaterThan(0.08 * CONTEXTS);
  });

  it("names ways: gone, they are allowed; with one person less or a step worse they are not", () => {
    const counts = { waits: 0, people: 0, both: 0, steps: 0 };
    for (const [context, policy] of cases(6, 2 * CONTEXTS)) {
      const { result, ways } = counterfactual(context, policy);
      if (result.decision === "allow" || result.decision === "block") expect(ways).toEqual([]);
      for (const way of ways) {
        const then = gone(context, way);
        expect(evaluateTransaction(then, policy).decision).toBe("allow");
        if (way.approvals !== undefined) {
          const fewer = gone(context, way, way.approvals.people - 1);
          expect(evaluateTransaction(fewer, policy).decision).not.toBe("allow");
          counts.people++;
          if (way.after_seconds > 0) counts.both++;
        } else {
          for (const worse of worsened(way.change)) {
            const stepBack = evaluateTransaction({ ...then, ...worse }, policy);
            expect(stepBack.decision).not.toBe("allow");
            counts.steps++;
          }
          counts.waits++;
        }
      }
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0.01 * CONTEXTS);
  });

  it("offers both the wait and the approval for a new address", () => {
    const context = { ...HEALTHY, address_age_days: 5, binds: BINDS, created_at: 1_000 };
    expect(counterfactual(context, { min_address_age_days: 7 })).toEqual({
      result: evaluateTransaction(context, { min_address_age_days: 7 }),
      largest_amount: null,
      ways: [
        {
          after_seconds: 0,
          change: {},
          approvals: {
            people: 1,
            methods: ["confirmation", "second_factor", "operator"],
            binds: BINDS,
            standing: [],
          },
        },
        { after_seconds: 172_800, change: { address_age_days: 7, created_at: 172_801_000 } },
      ],
    });
  });

  it("counts the approvals that stand already", () => {
    const context = {
      ...HEALTHY,
      wallet_balance: "100000",
      tx_amount: "20000",
      binds: BINDS,
      approvals: [approval("ann", "operator"), approval("bob", "confirmation")],
    };
    const { ways, largest_amount } = counterfactual(context, { required_approvals: 3 });
    expect(largest_amount).toBe("9999.99999999");
    expect(ways[0]?.approvals).toMatchObject({ people: 2, standing: [{ approver: "ann" }] });
  });

  it("names the amount that was approved where no larger one is allowed", () => {
    const approvals = [approval("ann", "operator")];
    const context = { ...HEALTHY, tx_amount: "600", binds: BINDS, approvals };
    expect(counterfactual(context).largest_amount).toBe("600");
  });

  it("has no way out of a critical level, a freeze, a wipe and malformed input", () => {
    for (const change of [
      { sentinel_level: "critical" },
      { guardian_decision: "FREEZE" },
      { tx_amount: "1000" },
      { tx_amount: 0 },
    ]) {
      expect(counterfactual({ ...HEALTHY, ...change }).ways).toEqual([]);
    }
  });

  it("never throws", () => {
    for (const value of STRANGE_VALUES) {
      expect(counterfactual(value)).toMatchObject({ largest_amount: null, ways: [] });
      if (value !== undefined) expect(counterfactual(HEALTHY, value).result).toBeDefined();
    }
  });
});
