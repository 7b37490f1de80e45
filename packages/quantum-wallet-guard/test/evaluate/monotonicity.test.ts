import { QWG_DECISIONS } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { coins, randomContext, randomPolicy, units } from "../../fuzz/generate.js";
import { createRandom, type Random } from "@dgb-shield/testkit/random";
import { evaluateTransaction, parsePolicy, type RiskContext } from "../../src/index.js";
import { HEALTHY } from "../support/contexts.js";

const PAIRS = runs(2_000, 10_000);
const MAX_UNITS = 2n ** 63n - 1n;
const LEVELS = ["normal", "elevated", "high", "critical"] as const;
const GUARDIAN = ["ALLOW", "DELAY", "FREEZE", "REJECT"] as const;
const rankOf = (context: RiskContext, policy: object): number =>
  QWG_DECISIONS.indexOf(evaluateTransaction(context, policy).decision);

/** Compares so many pairs: a context, and one that must not be answered more mildly. */
function search(
  seed: number,
  harsher: (context: RiskContext, random: Random) => RiskContext,
  limit: (policy: object) => object = (policy) => policy,
) {
  const random = createRandom(seed);
  const milder: unknown[] = [];
  let stricter = 0;
  for (let i = 0; i < PAIRS; i++) {
    const policy = parsePolicy(limit(randomPolicy(random)));
    const context = randomContext(random, policy);
    const other = harsher(context, random);
    const [before, after] = [rankOf(context, policy), rankOf(other, policy)];
    if (after < before && !isSecondException(before, other, policy)) milder.push([context, other]);
    if (after > before) stricter++;
  }
  return { milder, stricter };
}

/** Rule 2 stands before rule 3: DELAY where calmer risk would BLOCK. */
function isSecondException(before: number, other: RiskContext, policy: object): boolean {
  const after = evaluateTransaction(other, policy);
  return before === QWG_DECISIONS.indexOf("block") && after.decision === "delay";
}

/** The high ratio not above the normal one. */
function orderedRatios(policy: object): object {
  const { max_tx_ratio_normal: normal, max_tx_ratio_high: high } = parsePolicy(policy);
  return Number(high) <= Number(normal)
    ? policy
    : { ...policy, max_tx_ratio_normal: high, max_tx_ratio_high: normal };
}

const bigger = (units: bigint, random: Random): bigint => {
  const next = units + random.pick([1n, 1n, 2n, units / 100n + 1n, units, MAX_UNITS]);
  return next > MAX_UNITS ? MAX_UNITS : next;
};
const worse = <T>(scale: readonly T[], value: T, random: Random): T => {
  const from = scale.indexOf(value);
  return scale[from + random.below(scale.length - from)]!;
};

describe("the order allow < warn < require_extra_auth < delay < block", () => {
  it("a larger amount never gives a milder decision", () => {
    const found = search(1, (context, random) => ({
      ...context,
      tx_amount: coins(bigger(units(context.tx_amount), random)),
    }));
    expect(found.milder).toEqual([]);
    expect(found.stricter).toBeGreaterThan(PAIRS / 40);
  });

  it("a smaller balance never gives a milder decision", () => {
    const found = search(2, (context, random) => {
      const balance = units(context.wallet_balance);
      const less = random.pick([balance - 1n, balance / 2n, (balance * 99n) / 100n, 0n]);
      return { ...context, wallet_balance: coins(less < 0n ? 0n : less) };
    });
    expect(found.milder).toEqual([]);
    expect(found.stricter).toBeGreaterThan(PAIRS / 40);
  });

  it("more risk never gives a milder decision, but for DELAY where calmer risk would BLOCK", () => {
    const found = search(
      3,
      (context, random) => ({
        ...context,
        sentinel_level: worse(LEVELS, context.sentinel_level, random),
        adn_level: worse(LEVELS, context.adn_level, random),
        dqs_network_score: Math.max(context.dqs_network_score, random.next()),
        guardian_decision: worse(GUARDIAN, context.guardian_decision ?? "ALLOW", random),
        behaviour_score: context.behaviour_score * random.pick([1, 1, 2]),
        trusted_device: context.trusted_device && !random.oneIn(3),
        ...(random.oneIn(3) && { address_age_days: null }),
        ...(random.oneIn(3) && { dqs_advisory: "CRITICAL_GLOBAL" }),
      }),
      orderedRatios,
    );
    expect(found.milder).toEqual([]);
    expect(found.stricter).toBeGreaterThan(PAIRS / 40);
  });

  it("first exception: a high ratio above the normal one allows at high risk what it warns of before", () => {
    const policy = { max_tx_ratio_normal: "0.1", max_tx_ratio_high: "0.5" };
    const context = { ...HEALTHY, tx_amount: "200" };
    expect(evaluateTransaction(context, policy).decision).toBe("warn");
    const atHigh = evaluateTransaction({ ...context, adn_level: "high" }, policy);
    expect(atHigh.decision).toBe("allow");
  });

  it("second exception: rule 2 delays at critical network risk what rule 3 blocks before", () => {
    const context = { ...HEALTHY, tx_amount: "1000" };
    expect(evaluateTransaction(context).decision).toBe("block");
    expect(evaluateTransaction({ ...context, dqs_network_score: 0.9 }).decision).toBe("delay");
  });
});
