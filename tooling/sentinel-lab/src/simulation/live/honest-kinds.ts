/** The kinds of honest chains: those of the trials out of sample, and others that real chains show. */
import { bitcoin, digibyte, litecoin } from "@dgb-shield/chain";
import {
  type Conditions,
  type Restarts,
  type Traffic,
  type Trend,
  TUNE_VARIATION,
} from "./conditions.js";

/** A kind of honest chain: what is different in it. */
export type HonestKind = Readonly<{
  /** Lower-case words joined by hyphens. */
  name: string;
  title: string;
  /** Whether no more than one finding a month, none of it high or critical, is asked of it. */
  isHeld: boolean;
  conditions: Conditions;
}>;

const SCRYPT = 0;
const SHA256D = 2;
const SKEIN = 6;
const QUBIT = 8;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** 2026-12-01T00:00:00Z, in milliseconds: after the last consensus change that is on record. */
const START_MS = 1_796_083_200_000;

const TRAFFIC: Traffic = {
  dayRate: 0.3,
  nightRate: 0.1,
  blockTakes: 1_000,
  batchesPerDay: 1,
  batch: 100,
  consolidationsPerDay: 0.5,
};

const RESTARTS: Restarts = { everyDays: 14, downS: 240, warmUpS: 120, longShare: 0 };

/** An ordinary node on an ordinary chain: one block in a hundred stale, delays of a second, a poll each minute. */
export const ORDINARY: Conditions = {
  chain: digibyte,
  variation: TUNE_VARIATION,
  startHeight: 24_600_000,
  startMs: START_MS,
  staleRate: digibyte.stale_rate,
  delayS: 1,
  clocks: { jitterS: 2, aheadShare: 0.01 },
  trends: [],
  visits: [],
  hopping: 1,
  shapeGoneS: 0,
  traffic: TRAFFIC,
  restarts: null,
  observing: { pollMs: 60_000, isLongPoll: true, clockAheadMs: 0, driftPpm: 0, isEachTips: false },
  peers: { outbound: 10, inbound: 8, onionShare: 0, behindShare: 0.03, lyingShare: 0 },
  software: [[0, "/DigiByte:9.26.7/"]],
  underpaidShare: 0,
  isEachSignature: false,
  dustPerDay: 0,
};

const day = (atS: number): number => (Math.floor(atS / DAY_S) + 4) % 7;
const weekends =
  (share: number): Trend =>
  (_, atS) =>
    day(atS) % 6 === 0 ? share : 1;
/** Twice as much at noon as at midnight where the share is 1/2. */
const dayAndNight =
  (night: number): Trend =>
  (_, atS) =>
    night ** ((1 + Math.cos((2 * Math.PI * atS) / DAY_S)) / 2);
const steps: Trend = (bits, _, sinceS) =>
  bits !== SHA256D ? 1 : Math.floor(sinceS / (2 * DAY_S)) % 2 === 0 ? 1 : 2;
const doubles: Trend = (bits, _, sinceS) =>
  // Doubles over three days, stays for three, halves over three, stays for three.
  bits !== SCRYPT ? 1 : 2 ** Math.min(1, 2 - Math.abs(((sinceS / DAY_S / 3) % 4) - 2));
const growth =
  (doublesDays: number): Trend =>
  (_, _at, sinceS) =>
    2 ** (sinceS / DAY_S / doublesDays);

const TWO = [SCRYPT, SHA256D];

const honest = (
  name: string,
  title: string,
  changes: Partial<Conditions>,
  isHeld = true,
): HonestKind => ({ name, title, isHeld, conditions: { ...ORDINARY, ...changes } });

const visitsOf = (factor: number) => ({
  visits: [{ factor, perDay: 3, lastsS: HOUR_S, algorithms: TWO }],
});
const clocksOf = (clocks: Partial<Conditions["clocks"]>) => ({
  clocks: { jitterS: 2, aheadShare: 0, ...clocks },
});
const observingOf = (observing: Partial<Conditions["observing"]>) => ({
  observing: { ...ORDINARY.observing, ...observing },
});

