/** Hash rates of a live chain over time: drift, trends, visits, hopping, changes of Odocrypt's shape. */
import { exponential, normal, type Random } from "../random.js";
import type { Conditions, Visits } from "./conditions.js";

/** Hash rates change at these steps, in seconds: what changes in between is seen at the next one. */
const STEP_S = 60;

const DAY_S = 86_400;

/** Share of a hash rate that is left where its miners are gone. */
const GONE = 1e-6;

/** Hopping miners come below this share of an algorithm's usual difficulty and go above the other. */
const HOP = { comes: 0.97, goes: 1.05, forgetsS: DAY_S } as const;

type Visited = Visits & { at: number; nextS: number; untilS: number };
type Hop = { usual: number; isHere: boolean };

/** Hash rates of the algorithms, in the order in which they were given. */
export type HashRates = Readonly<{
  /** The rates from a moment on; valid until `nextS()`. */
  at(nowS: number, difficulty: (bits: number) => number): Float64Array;
  nextS(): number;
}>;

/** The hash rates of a chain's algorithms from `startS` on. */
export function createHashRates(
  { visits, trends, hopping, shapeGoneS, chain, variation }: Conditions,
  { bits, random, startS }: Readonly<{ bits: readonly number[]; random: Random; startS: number }>,
): HashRates {
  const kept = Math.exp(-STEP_S / variation.driftForgetsS);
  const noise = variation.drift * Math.sqrt(1 - kept ** 2);
  const drift = new Float64Array(bits.length);
  const rates = new Float64Array(bits.length).fill(1);
  const visited: Visited[] = visits.flatMap((one) =>
    bits.flatMap((each, at) =>
      one.algorithms?.includes(each) === false
        ? []
        : [{ ...one, at, nextS: startS + exponential(random, DAY_S / one.perDay), untilS: 0 }],
    ),
  );
  const hops: Hop[] = bits.map(() => ({ usual: Number.NaN, isHere: false }));
  const shape = chain.shape_changes;
  const shaped = chain.algorithms.find(({ name }) => name === shape?.algorithm)?.bits;
  const shapedAt = shaped === undefined ? -1 : bits.indexOf(shaped);
  let nextS = startS;

  function step(difficulty: (bits: number) => number): void {
    for (const [i, one] of bits.entries()) {
      const logarithm = (drift[i] ?? 0) * kept + noise * normal(random);
      drift[i] = logarithm;
      let rate = Math.exp(logarithm);
      for (const trend of trends) rate *= trend(one, nextS, nextS - startS);
      if (hopping > 1) rate *= hopped(hops[i], difficulty(one), hopping);
      rates[i] = rate;
    }
    for (const one of visited) visit(one, nextS, rates, { random, spread: variation.visitSpread });
    const sinceShape = shape === undefined ? Infinity : nextS % shape.interval_seconds;
    if (shapedAt >= 0 && sinceShape < shapeGoneS) {
      const goneS = shapeGoneS * (1 - variation.shapeReturns);
      const back = sinceShape < goneS ? 0 : (sinceShape - goneS) / (shapeGoneS - goneS);
      rates[shapedAt] = (rates[shapedAt] ?? 1) * Math.max(GONE, back);
    }
    nextS += STEP_S;
  }

  return {
    at(nowS, difficulty) {
      while (nowS >= nextS) step(difficulty);
      return rates;
    },
    nextS: () => nextS,
  };
}

function visit(
  one: Visited,
  nowS: number,
  rates: Float64Array,
  { random, spread }: Readonly<{ random: Random; spread: number }>,
): void {
  if (nowS >= one.nextS) {
    one.untilS = nowS + one.lastsS * (1 + spread * (2 * random() - 1));
    one.nextS = one.untilS + exponential(random, DAY_S / one.perDay);
  }
  if (nowS < one.untilS) rates[one.at] = (rates[one.at] ?? 0) * one.factor;
}

function hopped(hop: Hop | undefined, difficulty: number, factor: number): number {
  if (hop === undefined) return 1;
  if (Number.isNaN(hop.usual)) hop.usual = difficulty;
  hop.usual += (STEP_S / HOP.forgetsS) * (difficulty - hop.usual);
  const share = difficulty / hop.usual;
  if (share < HOP.comes) hop.isHere = true;
  if (share > HOP.goes) hop.isHere = false;
  return hop.isHere ? factor : 1;
}
