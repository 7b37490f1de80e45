/** Mining under live conditions: hash rates that move, miners' clocks, and blocks that come late. */
import { isActiveAt } from "@dgb-shield/chain";
import type { FoundBlock, HashRate, Mining } from "../mining.js";
import { createMultishield } from "../multishield.js";
import { exponential, normal, type Random } from "../random.js";
import type { Conditions } from "./conditions.js";
import { createHashRates } from "./hash-rates.js";
import { createPeriodicRetarget } from "./retarget.js";

/** Clocks that are ahead are so by this much, and how many such miners there are. */
const AHEAD_S = [250, 300] as const;

/** The network refuses a header further ahead than this. */
const MOST_AHEAD_S = 7_000;

/** Blocks of a period where difficulty is not that of several algorithms. */
const PERIOD_BLOCKS = 2_016;

/** Share of a usual difficulty that a forgotten algorithm's first block has. */
const FLOOR = 1e-6;

/** Work of a block whose algorithms have a difficulty of 1. */
const WORK_UNIT = 1e12;

/** Time of a header as an attacker writes it. @param trueS when it was found @param lastS of the last header */
export type HeaderTime = (height: number, trueS: number, lastS: number) => number | undefined;

/** What an attack changes in the mining. */
export type MiningChanges = Readonly<{
  /** Factor of the hash rate of an algorithm at a height. */
  hashRate?: HashRate;
  /** Undefined: the time of an honest miner's clock. */
  headerTime?: HeaderTime;
  /** From a height on all goes by this factor faster, and difficulty does not follow. */
  pace?: Readonly<{ from: number; factor: number }>;
}>;

/** Mining whose blocks have work. */
export type LiveMining = Mining & Readonly<{ work: () => number }>;

/**
 * The miners of a live chain. Work is the simulation's own: the geometric mean of the algorithms' last
 * difficulties, as DigiByte's is by its shape, in made-up units. It is no chain's real work.
 */
export function createLiveMining(
  conditions: Conditions,
  random: Random,
  { hashRate = () => 1, headerTime, pace = { from: Infinity, factor: 1 } }: MiningChanges = {},
): LiveMining {
  const { chain, startHeight, startMs } = conditions;
  const startS = startMs / 1_000;
  const named = chain.algorithms.filter((algorithm) => isActiveAt(algorithm, startHeight));
  const bits = named.length === 0 ? [0] : named.map((one) => one.bits);
  const difficulties =
    bits.length > 1
      ? createMultishield(chain.spacing_seconds, startS, bits)
      : createPeriodicRetarget(chain.spacing_seconds, startS, PERIOD_BLOCKS);
  const hashRates = createHashRates(conditions, { bits, random, startS });
  const rates = new Float64Array(bits.length + 1);
  const timeOf = createHeaderClock(conditions, random);
  const logarithms = new Map(bits.map((one) => [one, Math.log(difficulties.difficulty(one))]));
  let sum = [...logarithms.values()].reduce((a, b) => a + b, 0);
  let nowS = startS;
  let arrivedS = startS;
  let lastS = startS;
  // How far the time that difficulty goes by is ahead of the true one.
  let lagS = 0;

  function ratesAt(height: number): number {
    const base = hashRates.at(nowS + lagS, (one) => difficulties.difficulty(one));
    let total = 0;
    for (const [i, one] of bits.entries()) {
      const rate = ((base[i] ?? 1) * hashRate(one, height)) / difficulties.difficulty(one);
      rates[i] = rate;
      total += rate;
    }
    return total;
  }

  function pass(seconds: number, height: number): void {
    const passedS = height < pace.from ? seconds : seconds / pace.factor;
    nowS += passedS;
    lagS += seconds - passedS;
  }

  function advance(height: number): number {
    for (;;) {
      const total = ratesAt(height);
      const waitS = exponential(random, 1 / total);
      const untilS = hashRates.nextS() - nowS - lagS;
      pass(Math.min(waitS, untilS), height);
      if (waitS < untilS) return total;
    }
  }

  return Object.freeze({
    find(height) {
      const total = advance(height);
      let left = random() * total;
      let at = 0;
      while (at < bits.length - 1 && (left -= rates[at] ?? 0) >= 0) at++;
      const mined = bits[at] ?? 0;
      arrivedS = Math.max(arrivedS, nowS + delayOf(conditions, random));
      const wanted = headerTime?.(height, nowS, lastS) ?? timeOf(mined, nowS);
      const least = Math.floor(difficulties.medianTime() - lagS) + 1;
      const timeS = Math.max(least, Math.min(Math.floor(nowS) + MOST_AHEAD_S, wanted));
      lastS = timeS;
      return { bits: mined, atMs: Math.floor(arrivedS * 1_000), timeS };
    },
    accept({ bits: mined, timeS }: FoundBlock) {
      difficulties.accept(mined, timeS + lagS);
      const now = Math.log(difficulties.difficulty(mined));
      sum += now - (logarithms.get(mined) ?? now);
      logarithms.set(mined, now);
    },
    difficulties: () => {
      const found: Record<string, number> = {};
      for (const { name, bits: one } of named) found[name] = difficulties.difficulty(one);
      return found;
    },
    admit(one) {
      const first = chain.spacing_seconds * bits.length * FLOOR;
      difficulties.admit(one, first);
      bits.push(one);
      logarithms.set(one, Math.log(first));
      sum += Math.log(first);
    },
    work: () => Math.round(Math.exp(sum / logarithms.size) * WORK_UNIT),
  } satisfies LiveMining);
}

/** How late a block reaches the node. A share of them is this many times as late as the others. */
const LATE = 10;

function delayOf({ delayS, variation: { lateShare } }: Conditions, random: Random): number {
  if (delayS === 0) return 0;
  const usual = delayS / (1 - lateShare + LATE * lateShare);
  return exponential(random, lateShare > 0 && random() < lateShare ? LATE * usual : usual);
}

const DAY_S = 86_400;

/** Between spells miners with a clock ahead have this much of their share. */
const AHEAD_REST = 0.3;

/** Times of headers by the clocks of honest miners. */
function createHeaderClock(
  { clocks, variation }: Conditions,
  random: Random,
): (bits: number, nowS: number) => number {
  const { jitterS, aheadShare, aheadBits, algorithm } = clocks;
  const { templateAgeS, aheadSpellDays, jitter } = variation;
  const off = jitter === "normal" ? () => normal(random) / Math.sqrt(3) : () => 2 * random() - 1;
  const shareAt = (nowS: number): number => {
    if (aheadSpellDays === 0) return aheadShare;
    return Math.floor(nowS / DAY_S / aheadSpellDays) % 2 === 0
      ? aheadShare
      : AHEAD_REST * aheadShare;
  };
  return (bits, nowS) => {
    let timeS = nowS - random() * templateAgeS;
    if (jitterS > 0) timeS += off() * jitterS;
    const isOne = aheadBits === undefined || aheadBits === bits;
    if (isOne && aheadShare > 0 && random() < shareAt(nowS)) {
      timeS = nowS + AHEAD_S[0] + random() * (AHEAD_S[1] - AHEAD_S[0]);
    }
    if (algorithm?.bits === bits) timeS += algorithm.aheadS;
    return Math.floor(timeS);
  };
}
