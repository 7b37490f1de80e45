/** Random histories for the model and the engine: small numbers, so that everything meets. */
import fc from "fast-check";
import { type Ask, type ModelLimits, type ModelPolicy, RISKS, type Row } from "./model.js";

/** One step of a history. */
export type Step =
  | Readonly<{ do: "ask"; ask: Ask }>
  | Readonly<{ do: "commit" | "replace"; id: string; txid: string }>
  | Readonly<{ do: "release"; id: string }>
  | Readonly<{ do: "freeze" | "unfreeze"; scope: string }>
  | Readonly<{ do: "lift"; cause: string }>
  | Readonly<{ do: "tick"; wall: number; steady: number }>
  | Readonly<{ do: "acceptClock" }>;

/** A policy and what happens under it. */
export type History = Readonly<{
  policy: ModelPolicy;
  hasSteadyClock: boolean;
  steps: readonly Step[];
}>;

const VERDICTS = ["ALLOW", "DELAY", "FREEZE", "REJECT"] as const;
const REFUSALS = ["DELAY", "FREEZE", "REJECT"] as const;
const IDS = ["a", "b", "c", "d", "e", "f", "g", "h"];
const ADDRESSES = ["good", "bad", "other"];
const SCOPES = ["account:x", "account:y", "wallet:hot", "wallet:cold", "global"];
const TXIDS = ["aa".repeat(32), "bb".repeat(32)];
const DAY_MS = 86_400_000;

/** A value, or null in about one of `freq` cases. */
const maybe = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: null, freq });
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
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

const row = (verdicts: readonly (typeof VERDICTS)[number][]): fc.Arbitrary<Row> => {
  const verdict = fc.constantFrom(...verdicts);
  return fc.record({ LOW: verdict, MEDIUM: verdict, HIGH: verdict });
};

const same = (verdict: (typeof VERDICTS)[number]): Row => ({
  LOW: verdict,
  MEDIUM: verdict,
  HIGH: verdict,
});

/** The default table, written down once more. */
const TABLE: Readonly<Record<string, Row>> = {
  within_limits: same("ALLOW"),
  cooldown_breach: { LOW: "DELAY", MEDIUM: "DELAY", HIGH: "REJECT" },
  per_tx_limit: { LOW: "REJECT", MEDIUM: "FREEZE", HIGH: "REJECT" },
  daily_limit: { LOW: "DELAY", MEDIUM: "FREEZE", HIGH: "FREEZE" },
  window_limit: { LOW: "DELAY", MEDIUM: "FREEZE", HIGH: "FREEZE" },
  wallet_frozen: same("REJECT"),
  frozen_persistent_attempts: same("REJECT"),
};

const table = fc.oneof(
  { weight: 3, arbitrary: fc.constant(TABLE) },
  {
    weight: 1,
    arbitrary: fc
      .record(
        Object.fromEntries(
          Object.keys(TABLE).map((name) => [
            name,
            row(
              ["wallet_frozen", "frozen_persistent_attempts"].includes(name) ? REFUSALS : VERDICTS,
            ),
          ]),
        ),
        { requiredKeys: [] },
      )
      .map((rows) => ({ ...TABLE, ...rows }) as Readonly<Record<string, Row>>),
  },
);

const policy: fc.Arbitrary<ModelPolicy> = fc
  .record({
    plain: limits,
    further: fc.record({
      account: maybe(limits),
      wallet: seldom(limits),
      global: maybe(limits),
    }),
    highRiskFreeze: fc.boolean(),
    releaseFreezeAtLow: fc.constantFrom("risk" as const, "all" as const, "none" as const),
    attempts: fc.record({ count: fc.integer({ min: 1, max: 3 }), seconds }),
    allowValidSeconds: fc.constantFrom(1, 5, 60),
    maxClockJumpMs: fc.constantFrom(0, 1_000, 5_000),
    allowDestinations: seldom(fc.subarray(ADDRESSES)),
    denyDestinations: fc.subarray(["bad"]),
    table,
  })
  .filter(isUsable);

/** A policy that limits nothing, or gives a single limit twice, is refused by the engine. */
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

const id = fc.constantFrom(...IDS);

/** What an id stands for; asked again it is mostly the same, at times altered. */
const ask: fc.Arbitrary<Ask> = fc
  .record({
    id,
    isAltered: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    units: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 1, max: 9 }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 31) },
    ),
    hasAccount: fc.boolean(),
    destination: maybe(fc.constantFrom("good", "good", "good", "other", "bad"), 4),
    risk: fc.oneof(
      { weight: 25, arbitrary: fc.constant("LOW" as const) },
      { weight: 10, arbitrary: fc.constant("MEDIUM" as const) },
      { weight: 4, arbitrary: fc.constant("HIGH" as const) },
      { weight: 1, arbitrary: fc.constant("NONE" as never) },
    ),
    finalize: fc.constantFrom(
      "none" as const,
      "none" as const,
      "none" as const,
      "allow" as const,
      "allow" as const,
      "refuse" as const,
      "throw" as const,
    ),
  })
  .map(({ id, isAltered, units, hasAccount, destination, risk, finalize }) => {
    const n = IDS.indexOf(id);
    const wallet = n % 2 === 0 ? "hot" : "cold";
    const account = n % 4 < 2 ? "x" : "y";
    const own = { units: 2 + n, destination: n === 3 ? "other" : "good", account };
    const altered = { units, destination, account: hasAccount ? account : null };
    return { id, wallet, ...(isAltered ? altered : own), risk, finalize };
  });

const span = fc.constantFrom(0, 1, 999, 1_000, 2_000, 4_999, 5_000, 5_001, 30_000, 60_000, DAY_MS);
const tick = fc
  .record({
    by: span,
    how: fc.oneof(
      { weight: 9, arbitrary: fc.constant("both" as const) },
      { weight: 1, arbitrary: fc.constantFrom("wall" as const, "back" as const) },
    ),
  })
  .map(({ by, how }): Step => {
    if (how === "both") return { do: "tick", wall: by, steady: by };
    return { do: "tick", wall: how === "back" ? -by : by, steady: 0 };
  });

const cause = fc.oneof(
  fc.constant("risk"),
  id.map((one) => `breach:${one}`),
  fc.constantFrom(...SCOPES).map((scope) => `operator:${scope}`),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: ask.map((one): Step => ({ do: "ask", ask: one })) },
  { weight: 10, arbitrary: tick },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("commit" as const),
      id,
      txid: fc.constantFrom(...TXIDS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("replace" as const),
      id,
      txid: fc.constantFrom(...TXIDS),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("release" as const), id }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("freeze" as const), scope: fc.constantFrom(...SCOPES) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("unfreeze" as const),
      scope: fc.constantFrom(...SCOPES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lift" as const), cause }) },
  { weight: 3, arbitrary: fc.constant({ do: "acceptClock" } as const) },
);

/** A history, ending with a question whose hints can be tried out. */
export const histories: fc.Arbitrary<History> = fc.record({
  policy,
  hasSteadyClock: fc.boolean(),
  steps: fc
    .tuple(
      fc.array(step, { minLength: 4, maxLength: 24, size: "max" }),
      ask.map((one): Step => ({ do: "ask", ask: one })),
    )
    .map(([steps, last]) => [...steps, last]),
});

export const KNOWN_RISKS: readonly string[] = RISKS;
