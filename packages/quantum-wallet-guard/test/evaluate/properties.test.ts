import { RISK_LEVELS, type RiskLevel } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { evaluateTransaction, parsePolicy } from "../../src/index.js";
import { BINDS, HEALTHY, without } from "../support/contexts.js";

const UNITS = 100_000_000n;
const coins = (units: bigint): string =>
  `${units / UNITS}.${String(units % UNITS).padStart(8, "0")}`;

const level: fc.Arbitrary<RiskLevel> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("normal" as const, "elevated" as const, "high" as const),
  },
  { weight: 1, arbitrary: fc.constant("critical" as const) },
);
const score = fc.oneof(
  fc.constantFrom(0, 0.1, 0.25, 0.24999999999999997, 0.6, 0.5999999999999999, 0.9, 1, 5e-324),
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => Math.abs(value)),
);
const ratio = fc.constantFrom<string | number>(
  0.5,
  "0.5",
  0.1,
  "0.333333333333333333",
  1,
  0,
  "0.07",
);

const policy = fc.record(
  {
    block_full_balance_tx: fc.boolean(),
    max_tx_ratio_normal: ratio,
    max_tx_ratio_high: ratio,
    max_allowed_risk: fc.constantFrom("normal", "elevated", "high", "high", "critical"),
    threshold_extra_auth: fc.constantFrom<string | number>("10000", 3, "0.00000001", "90000000000"),
    max_behaviour_score: fc.constantFrom<string | number>(1.5, "1.25", 0),
    require_trusted_device: fc.boolean(),
    min_address_age_days: fc.constantFrom(0, 7),
    network_score_elevated: fc.constantFrom<string | number>(0.1, "0.25"),
    network_score_high: fc.constantFrom<string | number>("0.25", 0.6),
    required_approvals: fc.constantFrom(1, 2),
  },
  { requiredKeys: [] },
);

const balanceUnits = fc.oneof(
  fc.constantFrom(1n, 3n, 100n, UNITS, 1_000n * UNITS, 20_000n * UNITS, 2n ** 63n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
);
/** Amounts at, just below and just above each boundary that a balance has. */
const amountUnits = (balance: bigint) =>
  fc
    .tuple(
      fc.constantFrom<[bigint, bigint]>(
        [99n, 100n],
        [1n, 1n],
        [1n, 2n],
        [1n, 10n],
        [7n, 100n],
        [1n, 3n],
        [1n, 50n],
      ),
      fc.constantFrom(-1n, 0n, 0n, 1n),
      fc.constantFrom(3n * UNITS, 10_000n * UNITS, 0n, 0n, 0n, 0n),
    )
    .map(([[n, d], step, fixed]) => (fixed > 0n ? fixed : (balance * n) / d) + step)
    .map((units) => (units < 1n ? 1n : units > 2n ** 63n - 1n ? 2n ** 63n - 1n : units));

const approval = fc.record({
  approver: fc.constantFrom("ann", "bob", "eve"),
  method: fc.constantFrom("confirmation", "second_factor", "operator"),
  approved_at_ms: fc.constant(0),
  binds: fc.constantFrom(BINDS, BINDS, "cd".repeat(32)),
});
const money = balanceUnits.chain((balance) =>
  amountUnits(balance).map((amount) => ({
    wallet_balance: coins(balance),
    tx_amount: coins(amount),
  })),
);
const context = fc
  .tuple(
    money,
    fc.record(
      {
        sentinel_level: level,
        adn_level: level,
        dqs_network_score: score,
        behaviour_score: fc.constantFrom(0, 0, 1, 1, 1.25, 1.5, 1.5000000000000002, 1e-20, 1e9),
        trusted_device: fc.constantFrom(true, true, true, false),
        address_age_days: fc.constantFrom(null, 0, 6, 7, 8),
        dqs_advisory: fc.constantFrom(
          "NORMAL",
          "NORMAL",
          "UNKNOWN",
          "CRITICAL_LOCAL",
          "CRITICAL_GLOBAL",
        ),
        guardian_decision: fc.constantFrom("ALLOW", "ALLOW", "ALLOW", "DELAY", "FREEZE", "REJECT"),
        approvals: fc.array(approval, { maxLength: 3 }),
        binds: fc.constant(BINDS),
      },
      {
        requiredKeys: [
          "sentinel_level",
          "adn_level",
          "dqs_network_score",
          "behaviour_score",
          "trusted_device",
        ],
      },
    ),
  )
  .map(([amounts, rest]) => ({ ...amounts, ...rest }));

const ANYTHING = {
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
};

describe("evaluateTransaction", () => {
  it("never allows when any evidence field is removed", () => {
    fc.assert(
      fc.property(context, fc.constantFrom(...Object.keys(HEALTHY)), (given, field) => {
        const result = evaluateTransaction(without(given, field));
        expect(result).toMatchObject({ decision: "block", path: `/${field}` });
      }),
    );
  });

  it("never throws and never allows arbitrary input", () => {
    fc.assert(
      fc.property(fc.anything(ANYTHING), fc.anything(), (given, limits) => {
        expect(evaluateTransaction(given, limits).may_broadcast).toBe(false);
      }),
      { numRuns: runs(500, 2_000) },
    );
  });

  it("never allows at a worse level what it refuses at a better one", () => {
    const levels = ["sentinel_level", "adn_level"] as const;
    fc.assert(
      fc.property(context, fc.constantFrom(...levels), level, (given, field, other) => {
        const [better, worse] = [given[field], other].sort(
          (a, b) => RISK_LEVELS.indexOf(a) - RISK_LEVELS.indexOf(b),
        );
        const atWorse = evaluateTransaction({ ...given, [field]: worse });
        const atBetter = evaluateTransaction({ ...given, [field]: better });
        if (atWorse.may_broadcast) expect(atBetter.may_broadcast).toBe(true);
      }),
      { numRuns: runs(500, 2_000) },
    );
  });

  it("gives equal answers to equal input", () => {
    fc.assert(
      fc.property(context, policy, (given, limits) => {
        const copy = JSON.parse(JSON.stringify(given));
        expect(evaluateTransaction(copy, limits)).toEqual(
          evaluateTransaction(given, parsePolicy(limits)),
        );
      }),
    );
  });
});
