/** How long blocks took, for `block_cadence`: by when they arrived, else by the median of header times. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { Timed } from "./detector.js";
import { byMedian } from "./median-pace.js";
import {
  type Linked,
  linked,
  type Pace,
  type Paced,
  type PaceStep,
  type Run,
  STALL_SPACINGS,
} from "./pace-state.js";
import { datedAfter, hasOwnTime } from "../observation/own-time.js";
import { isCatchingUp } from "../observation/catching-up.js";
import { headersOf, type WatchedObservation } from "../observation/observation.js";

/** Running times differ by more than this where the observer's clock was not sure. */
const SURE_MS = 1_000;

/** More blocks than this above those that the time is enough for come late: they belong to the time before. */
const BURST_BLOCKS = 3;

/** How long late blocks are added to the time before. */
const BURST_MS = 600_000;

/** After its miners have followed an algorithm to a new shape, they find blocks in a row for so long. */
const AFTER_SHAPE_S = 600;

/** A tip that is older at first sight is history that the node fetches. */
const STALE_MS = 600_000;

/** A node that catches up is waited for so long. */
const CATCH_UP_MS = 3_600_000;

const NO_STEPS: readonly PaceStep[] = Object.freeze([]);

/**
 * Counts the blocks of an observation.
 *
 * - By their arrival, where the observer's clock is sure of the time since the last one: n blocks of the
 *   chain's height in the time that passed. No header's time has any part in it.
 * - By the median of the last 11 headers, where it is not, and where observations have no time of their own
 *   (each is dated by its newest header, as those of a list of headers are).
 *
 * Nothing is counted while the node catches up, for at most an hour: the blocks are counted with the
 * whole time afterwards. Blocks that come late, in a burst, are counted with the time before them, and all
 * blocks together while the miners of an algorithm follow it to a new shape.
 */
export function paced(
  before: Pace,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): Paced {
  const { tip, at_ms, times } = observation;
  if (tip.hash === before.tip_hash) return { pace: before, steps: NO_STEPS, replaces: false };
  const headers = headersOf(observation);
  const dated = datedAfter(before.dated, headers, at_ms);
  if (hasOwnTime(dated)) {
    const { arrival, pending } = before;
    const isWaiting = arrival !== null && times.most_ms - arrival.most_ms < CATCH_UP_MS;
    const counted =
      isWaiting && isCatchingUp(observation)
        ? { arrival, pending, steps: NO_STEPS, replaces: false }
        : byArrival(before, observation, chain);
    if (counted !== undefined) {
      return {
        pace: arrived(linked(before, headers), dated, counted),
        steps: counted.steps,
        replaces: counted.replaces,
      };
    }
  }
  return byMedian(withArrival({ ...before, dated }, observation), headers, chain);
}

type Arrived = Pick<Pace, "arrival" | "pending"> & Omit<Paced, "pace">;

/** Field by field: a state is made at each block, and a spread of it costs twenty times as much. */
const arrived = (
  { tip_hash, header_times, tip_height }: Linked,
  dated: Pace["dated"],
  { arrival, pending }: Arrived,
): Pace => ({
  tip_hash,
  header_times,
  tip_height,
  dated,
  arrival,
  history_since_ms: null,
  pending,
  median: null,
});

/** Undefined where the time since the last arrival is not known. */
function byArrival(
  pace: Pace,
  { tip, at_ms, times: { most_ms, least_ms } }: Timed<WatchedObservation>,
  chain: ChainParameters,
): Arrived | undefined {
  const { spacing_seconds } = chain;
  const { arrival, pending } = pace;
  if (arrival === null) return undefined;
  const most = most_ms - arrival.most_ms;
  const least = least_ms - arrival.least_ms;
  if (Math.abs(most - least) > SURE_MS) return undefined;
  const blocks = tip.height - arrival.height;
  if (blocks <= 0) return { arrival, pending, steps: NO_STEPS, replaces: false };
  const run = { blocks, least_s: Math.max(0, least) / 1_000, most_s: Math.max(0, most) / 1_000 };
  const isLate = blocks > run.least_s / spacing_seconds + BURST_BLOCKS;
  const joinsForMs = Math.max(isLate ? BURST_MS : 0, sinceShapeMs(at_ms, chain));
  const replaces = pending !== null && least_ms - pending.since_ms < joinsForMs;
  const counted = replaces ? added(pending, run) : run;
  const since_ms = replaces ? pending.since_ms : least_ms;
  return {
    arrival: { height: tip.height, most_ms, least_ms },
    pending: {
      blocks: counted.blocks,
      least_s: counted.least_s,
      most_s: counted.most_s,
      since_ms,
    },
    steps: [stepOf(counted, spacing_seconds)],
    replaces,
  };
}

/** Milliseconds since an algorithm took a new shape; 0 where its miners have followed. */
function sinceShapeMs(at_ms: number, { shape_changes }: ChainParameters): number {
  if (shape_changes === undefined) return 0;
  const since_ms = at_ms % (shape_changes.interval_seconds * 1_000);
  return since_ms < (shape_changes.settle_seconds + AFTER_SHAPE_S) * 1_000 ? since_ms : 0;
}

const added = (a: Run, b: Run): Run => ({
  blocks: a.blocks + b.blocks,
  least_s: a.least_s + b.least_s,
  most_s: a.most_s + b.most_s,
});

const stepOf = ({ blocks, least_s, most_s }: Run, spacing: number): PaceStep => ({
  blocks,
  fast_s: least_s,
  slow_s: Math.min(most_s, (blocks + STALL_SPACINGS) * spacing),
});

/** Begins to count by arrivals, where the tip is no history. */
function withArrival(pace: Pace, { tip, at_ms, times }: Timed<WatchedObservation>): Pace {
  const { most_ms, least_ms } = times;
  const since_ms = pace.history_since_ms ?? least_ms;
  // Headers that are always that old are a wrong clock, and no history.
  const isHistory = at_ms - tip.time_s * 1_000 > STALE_MS && least_ms - since_ms < CATCH_UP_MS;
  const arrival = isHistory ? null : { height: tip.height, most_ms, least_ms };
  return { ...pace, arrival, pending: null, history_since_ms: isHistory ? since_ms : null };
}
