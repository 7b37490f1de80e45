/** Random histories of signers: claims at every edge, fee bumps, releases, late and double commits, clocks that are wrong. */
import fc from "fast-check";

/** A rolling window, in base units. */
type Window = Readonly<{ seconds: number; maxUnits: number | null; maxCount: number | null }>;

export type SigningPolicy = Readonly<{
  claim: "implicit" | "explicit";
  validSeconds: number;
  skewMs: number;
  account: readonly Window[];
  wallet: readonly Window[];
  global: readonly Window[];
}>;

export type SigningStep =
  | Readonly<{
      do: "ask";
      id: string;
      payouts: readonly Readonly<{ account: string; units: number }>[];
      risk: "LOW" | "MEDIUM";
    }>
  | Readonly<{ do: "claim"; id: string; signer: string; inputs: readonly string[] | null }>
  | Readonly<{ do: "commit"; id: string; txid: string }>
  | Readonly<{ do: "release"; id: string; signer: string | null }>
  /** True time passes, and the guardian's clock is ahead of it by so much. */
  | Readonly<{ do: "tick"; ms: number; offMs: number }>
  /** What was delayed last is requested and claimed at the first moment that the answer gave, by a clock that is ahead. */
  | Readonly<{ do: "retry"; offMs: number }>
  | Readonly<{ do: "jump"; offMs: number }>
  | Readonly<{ do: "acceptClock"; offMs: number }>;

export type SigningHistory = Readonly<{
  policy: SigningPolicy;
  /** How far the guardian's clock may be ahead of the true time. */
  aheadMs: number;
  /** How late signers may be. */
  lateMs: number;
  steps: readonly SigningStep[];
}>;

const of = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const IDS = ["a", "b", "c", "d", "e", "f", "g", "i", "j", "k", "l", "h"];
const LARGE = IDS.length - 1;
const id = of(...IDS);
const INPUTS = [`${"11".repeat(32)}:0`, `${"22".repeat(32)}:1`];
const TXIDS = ["aa".repeat(32), "bb".repeat(32)];
const ACCOUNTS = ["x", "y", "z"];

/** 1, 2, 3 payouts, or 200: the same id always has the same content. */
const payoutsOf = (name: string) => {
  const n = IDS.indexOf(name);
  const length = n === LARGE ? 200 : 1 + (n % 3);
  return Array.from({ length }, (_, index) => ({
    account: ACCOUNTS[(n + index) % ACCOUNTS.length] ?? "x",
    units: n === LARGE ? 1 : 1 + ((n + index) % 3),
  }));
};

const window = fc
  .record({
    seconds: of(1, 2, 3, 10, 60),
    maxUnits: fc.option(fc.oneof(fc.integer({ min: 6, max: 20 }), of(200, 220)), { nil: null }),
    maxCount: fc.option(fc.oneof(fc.integer({ min: 3, max: 9 }), of(200, 203)), { nil: null }),
  })
  .filter(({ maxUnits, maxCount }) => maxUnits !== null || maxCount !== null);
const windows = fc.array(window, { maxLength: 2 });

const policies: fc.Arbitrary<SigningPolicy> = fc
  .record({
    claim: of("implicit" as const, "explicit" as const, "explicit" as const),
    validSeconds: of(1, 2, 3, 10, 60),
    skewMs: of(0, 1, 500, 1_000, 5_000),
    account: windows,
    wallet: fc.array(window, { minLength: 1, maxLength: 2 }),
    global: windows,
  })
  .map((policy) => {
    const all = [...policy.account, ...policy.wallet, ...policy.global];
    // A claim is not longer than the shortest window, and often just as long.
    const shortest = Math.min(...all.map(({ seconds }) => seconds));
    return { ...policy, validSeconds: Math.min(policy.validSeconds, shortest) };
  });

const ahead = of(0, 0, 1, 250, 500, 999, 1_000, 5_000);
const tick = fc.record({
  do: of("tick" as const),
  ms: of(
    0,
    1,
    500,
    998,
    999,
    1_000,
    1_001,
    1_999,
    2_000,
    3_000,
    5_000,
    9_999,
    10_000,
    60_000,
    65_000,
  ),
  offMs: ahead,
});

const step: fc.Arbitrary<SigningStep> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ id, risk: of(...Array<"LOW">(11).fill("LOW"), "MEDIUM" as const) })
      .map(({ id: name, risk }) => ({
        do: "ask" as const,
        id: name,
        payouts: payoutsOf(name),
        risk,
      })),
  },
  { weight: 12, arbitrary: tick },
  {
    weight: 12,
    arbitrary: fc.record({
      do: of("claim" as const),
      id,
      signer: of("s1", "s1", "s2"),
      inputs: of(null, [INPUTS[0] ?? ""], [INPUTS[0] ?? ""], INPUTS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: of("commit" as const), id, txid: of(...TXIDS) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: of("release" as const), id, signer: of("s1", "s2", null) }),
  },
  { weight: 8, arbitrary: fc.record({ do: of("retry" as const), offMs: ahead }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: of("jump" as const), offMs: of(-7_200_000, -3_600_000, 3_600_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: of("acceptClock" as const), offMs: ahead }) },
);

const BACK = [0, 0, 1, 0, 2, 5];

/** Most claims, commits and releases are of one of the payments that were requested last. */
function onAskedPayments(steps: readonly SigningStep[]): SigningStep[] {
  const asked: string[] = [];
  return steps.map((one, index): SigningStep => {
    if (one.do === "ask") asked.push(one.id);
    if (one.do !== "claim" && one.do !== "commit" && one.do !== "release") return one;
    const known = asked.at(-1 - (BACK[index % BACK.length] ?? 0)) ?? asked.at(-1);
    return index % 7 === 0 || known === undefined ? one : { ...one, id: known };
  });
}

/** Histories in which the errors of all clocks together are at most the skew, and `moreMs`. */
export const signingHistories = (moreMs = 0): fc.Arbitrary<SigningHistory> =>
  fc
    .record({
      policy: policies,
      share: of(0, 0, 1, 2, 4),
      steps: fc.array(step, { minLength: 10, maxLength: 60, size: "max" }),
    })
    .map(({ policy, share, steps: drawn }) => {
      const steps = onAskedPayments(drawn);
      const aheadMs = Math.floor((policy.skewMs * share) / 4);
      return { policy, aheadMs, lateMs: policy.skewMs - aheadMs + moreMs, steps };
    });
