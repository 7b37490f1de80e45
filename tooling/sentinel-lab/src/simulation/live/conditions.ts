/** The conditions of a live chain and of the node that is watched: what an honest chain really has. */
import type { ChainParameters } from "@dgb-shield/chain";

/** Hash rate of an algorithm as a factor of what it was at first. @param sinceS seconds since the start */
export type Trend = (bits: number, atS: number, sinceS: number) => number;

/** Hash rate that comes for a while and goes. */
export type Visits = Readonly<{
  /** Factor of the algorithm's own hash rate while it is there. */
  factor: number;
  /** Visits a day to each of the algorithms, in the mean (a Poisson process). */
  perDay: number;
  lastsS: number;
  /** Bits of the algorithms that are visited; absent: all. */
  algorithms?: readonly number[];
}>;

/** How the clocks of miners run. */
export type MinerClocks = Readonly<{
  /** Each header is off by up to this, equally likely, in seconds. */
  jitterS: number;
  /** Share of the blocks whose miner is 250 to 300 s ahead. */
  aheadShare: number;
  /** Bits of the algorithm that those miners are of; absent: any. */
  aheadBits?: number;
  /** One algorithm whose miners are all ahead. */
  algorithm?: Readonly<{ bits: number; aheadS: number }>;
}>;

/** Transactions, by assumption: plausible traffic, not measured. */
export type Traffic = Readonly<{
  /** Transactions a second by day. */
  dayRate: number;
  /** Transactions a second by night. */
  nightRate: number;
  /** Transactions that a block takes. */
  blockTakes: number;
  /** Batches (payouts) a day, and transactions of one, at most. */
  batchesPerDay: number;
  batch: number;
  /** Large transactions a day that sweep many inputs, each of about 18 kB. */
  consolidationsPerDay: number;
}>;

/** When the node is restarted. */
export type Restarts = Readonly<{
  /** Days between two, in the mean. */
  everyDays: number;
  /** How long it is down in the mean, and how long it loads its chain, in seconds. */
  downS: number;
  warmUpS: number;
  /** Share of the restarts after which it was down for 26 hours and comes back in initial block download. */
  longShare: number;
}>;

/** How the node is observed. */
export type Observing = Readonly<{
  /** Time between two polls, in milliseconds. */
  pollMs: number;
  /** Whether each new block is an observation as well, as with a long poll. */
  isLongPoll: boolean;
  /** Blocks after which only the polls go on; absent: none. */
  longPollBlocks?: number;
  /** Observer's clock, ahead of the true time. */
  clockAheadMs: number;
  /** Its drift in parts per million, taken back by a step once a day. */
  driftPpm: number;
  /** Whether chain tips are asked for at each observation, and not each quarter of an hour alone. */
  isEachTips: boolean;
}>;

/** Peers of the node. */
export type PeerConditions = Readonly<{
  outbound: number;
  inbound: number;
  /** Share of the outbound peers reached through Tor. */
  onionShare: number;
  /** Share of connections that are far behind, or state a starting height that is none. */
  behindShare: number;
  lyingShare: number;
}>;

/** By which laws the figures vary: those of the set that detectors are tuned on, or another. */
export type Variation = Readonly<{
  /** Visits last this share longer or shorter at most. */
  visitSpread: number;
  /** Law of the jitter of headers; both have the same variance. */
  jitter: "uniform" | "normal";
  /** Templates are up to this old. */
  templateAgeS: number;
  /** Standard deviation and memory of the logarithm of hash rates. */
  drift: number;
  driftForgetsS: number;
  /** Share of the time that Odocrypt's miners are gone in which they come back one by one. */
  shapeReturns: number;
  /** Days of a spell in which miners with a clock ahead have their share, and then 0.3 of it; 0: always the same. */
  aheadSpellDays: number;
  /** Share of blocks that come late, by so much more that the mean is the same; 0: a single exponential. */
  lateShare: number;
}>;

/** The set that detectors may be tuned on. */
export const TUNE_VARIATION: Variation = Object.freeze({
  visitSpread: 0,
  jitter: "uniform",
  templateAgeS: 5,
  drift: 0.1,
  driftForgetsS: 86_400,
  shapeReturns: 0,
  aheadSpellDays: 0,
  lateShare: 0,
});

/** The set of the report, which no detector is tuned on. */
export const REPORT_VARIATION: Variation = Object.freeze({
  visitSpread: 0.5,
  jitter: "normal",
  templateAgeS: 12,
  drift: 0.12,
  driftForgetsS: 43_200,
  shapeReturns: 0.5,
  aheadSpellDays: 3,
  lateShare: 0.15,
});

/** All conditions of a live chain. */
export type Conditions = Readonly<{
  chain: ChainParameters;
  variation: Variation;
  /** Height and time at which the simulation begins. */
  startHeight: number;
  startMs: number;
  /** Share of blocks that have a rival; the detectors go by that of the chain's parameters. */
  staleRate: number;
  /** Delay of a block until it reaches the node, in seconds (exponential). */
  delayS: number;
  clocks: MinerClocks;
  trends: readonly Trend[];
  visits: readonly Visits[];
  /** Whether miners move to where difficulty is low: factor of the hash rate that does. */
  hopping: number;
  /** For how long Odocrypt's miners are gone at each change of its shape, in seconds. */
  shapeGoneS: number;
  traffic: Traffic;
  restarts: Restarts | null;
  observing: Observing;
  peers: PeerConditions;
  /** Software of the node by height, ascending: from which height it names itself so. */
  software: readonly (readonly [number, string])[];
  /** Share of blocks whose coinbase takes less than it may. */
  underpaidShare: number;
  /** Whether each block has all its signatures, and not one in twenty of them. */
  isEachSignature: boolean;
  /** Signatures a day with the r of a half, which sweep dust of known keys. */
  dustPerDay: number;
}>;
