/** Mining as a race: each algorithm finds blocks at its hash rate over its difficulty. */
import { type ChainParameters, isActiveAt } from "@dgb-shield/chain";
import { createMultishield, type Multishield } from "./multishield.js";
import { exponential, normal, type Random } from "./random.js";

/** A block that was found. */
export type FoundBlock = Readonly<{
  /** Bits of its algorithm. */
  bits: number;
  /** When it reached the observed node, in milliseconds since 1970. */
  atMs: number;
  /** Its header's time, in seconds since 1970. */
  timeS: number;
}>;

/** Hash rate of an algorithm at a height; 1 is what its share of the chain took at first. */
export type HashRate = (bits: number, height: number) => number;

/** How a chain is mined. */
export type MiningOptions = Readonly<{
  chain: ChainParameters;
  random: Random;
  startMs: number;
  startHeight: number;
  /** Default: 1 for each algorithm; in either case with the drift of honest miners. */
  hashRate?: HashRate;
  /** Whether difficulties follow the blocks; default: on a chain of several algorithms. */
  isRetargeting?: boolean;
  /** The miners; default: those of `createMining`. */
  mining?: Mining;
}>;

/** The miners of a chain. */
export type Mining = Readonly<{
  /** The next block on a main chain of this height; it is not on the chain yet. */
  find(height: number): FoundBlock;
  /** Puts a block on the main chain: difficulties follow. */
  accept(block: FoundBlock): void;
  /** Difficulty of the next block of each algorithm that the chain has active, by its name. */
  difficulties(): Readonly<Record<string, number>>;
  /** Lets an algorithm in at a difficulty so low that its first blocks come at once. */
  admit(bits: number): void;
}>;

/** A template is this much older than its block at most, in seconds; equally likely up to that. */
const TEMPLATE_AGE_S = 5;

/** Hash rates wander by 10 % (standard deviation of the logarithm), with a memory of a day. */
const DRIFT = 0.1;
const DRIFT_FORGETS_S = 86_400;
const DRIFT_STEP_S = 3_600;

/** Share of a usual difficulty that a forgotten algorithm's first block has. */
const FLOOR = 1e-6;

/** Bits of a chain's algorithms at a height; those of a chain of one algorithm are 0. */
export function activeBits(chain: ChainParameters, height: number): number[] {
  const active = chain.algorithms.filter((algorithm) => isActiveAt(algorithm, height));
  return active.length === 0 ? [0] : active.map(({ bits }) => bits);
}

/**
 * The miners of a chain whose difficulties are at rest. A chain of several algorithms retargets after
 * each block (`createMultishield`); one of a single algorithm keeps its difficulty: what is simulated on
 * such chains is shorter than their difficulties. Without retargeting hash rates do not drift either, so
 * that blocks come as a Poisson process.
 */
export function createMining(options: MiningOptions): Mining {
  const { chain, random, startMs, startHeight, hashRate = () => 1 } = options;
  const algorithms = activeBits(chain, startHeight);
  const startS = startMs / 1_000;
  const { isRetargeting = algorithms.length > 1 } = options;
  const difficulties = isRetargeting
    ? createMultishield(chain.spacing_seconds, startS, algorithms)
    : fixedDifficulty(chain.spacing_seconds * algorithms.length);
  const drift = isRetargeting ? createDrift(random, startS) : () => 1;
  const named = chain.algorithms.filter((algorithm) => isActiveAt(algorithm, startHeight));
  let nowS = startS;
  return Object.freeze({
    find(height) {
      const rates = algorithms.map(
        (bits) => (hashRate(bits, height) * drift(bits, nowS)) / difficulties.difficulty(bits),
      );
      const total = rates.reduce((sum, rate) => sum + rate, 0);
      nowS += exponential(random, 1 / total);
      const bits = algorithms[indexAt(rates, random() * total)] ?? 0;
      const madeS = Math.floor(nowS - random() * TEMPLATE_AGE_S);
      const timeS = Math.max(madeS, Math.floor(difficulties.medianTime()) + 1);
      return { bits, atMs: Math.floor(nowS * 1_000), timeS };
    },
    accept: ({ bits, timeS }) => difficulties.accept(bits, timeS),
    difficulties: () =>
      Object.fromEntries(named.map(({ name, bits }) => [name, difficulties.difficulty(bits)])),
    admit(bits) {
      difficulties.admit(bits, chain.spacing_seconds * algorithms.length * FLOOR);
      algorithms.push(bits);
    },
  } satisfies Mining);
}

function fixedDifficulty(difficulty: number): Multishield {
  return {
    difficulty: () => difficulty,
    accept: () => undefined,
    admit: () => undefined,
    medianTime: () => 0,
  };
}

function indexAt(rates: readonly number[], at: number): number {
  let left = at;
  const found = rates.findIndex((rate) => (left -= rate) < 0);
  return found === -1 ? rates.length - 1 : found;
}

/** Hash rates that wander: the logarithm of each is an Ornstein–Uhlenbeck process, stepped hourly. */
function createDrift(random: Random, startS: number): (bits: number, nowS: number) => number {
  const kept = Math.exp(-DRIFT_STEP_S / DRIFT_FORGETS_S);
  const logarithms = new Map<number, number>();
  let nextS = startS;
  return (bits, nowS) => {
    while (nowS >= nextS) {
      nextS += DRIFT_STEP_S;
      for (const [one, value] of logarithms) {
        logarithms.set(one, value * kept + DRIFT * Math.sqrt(1 - kept ** 2) * normal(random));
      }
    }
    const logarithm = logarithms.get(bits);
    if (logarithm !== undefined) return Math.exp(logarithm);
    logarithms.set(bits, 0);
    return 1;
  };
}
