/** How long blocks took, for `block_cadence`: by when they arrived, else by the median of header times. */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import type { Timed } from "./detector.js";
import { datedAfter, hasOwnTime, headerDatedSchema, NOT_DATED } from "../observation/own-time.js";
import { isCatchingUp } from "../observation/catching-up.js";
import {
  type BlockHeader,
  headersOf,
  type WatchedObservation,
} from "../observation/observation.js";

/** Headers whose median is a block's time, as in the consensus rules. */
const MEDIAN_BLOCKS = 11;

/** Headers between two medians that are compared. */
const CHUNK_BLOCKS = 10;

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

/** A longer gap is a stall and not a cadence. */
const STALL_SPACINGS = 9;

/** A node rejects headers that are further ahead: more than that no median of headers can owe. */
const MOST_AHEAD_S = 7_200;

const runSchema = z.strictObject({
  blocks: z.int().min(1),
  least_s: z.number(),
  most_s: z.number(),
});
type Run = z.infer<typeof runSchema>;

/** What is remembered of the blocks' times. */
export const paceSchema = z.strictObject({
  tip_hash: z.string().nullable(),
  /** Times of the last headers that stand on one another, at most 11. */
  header_times: z.array(z.uint32()).max(MEDIAN_BLOCKS),
  tip_height: heightSchema,
  dated: headerDatedSchema,
  /** The last block that was counted by its arrival, on both running times. */
  arrival: z.strictObject({ height: heightSchema, most_ms: z.int(), least_ms: z.int() }).nullable(),
  /** Since when, on `least_ms`, every tip was too old for an arrival; null where none was. */
  history_since_ms: z.int().nullable(),
  /** The last arrivals that were counted: blocks that come late are added to them. */
  pending: runSchema.extend({ since_ms: z.int() }).nullable(),
  /** The last block that was counted by the median, and the seconds by which that may have run ahead. */
  median: z
    .strictObject({
      height: heightSchema,
      time_s: z.uint32(),
      ahead_s: z.number().min(0),
      ahead_until: heightSchema,
    })
    .nullable(),
});
export type Pace = z.infer<typeof paceSchema>;

/** Before the first block. */
export const NO_PACE: Pace = Object.freeze({
  tip_hash: null,
  header_times: [],
  tip_height: 0,
  dated: NOT_DATED,
  arrival: null,
  history_since_ms: null,
  pending: null,
  median: null,
});

/** Blocks, and the seconds that they took: as evidence of a fast pace and of a slow one. */
export type PaceStep = Readonly<{ blocks: number; fast_s: number; slow_s: number }>;

/** The pace after an observation, and what it adds to the evidence. */
export type Paced = Readonly<{
  pace: Pace;
  steps: readonly PaceStep[];
  /** Whether the one step stands in the place of the last one. */
  replaces: boolean;
}>;

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

type Linked = Pick<Pace, "tip_hash" | "tip_height" | "header_times">;

/** Takes headers in: their times, as far as they stand on one another. */
function linked(pace: Linked, headers: readonly BlockHeader[]): Linked {
  let { tip_hash, tip_height } = pace;
  let header_times = pace.header_times;
  for (const header of headers) {
    const isNext = header.height === tip_height + 1 && header.previous_hash === tip_hash;
    const kept = isNext ? header_times.slice(1 - MEDIAN_BLOCKS) : [];
    kept.push(header.time_s);
    header_times = kept;
    tip_hash = header.hash;
    tip_height = header.height;
  }
  return { tip_hash, tip_height, header_times };
}

function byMedian(before: Pace, headers: readonly BlockHeader[], chain: ChainParameters): Paced {
  let pace = before;
  const steps: PaceStep[] = [];
  for (let i = 0; i < headers.length; i += CHUNK_BLOCKS) {
    pace = { ...pace, ...linked(pace, headers.slice(i, i + CHUNK_BLOCKS)) };
    const { median } = pace;
    const time_s = medianOf(pace.header_times);
    const height = pace.tip_height;
    const isMeasured = time_s !== undefined && median !== null && height > median.height;
    if (isMeasured && height - median.height <= CHUNK_BLOCKS) {
      const { step, ahead_s, ahead_until } = medianStep(median, { time_s, height }, chain);
      steps.push(step);
      pace = { ...pace, median: { height, time_s, ahead_s, ahead_until } };
    } else {
      const begun = { height, time_s: time_s ?? 0, ahead_s: 0, ahead_until: 0 };
      pace = { ...pace, median: time_s === undefined ? null : begun };
    }
  }
  return { pace, steps, replaces: false };
}

/** Undefined where fewer than 11 headers are known. */
const medianOf = (times: readonly number[]): number | undefined =>
  times.length < MEDIAN_BLOCKS ? undefined : times.toSorted((a, b) => a - b)[MEDIAN_BLOCKS >> 1];

/**
 * The step from one median to another. Where so many clocks are ahead that the median jumps, it stands nearly
 * still afterwards: blocks that seem to take hardly any time are owed some of the jump, for as many blocks as
 * a header may be ahead.
 */
function medianStep(
  median: NonNullable<Pace["median"]>,
  now: Readonly<{ time_s: number; height: number }>,
  { spacing_seconds: spacing }: ChainParameters,
): Readonly<{ step: PaceStep; ahead_s: number; ahead_until: number }> {
  const blocks = now.height - median.height;
  const passed = Math.max(0, now.time_s - median.time_s);
  const usual = blocks * spacing;
  const owed = now.height <= median.ahead_until ? median.ahead_s : 0;
  if (passed > usual + STALL_SPACINGS * spacing) {
    const step = { blocks, fast_s: passed, slow_s: usual + STALL_SPACINGS * spacing };
    const ahead_s = Math.min(MOST_AHEAD_S, owed + passed - usual);
    return { step, ahead_s, ahead_until: now.height + Math.ceil(MOST_AHEAD_S / spacing) };
  }
  const paid = Math.min(owed, Math.max(0, usual - passed));
  const step = { blocks, fast_s: passed + paid, slow_s: passed };
  return { step, ahead_s: owed - paid, ahead_until: median.ahead_until };
}
