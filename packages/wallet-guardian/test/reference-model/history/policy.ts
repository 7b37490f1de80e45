/** Random policies: small numbers, so that everything meets. */
import fc from "fast-check";
import type { DestinationPolicy, ModelLimits, ModelPolicy, Row, Verdict } from "../types.js";

const VERDICTS = ["ALLOW", "DELAY", "FREEZE", "REJECT"] as const;
const REFUSALS = ["DELAY", "FREEZE", "REJECT"] as const;
const REFUSING_ROWS: readonly string[] = ["wallet_frozen", "frozen_persistent_attempts"];

/** A value, or null in about one of `freq` cases. */
export const maybe = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: null, freq });
const seldom = <T>(value: fc.Arbitrary<T>, weight = 7) =>
  fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
const seconds = fc.constantFrom(1, 2, 5, 30, 60);
const units = fc.integer({ min: 4, max: 30 });

const limits: fc.Arbitrary<ModelLimits> = fc.record({
  maxPerTx: maybe(units),
  max24h: maybe(units),
  windows: fc.array(
    fc
      .record({ seconds, maxAmount: maybe(units), maxCount: maybe(fc.integer({ min: 1, max: 3 })) })
      .filter(({ maxAmount, maxCount }) => maxAmount !== null || maxCount !== null),
    { maxLength: 2 },
  ),
  cooldownSeconds: fc.constantFrom(0, 0, 1, 5, 60),
});

const row = (verdicts: readonly Verdict[]): fc.Arbitrary<Row> => {
  const verdict = fc.constantFrom(...verdicts);
  return fc.record({ LOW: verdict, MEDIUM: verdict, HIGH: verdict });
};

const same = (verdict: Verdict): Row => ({ LOW: verdict, MEDIUM: verdict, HIGH: verdict });

/** The default table, written down once more. */
const TABLE: Readonly<Record<string, Row>> = {
  within_limits: same("ALLOW"),
  cooldown_breach: { LOW: "DELAY", MEDIUM: "DELAY", HIGH: "REJECT" },
  per_tx_limit: same("REJECT"),
  daily_limit: { LOW: "DELAY", MEDIUM: "FREEZE", HIGH: "FREEZE" },
  window_limit: { LOW: "DELAY", MEDIUM: "FREEZE", HIGH: "FREEZE" },
  wallet_frozen: same("REJECT"),
  frozen_persistent_attempts: same("REJECT"),
};

const rows = Object.fromEntries(
  Object.keys(TABLE).map((name) => [name, row(REFUSING_ROWS.includes(name) ? REFUSALS : VERDICTS)]),
);
const table = fc.oneof(
  { weight: 7, arbitrary: fc.constant(TABLE) },
  {
    weight: 1,
    arbitrary: fc
      .record(rows, { requiredKeys: [] })
      .map((some) => ({ ...TABLE, ...some }) as Readonly<Record<string, Row>>),
  },
);

const GOOD = "dgb1qaaaaccccffffdddd";
const LISTED = [GOOD, "SPPPPqqqqrrrrsssTTTT", "short"];

const destinations: fc.Arbitrary<DestinationPolicy> = fc.record({
  allowed: seldom(fc.subarray(LISTED), 9),
  denied: fc.subarray(["DPPPPxxxxyyyyzzzTTTT"]),
  maxFee: seldom(fc.integer({ min: 0, max: 2 }), 5),
  maxFeeRatio1e8: seldom(fc.constantFrom(0, 25_000_000, 33_333_333, 100_000_000), 5),
  newSeconds: seldom(seconds, 3),
  newFree: fc.constantFrom(0, 0, 3, 6, 12),
  lookalikes: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
});

const NO_DESTINATIONS: DestinationPolicy = {
  allowed: null,
  denied: [],
  maxFee: null,
  maxFeeRatio1e8: null,
  newSeconds: null,
  newFree: 0,
  lookalikes: false,
};

/** Policies that the engine takes. */
export const policies: fc.Arbitrary<ModelPolicy> = fc
  .record({
    plain: limits,
    further: fc.record({ account: maybe(limits), wallet: seldom(limits), global: maybe(limits) }),
    claim: fc.constantFrom("implicit" as const, "explicit" as const),
    highRiskFreeze: fc.boolean(),
    releaseFreezeAtLow: fc.constantFrom("risk" as const, "all" as const, "none" as const),
    liftAfterLowSeconds: fc.constantFrom(0, 1, 5, 60),
    freezeSeconds: maybe(seconds, 2),
    freezeScope: fc.constantFrom("wallet" as const, "account" as const),
    accountsFrozen: fc.record({ count: fc.integer({ min: 1, max: 3 }), seconds }),
    attempts: fc.record({ count: fc.integer({ min: 1, max: 3 }), seconds }),
    allowValidSeconds: fc.constantFrom(1, 5, 60),
    maxClockJumpMs: fc.constantFrom(0, 1_000, 5_000),
    destinations: fc.oneof(
      fc.constant(NO_DESTINATIONS),
      fc.constant(NO_DESTINATIONS),
      destinations,
    ),
    table,
  })
  .map(withShortClaims)
  .filter(isUsable);

/** No claim is longer than the shortest window. */
function withShortClaims(policy: ModelPolicy): ModelPolicy {
  const all = [policy.plain, ...Object.values(policy.further)];
  const windows = all.flatMap((one) => (one?.windows ?? []).map((window) => window.seconds));
  return {
    ...policy,
    allowValidSeconds: Math.min(policy.allowValidSeconds, ...windows),
  };
}

/** A policy that limits nothing, or gives a single limit twice, is rejected by the engine. */
function isUsable({ plain, further }: ModelPolicy): boolean {
  const all = [plain, ...Object.values(further)];
  const limitsSomething = all.some(
    (one) =>
      one !== null && (one.maxPerTx !== null || one.max24h !== null || one.windows.length > 0),
  );
  const { wallet } = further;
  const isTwice =
    wallet !== null &&
    ((plain.maxPerTx !== null && wallet.maxPerTx !== null) ||
      (plain.max24h !== null && wallet.max24h !== null) ||
      (plain.cooldownSeconds > 0 && wallet.cooldownSeconds > 0));
  return limitsSomething && !isTwice;
}
