/** Detector `slow_chain`: far too few blocks in hours, where difficulty follows late (design: layer 1). */
import { heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { isCatchingUp } from "../observation/catching-up.js";
import { headersOf, type WatchedObservation } from "../observation/observation.js";
import { MAX_SEVERITY_YEARS, severityOfReturnPeriod, significant } from "../stats/severity.js";
import { mixedPoissonHead } from "../stats/tails.js";
import { raisedAfter } from "../stats/hysteresis.js";

/** Blocks of the windows. One with hardly any is a stall. */
const WINDOWS = Object.freeze([6, 8, 12, 16, 24, 32, 48]);

/** A longer gap is a stall: it counts as this much of a window. */
const STALL_SPACINGS = 30;

/** Where difficulty follows sooner, `block_cadence` runs. */
const LEAST_RETARGET_BLOCKS = 145;

const MAX_ARRIVALS = 49;

/** The rate is learnt from about so many blocks before those of the windows. */
const LEARNT_BLOCKS = 100;

/** A longer gap is a stall, and no rate to learn. */
const MAX_LEARNT_SPACINGS = 10;

const stateSchema = z.strictObject({
  tip_hash: z.string().nullable(),
  /** The highest tip, and when the latest blocks came: newest last, on `watched_ms`. */
  height: heightSchema,
  arrivals_ms: z.array(z.int()).max(MAX_ARRIVALS),
  /** Blocks before those, and the spacings that they took; older ones fade. */
  learnt: z.strictObject({ blocks: z.number().min(0), spacings: z.number().min(0) }),
  /** The time in which the node was watched and the observer's clock was sure. */
  watched_ms: z.int().min(0),
  /** The last observation, on both running times, and whether the node was away then. */
  most_ms: z.int(),
  least_ms: z.int(),
  is_away: z.boolean(),
  /** Height at which the finding that is open was raised. */
  raised_at: heightSchema.nullable(),
});
type SlowState = z.infer<typeof stateSchema>;

/**
 * Finds a chain that is alive and far too slow: k blocks in the time t since the one before them. Were the rate of
 * blocks constant, a year of N blocks would begin N such windows, of which those longer than t are the share
 * P(Poisson(t/spacing) ≤ k). With v = `rate_variance` and a gamma-distributed rate the count is negative
 * binomial: of mean m = t/spacing and variance m + v·m². The rate is learnt as it goes: after n blocks in s
 * spacings (about the 100 before those of the windows) m is t/spacing·(1/v + n)/(1/v + s) and v is 1/(1/v + n).
 * Seven windows are looked at, k = 6 to 48, so once in 1 / (7·N·P) years at most; severity follows from that.
 * False alarms: one a year at `elevated`, one in a million years at `critical`. Litecoin (150 s, v = 0.01,
 * 100 blocks at the target): 12 blocks in 102 min are 0.25, in 159 min critical.
 *
 * A gap of more than 30 spacings is a stall and counts as 30. Blocks count when they come, not by their headers' times; of several in one observation, by those times
 * within the time since the last observation. Time in which the node was away does not count, nor is a node judged
 * that catches up. The finding opens at 0.25, is not reported below that while open, and ends at severity 0. It
 * runs where difficulty follows only after more than 144 blocks; where it follows sooner, `block_cadence` does.
 */
export const slowChain: Detector<SlowState> = defineDetector({
  name: "slow_chain",
  stateSchema,
  initial: () => ({
    tip_hash: null,
    height: 0,
    arrivals_ms: [],
    learnt: { blocks: 0, spacings: 0 },
    watched_ms: 0,
    most_ms: 0,
    least_ms: 0,
    is_away: true,
    raised_at: null,
  }),
  reduce(previous, observation, chain) {
    const state = advance(previous, observation, chain);
    if (isCatchingUp(observation) && state.raised_at === null) return { state, findings: [] };
    const slowest = slowestOf(state, chain);
    const raised_at = raisedAfter(state.raised_at, slowest.years, observation.tip.height);
    const after = { ...state, raised_at };
    // [FINDING slow_chain] an honest chain has so few blocks in such a time at most once a year
    if (raised_at === null) return { state: after, findings: [] };
    return { state: after, findings: [findingOf(slowest, raised_at, observation, chain)] };
  },
  reduceUnwatched: (state, { times: { most_ms, least_ms } }) => ({
    state: { ...state, most_ms, least_ms, is_away: true },
    findings: null,
  }),
  appliesTo: ({ retarget_blocks = 0 }) => retarget_blocks >= LEAST_RETARGET_BLOCKS,
});

function advance(
  state: SlowState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): SlowState {
  const { tip, times, restarted } = observation;
  const { most_ms, least_ms } = times;
  const isBack = state.is_away || restarted === true;
  // A step of the wall clock that nothing measured is in one of them alone.
  const passed = isBack ? 0 : Math.min(most_ms - state.most_ms, least_ms - state.least_ms);
  const watched_ms = state.watched_ms + Math.max(0, passed);
  const seen = { ...state, watched_ms, most_ms, least_ms, is_away: false };
  if (tip.hash === state.tip_hash) return seen;
  const all = [...state.arrivals_ms, ...arrivalsOf(state, watched_ms, observation)];
  const learnt = learntFrom(state.learnt, all.slice(0, 1 - MAX_ARRIVALS), chain);
  const arrivals_ms = all.slice(-MAX_ARRIVALS);
  const height = Math.max(state.height, tip.height);
  return { ...seen, tip_hash: tip.hash, height, arrivals_ms, learnt };
}

/** Updates the baseline with the gaps between blocks that are older than those of the windows, the last one of which is. */
function learntFrom(
  before: SlowState["learnt"],
  old_ms: readonly number[],
  { spacing_seconds }: ChainParameters,
): SlowState["learnt"] {
  const kept = 1 - 1 / LEARNT_BLOCKS;
  let { blocks, spacings } = before;
  for (let i = 1; i < old_ms.length; i++) {
    const gap = ((old_ms[i] ?? 0) - (old_ms[i - 1] ?? 0)) / 1_000 / spacing_seconds;
    blocks = blocks * kept + 1;
    spacings = spacings * kept + Math.min(MAX_LEARNT_SPACINGS, gap);
  }
  return { blocks, spacings };
}

/** When the blocks above the highest tip came: between the last observation and this one. */
function arrivalsOf(
  { height, arrivals_ms, watched_ms: before }: SlowState,
  now: number,
  observation: WatchedObservation,
): number[] {
  const { at_ms, tip } = observation;
  if (arrivals_ms.length === 0) return [now];
  const heights = Math.min(MAX_ARRIVALS, tip.height - height);
  if (heights <= 0) return [];
  const known = new Map(headersOf(observation).map((one) => [one.height, one.time_s * 1_000]));
  let latest = before;
  return Array.from({ length: heights }, (_, i) => {
    const headerMs = known.get(tip.height - heights + 1 + i) ?? at_ms;
    latest = Math.max(latest, now - Math.max(0, at_ms - headerMs));
    return latest;
  });
}

type Slowest = Readonly<{ blocks: number; seconds: number; years: number }>;

function slowestOf(
  { arrivals_ms, learnt, watched_ms }: SlowState,
  chain: ChainParameters,
): Slowest {
  const { spacing_seconds, rate_variance = 0 } = chain;
  // At a variance of 0 there is nothing to learn.
  const variance = rate_variance / (1 + rate_variance * learnt.blocks);
  const rate = (1 + rate_variance * learnt.blocks) / (1 + rate_variance * learnt.spacings);
  const most_s = STALL_SPACINGS * spacing_seconds;
  let slowest: Slowest = { blocks: 0, seconds: 0, years: 0 };
  let [seconds, next_ms, counted] = [0, watched_ms, 0];
  for (const blocks of WINDOWS) {
    if (arrivals_ms.length <= blocks) break;
    for (; counted <= blocks; counted++) {
      const arrival_ms = arrivals_ms.at(-1 - counted) ?? next_ms;
      seconds += Math.min(most_s, (next_ms - arrival_ms) / 1_000);
      next_ms = arrival_ms;
    }
    const expected = (rate * seconds) / spacing_seconds;
    // No fewer than half of those expected are no evidence worth a sum.
    if (2 * blocks > expected) continue;
    const tail = mixedPoissonHead(blocks, expected, variance);
    const years = Math.min(MAX_SEVERITY_YEARS, 1 / (WINDOWS.length * blocksPerYear(chain) * tail));
    if (years > slowest.years) slowest = { blocks, seconds, years };
  }
  return slowest;
}

function findingOf(
  { blocks, seconds, years }: Slowest,
  raised_at: number,
  { tip }: WatchedObservation,
  { spacing_seconds }: ChainParameters,
): DetectorFinding {
  const expected = significant(seconds / spacing_seconds);
  return {
    finding_id: `slow_chain:${raised_at}`,
    severity: Math.max(SCALE.elevated, severityOfReturnPeriod(years)),
    summary: `${blocks} blocks in ${Math.floor(seconds)} s, where ${expected} are expected`,
    height: tip.height,
    latched: false,
    evidence: {
      blocks,
      seconds,
      expected_blocks: expected,
      spacing_seconds,
      false_alarm_years: significant(years),
    },
  };
}
