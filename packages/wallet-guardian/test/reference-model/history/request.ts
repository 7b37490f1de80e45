/** Random questions: what ids stand for, at times altered, and how callers write them. */
import fc from "fast-check";
import { maybe } from "./policy.js";
import type { Ask, Output, Payout } from "../types.js";

/** A question as it stands in a history: how long risk has been LOW is counted back from then. */
export type AskStep = Readonly<{ do: "ask"; by: number; ask: Ask; lowForMs: number | null }>;

export const IDS = ["a", "b", "c", "d", "e", "f", "g", "h"];
/** Payments of several payouts, all of one wallet; `a` is a payout's id too. */
const PAYMENTS: Readonly<Record<string, readonly string[]>> = {
  p: ["a", "c"],
  q: ["c", "e", "g"],
  r: ["b", "d"],
  s: ["f"],
  a: ["c", "e"],
};
const GOOD = "dgb1qaaaaccccffffdddd";
export const PLACES = [
  GOOD,
  "DGB1QAAAACCCCFFFFDDDD",
  "dgb1qaaaaeeeegggghddd",
  "dgb1qaaaaeeeeggggdddd",
  "SPPPPqqqqrrrrsssTTTT",
  "3PPPPqqqqrrrrsssUUUU",
  "DPPPPxxxxyyyyzzzTTTT",
  "short",
  "torn",
];
export const of = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
export const one = (n: number) => fc.integer({ min: 0, max: n - 1 }).map((at) => at === 0);
const id = of(...IDS);
export const risk = fc.oneof(
  { weight: 25, arbitrary: of("LOW" as const) },
  { weight: 10, arbitrary: of("MEDIUM" as const) },
  { weight: 4, arbitrary: of("HIGH" as const) },
  { weight: 1, arbitrary: of("NONE" as never) },
);
const finalize = of(
  ...([
    "none",
    "none",
    "none",
    "none",
    "none",
    "allow",
    "allow",
    "allow",
    "refuse",
    "throw",
  ] as const),
);
export const by = fc.integer({ min: 0, max: 5 }).map((n) => (n === 0 ? 1 : 0));

const walletOf = (name: string): string => (IDS.indexOf(name) % 2 === 0 ? "hot" : "cold");

/** What an id stands for where it was not altered. */
function ownPayout(name: string, { givesFees, namesPlaces }: Habits): Payout {
  const n = IDS.indexOf(name);
  const units = 2 + n;
  const maxFee = givesFees ? n % 3 : null;
  const rest = units - (maxFee ?? 0);
  const places: readonly Output[] =
    n === 5 && rest > 1
      ? [
          { address: GOOD, units: 1 },
          { address: PLACES[4] ?? GOOD, units: rest - 1 },
        ]
      : rest > 0
        ? [{ address: PLACES[n === 3 ? 6 : (n * 3) % 6] ?? GOOD, units: rest }]
        : [];
  return {
    id: name,
    account: n % 4 < 2 ? "x" : "y",
    units,
    maxFee,
    to: namesPlaces ? places : null,
  };
}

/** How callers of a history write their requests. */
export type Habits = Readonly<{ givesFees: boolean; namesPlaces: boolean; isCareless: boolean }>;
export const habits: fc.Arbitrary<Habits> = fc.record({
  givesFees: fc.boolean(),
  namesPlaces: one(4).map((none) => !none),
  isCareless: one(8),
});

const alteration = fc.record({
  units: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: of(0, 31) },
  ),
  hasAccount: fc.boolean(),
  place: maybe(of(...PLACES), 4),
  maxFee: maybe(fc.integer({ min: 0, max: 3 }), 1),
  isExact: one(4).map((isNot) => !isNot),
});
type Alteration = typeof alteration extends fc.Arbitrary<infer T> ? T : never;

function altered(
  payout: Payout,
  { units, hasAccount, place, maxFee, isExact }: Alteration,
): Payout {
  const rest = isExact ? units - (maxFee ?? 0) : units;
  return {
    id: payout.id,
    account: hasAccount ? payout.account : null,
    units,
    maxFee,
    to: place === null || rest <= 0 ? null : [{ address: place, units: rest }],
  };
}

/** A question before the habits are known: mostly what the id stands for, at times altered. */
export const rawAsk = fc.record({
  by,
  name: fc.oneof(
    { weight: 4, arbitrary: id.map((name) => ({ name, form: "withdrawal" as const })) },
    {
      weight: 2,
      arbitrary: of("p", "q", "r", "s", "a").map((name) => ({ name, form: "payment" as const })),
    },
    // A payment of one payout that is itself is a withdrawal.
    { weight: 1, arbitrary: id.map((name) => ({ name, form: "itself" as const })) },
  ),
  alteration: maybe(alteration, 1).chain((some) => one(6).map((is) => (is ? some : null))),
  risk,
  lowForMs: maybe(of(0, 1, 1_000, 5_000, 5_001, 60_000, 120_000), 2),
  finalize,
});

export function askOf(raw: RawAsk, habit: Habits): AskStep {
  const {
    by: process,
    name: { name, form },
    alteration: change,
    risk: level,
    lowForMs,
  } = raw;
  const names = form === "payment" ? (PAYMENTS[name] ?? [name]) : [name];
  const payouts = names.map((payout, index) => {
    const own = ownPayout(payout, habit);
    return change !== null && index === 0 ? altered(own, change) : own;
  });
  const ask: Ask = {
    form: form === "payment" ? "payment" : "withdrawal",
    id: name,
    wallet: walletOf(names[0] ?? name),
    payouts,
    risk: level,
    lowSince: null,
    finalize: raw.finalize,
  };
  return { do: "ask", by: process, ask, lowForMs: level === "LOW" ? lowForMs : null };
}

export type RawAsk = typeof rawAsk extends fc.Arbitrary<infer T> ? T : never;