/** The rows of the trials. */
const TRIALS: readonly HonestKind[] = [
  honest("ordinary", "ordinary: 0.7 % stale, delays of 1 s, 1 % of blocks 250–300 s ahead", {}),
  honest("stale-1", "1 % of blocks stale", { staleRate: 0.01 }),
  honest("stale-2", "2 % of blocks stale", { staleRate: 0.02 }),
  honest("stale-4", "4 % of blocks stale (beyond the bar)", { staleRate: 0.04 }, false),
  honest("visits-2", "two algorithms × 2 for an hour, three visits a day to each", visitsOf(2)),
  honest("visits-3", "two algorithms × 3 for an hour, three visits a day to each", visitsOf(3)),
  honest("visits-5", "two algorithms × 5 for an hour, three visits a day to each", visitsOf(5)),
  honest("visits-10", "two algorithms × 10 for an hour, three visits a day to each", visitsOf(10)),
  honest("visits-any-5", "any algorithm × 5 for an hour, four visits a day to each", {
    visits: [{ factor: 5, perDay: 4, lastsS: HOUR_S }],
  }),
  honest("doubling", "one algorithm doubles over three days, and halves again", {
    trends: [doubles],
  }),
  honest("steps", "one algorithm × 2, × 0.5 each two days", { trends: [steps] }),
  honest("weekends-0.7", "weekends × 0.7", { trends: [weekends(0.7)] }),
  honest("weekends-0.5", "weekends × 0.5", { trends: [weekends(0.5)] }),
  honest("shape-15", "Odocrypt's miners gone for 15 min at each change of shape", {
    shapeGoneS: 900,
  }),
  honest("shape-30", "Odocrypt's miners gone for 30 min at each change of shape", {
    shapeGoneS: 1_800,
  }),
  honest("shape-60", "Odocrypt's miners gone for 60 min at each change of shape", {
    shapeGoneS: 3_600,
  }),
  honest("jitter-15", "headers ± 15 s", clocksOf({ jitterS: 15 })),
  honest("jitter-60", "headers ± 60 s", clocksOf({ jitterS: 60 })),
  honest("jitter-120", "headers ± 120 s", clocksOf({ jitterS: 120 })),
  honest(
    "algorithm-60",
    "one algorithm's clock 60 s ahead",
    clocksOf({ algorithm: { bits: SKEIN, aheadS: 60 } }),
  ),
  honest(
    "algorithm-600",
    "one algorithm's clock 600 s ahead (beyond the bar)",
    clocksOf({ algorithm: { bits: SKEIN, aheadS: 600 } }),
    false,
  ),
  honest(
    "algorithm-3600",
    "one algorithm's clock 3,600 s ahead (beyond the bar)",
    clocksOf({ algorithm: { bits: SKEIN, aheadS: 3_600 } }),
    false,
  ),
  honest("ahead-2", "2 % of blocks 250–300 s ahead", clocksOf({ aheadShare: 0.02 })),
  honest("ahead-3", "3 % of blocks 250–300 s ahead", clocksOf({ aheadShare: 0.03 })),
  honest("ahead-5", "5 % of blocks 250–300 s ahead", clocksOf({ aheadShare: 0.05 })),
  honest("delay-5", "blocks come 5 s late (exponential)", { delayS: 5 }),
  honest("delay-30", "blocks come 30 s late (exponential; beyond the bar)", { delayS: 30 }, false),
  honest("observer-ahead", "observer's clock 300 s ahead", observingOf({ clockAheadMs: 300_000 })),
  honest(
    "observer-behind",
    "observer's clock 300 s behind",
    observingOf({ clockAheadMs: -300_000 }),
  ),
  honest("poll-5", "polled each 5 s", observingOf({ pollMs: 5_000, isLongPoll: false })),
  honest("poll-15", "polled each 15 s", observingOf({ pollMs: 15_000, isLongPoll: false })),
  honest("poll-60", "polled each 60 s", observingOf({ pollMs: 60_000, isLongPoll: false })),
];

