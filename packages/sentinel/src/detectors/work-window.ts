/** The work of the last hour, for `work_rate`: by chainwork, or by blocks and difficulties. */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import type { Timed } from "./detector.js";
import type { WatchedObservation } from "../observation/observation.js";
import { deepFrozen } from "../internal/frozen.js";

/** Points of a window: twelve steps between the ends. */
const STEPS = 12;

const HOUR_S = 3_600;

/** Least blocks that a window is wide enough for at the target. */
const MIN_BLOCKS = 60;

/** Evidence of one kind that is missing for so long gives way to the other. */
const GIVE_UP_MS = 86_400_000;

/** Running times differ by more than this where the observer's clock was not sure. */
const SURE_MS = 1_000;

/** A tip that is older than this, and four spacings, is history that the node fetches. */
const STALE_S = 600;

/** The window and the one step that may lie before it, in units of its length. */
const WIDEST = 1.5;

const pointSchema = z.strictObject({
  /** On the running times `least_ms` and `most_ms`. */
  at_ms: z.int(),
  most_ms: z.int(),
  /** Chainwork as hex without leading zeros, or a sum of blocks' difficulties. */
  work: z.union([z.string().regex(/^[0-9a-f]{1,64}$/), z.number().min(0)]),
});
type Point = z.infer<typeof pointSchema>;

export const windowSchema = z.strictObject({
  kind: z.enum(["chainwork", "difficulties"]).nullable(),
  /** Oldest first. */
  points: z.array(pointSchema).max(STEPS + 2),
  /** For a sum of difficulties: the highest tip that is in it, and the sum. */
  height: heightSchema,
  sum: z.number().min(0),
  /** When evidence of its kind was seen last. */
  seen_ms: z.int(),
});
/** Work at some points in time. */
export type WorkWindow = z.infer<typeof windowSchema>;

/** Before the first observation. */
export const NO_WINDOW: WorkWindow = deepFrozen({
  kind: null,
  points: [],
  height: 0,
  sum: 0,
  seen_ms: 0,
});

/** Milliseconds of a window. */
export const lengthMs = ({ spacing_seconds }: ChainParameters): number =>
  Math.max(HOUR_S, MIN_BLOCKS * spacing_seconds) * 1_000;

/** The window after an observation; the same one until the next point is due. */
export function withWork(
  before: WorkWindow,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): WorkWindow {
  const { least_ms, most_ms } = observation.times;
  const kind = kindOf(before, observation);
  if (kind === undefined || isHistory(observation, chain)) return before;
  const window = kind === before.kind ? before : { ...NO_WINDOW, kind };
  const counted = kind === "chainwork" ? window : withDifficulties(window, observation);
  const last = counted.points.at(-1);
  const isDue = last === undefined || least_ms - last.at_ms >= lengthMs(chain) / STEPS;
  if (!isDue) return counted.sum === before.sum && kind === before.kind ? before : counted;
  const work = kind === "chainwork" ? trimmed(observation.chainwork ?? "0") : counted.sum;
  const isLess = last !== undefined && workBetween(last.work, work) < 0;
  const kept = isLess
    ? []
    : counted.points.filter(({ at_ms }) => least_ms - at_ms <= WIDEST * lengthMs(chain));
  const points = [...kept, { at_ms: least_ms, most_ms, work }].slice(-STEPS - 2);
  return { ...counted, points, seen_ms: least_ms };
}

const isHistory = (
  { tip, at_ms }: WatchedObservation,
  { spacing_seconds }: ChainParameters,
): boolean => at_ms / 1_000 - tip.time_s > STALE_S + 4 * spacing_seconds;

/** What the window counts now; undefined where its evidence is missing. */
function kindOf(
  { kind, seen_ms }: WorkWindow,
  { chainwork, difficulties, times }: Timed<WatchedObservation>,
): (WorkWindow["kind"] & string) | undefined {
  const given = { chainwork: chainwork !== undefined, difficulties: difficulties !== undefined };
  if (kind !== null && given[kind]) return kind;
  if (kind !== null && times.least_ms - seen_ms < GIVE_UP_MS) return undefined;
  return given.chainwork ? "chainwork" : "difficulties";
}

/** Adds the new blocks at the geometric mean of the difficulties. */
function withDifficulties(
  window: WorkWindow,
  { tip, difficulties = {} }: WatchedObservation,
): WorkWindow {
  const blocks = window.height === 0 ? 0 : tip.height - window.height;
  const values = Object.values(difficulties);
  if (values.length === 0 || (window.height !== 0 && blocks <= 0)) return window;
  const mean = Math.exp(values.reduce((sum, one) => sum + Math.log(one), 0) / values.length);
  return { ...window, height: tip.height, sum: window.sum + blocks * mean };
}

/**
 * The logarithm of the work of the last window, for the time of a whole one.
 *
 * @returns undefined while the points do not reach over a whole window, where there was no work, and where the
 *   observer's clock was not sure of the time
 */
export function windowRate({ points }: WorkWindow, chain: ChainParameters): number | undefined {
  const newest = points.at(-1);
  if (newest === undefined) return undefined;
  const length = lengthMs(chain);
  const oldest = points.findLast(({ at_ms }) => newest.at_ms - at_ms >= length);
  if (oldest === undefined) return undefined;
  const passed = newest.at_ms - oldest.at_ms;
  if (Math.abs(newest.most_ms - oldest.most_ms - passed) > SURE_MS) return undefined;
  const work = workBetween(oldest.work, newest.work);
  return work <= 0 ? undefined : Math.log((work * length) / passed);
}

const workBetween = (from: Point["work"], to: Point["work"]): number =>
  typeof from === "string" || typeof to === "string"
    ? Number(BigInt(`0x${to}`) - BigInt(`0x${from}`))
    : to - from;

const trimmed = (hex: string): string => hex.replace(/^0+(?=.)/, "");