/** Kinds beside those of the trials. */
const OTHERS: readonly HonestKind[] = [
  honest(
    "mixed",
    "all of it at once: 2 % stale, 5 s late, 5 % of blocks ahead, visits × 5, shape 30 min, weekends × 0.9, restarts",
    {
      staleRate: 0.02,
      delayS: 5,
      clocks: { jitterS: 15, aheadShare: 0.05 },
      visits: [{ factor: 5, perDay: 1, lastsS: HOUR_S }],
      shapeGoneS: 1_800,
      trends: [weekends(0.9), dayAndNight(0.9)],
      restarts: RESTARTS,
    },
  ),
  honest("hopping", "miners with as much again hop to where difficulty is low", { hopping: 2 }),
  honest("quiet-nights", "mempool: nights of 0.02 tx/s, batches to 300, six consolidations a day", {
    traffic: {
      ...TRAFFIC,
      dayRate: 0.25,
      nightRate: 0.02,
      batchesPerDay: 6,
      batch: 300,
      consolidationsPerDay: 6,
    },
  }),
  honest("restarts", "the node restarts each two days, one time in ten after 26 hours", {
    restarts: { everyDays: 2, downS: 480, warmUpS: 120, longShare: 0.1 },
  }),
  honest(
    "observer-drift",
    "observer's clock drifts by 50 ppm, taken back in one step a day (4.3 s)",
    observingOf({ driftPpm: 50 }),
  ),
  honest(
    "odd-peers",
    "half of the peers through Tor, 10 % far behind, 2 % state a height that is none",
    {
      peers: { outbound: 10, inbound: 8, onionShare: 0.5, behindShare: 0.1, lyingShare: 0.02 },
    },
  ),
  honest(
    "skein-ahead",
    "a quarter of one algorithm's blocks 250–300 s ahead: 5 % of all",
    clocksOf({ aheadShare: 0.25, aheadBits: SKEIN }),
  ),
  honest("day-and-night", "hash rate by night × 0.6", { trends: [dayAndNight(0.6)] }),
  honest("growth", "hash rate doubles each 30 days", { trends: [growth(30)] }),
  honest("decline", "hash rate halves each 30 days", { trends: [growth(-30)] }),
  honest("long-visits", "one algorithm × 3 for twelve hours, each two days", {
    visits: [{ factor: 3, perDay: 0.5, lastsS: 12 * HOUR_S, algorithms: [QUBIT] }],
  }),
  honest("upgrades", "a node that is upgraded in time for each height of the calendar", {
    startHeight: 23_700_000,
    software: [
      [0, "/DigiByte:8.26.2/"],
      [23_720_000, "/DigiByte:9.26.2/"],
      [23_780_000, "/DigiByte:9.26.5/"],
      [24_380_000, "/DigiByte:9.26.7/"],
    ],
  }),
  honest("underpaid", "one coinbase in a hundred takes less than it may", { underpaidShare: 0.01 }),
  honest(
    "litecoin",
    "Litecoin: retarget each 2,016 blocks, growth, 0.3 % stale, clocks as elsewhere",
    {
      chain: litecoin,
      startHeight: 3_280_000,
      staleRate: 0.003,
      clocks: { jitterS: 15, aheadShare: 0.02 },
      trends: [growth(180), weekends(0.95)],
      software: [[0, "/LitecoinCore:0.21.5/"]],
      traffic: { ...TRAFFIC, dayRate: 3, nightRate: 1.5, blockTakes: 5_000 },
      restarts: RESTARTS,
    },
  ),
  honest(
    "bitcoin",
    "Bitcoin: full mempool, growth, 0.2 % stale, sweeps of dust with the r of a half",
    {
      chain: bitcoin,
      startHeight: 975_000,
      staleRate: 0.002,
      clocks: { jitterS: 30, aheadShare: 0.01 },
      trends: [growth(240)],
      software: [[0, "/Satoshi:29.0.0/"]],
      traffic: {
        dayRate: 6.5,
        nightRate: 4,
        blockTakes: 3_500,
        batchesPerDay: 20,
        batch: 1_000,
        consolidationsPerDay: 100,
      },
      restarts: RESTARTS,
      dustPerDay: 0.2,
      isEachSignature: true,
    },
  ),
];

/** All kinds of honest chains. */
export const HONEST_KINDS: readonly HonestKind[] = Object.freeze([...TRIALS, ...OTHERS]);
