/** How far headers' times are from when they came, for `clock_trust`. */
import { z } from "zod";
import type { Timed } from "./detector.js";
import { isCatchingUp } from "../observation/catching-up.js";
import { headersOf, type WatchedObservation } from "../observation/observation.js";
import { datedAfter, hasOwnTime, headerDatedSchema, NOT_DATED } from "../observation/own-time.js";

/** Miners' clocks are up to 300 s ahead on DigiByte's main network, each in a few of a hundred blocks. */
const FAR_S = 300;

/** Half of all headers are never this much off. */
const NEAR_S = 60;

const RECENT_WEIGHT = 1 / 64;

/** As many headers as the median of the consensus rules has, as bits, and more than half of them. */
const LAST_BITS = 0x7ff;
const MOST_OF_LAST = 6;

const sideSchema = z.strictObject({
  /** The last 11 headers, a bit each: whether over 300 s off. */
  far: z.int().min(0).max(LAST_BITS),
  /** Share of the recent headers that are over 60 s off. */
  share: z.number().min(0).max(1),
  is_off: z.boolean(),
});
type Side = z.infer<typeof sideSchema>;

/** Offsets of headers, either way. */
export const headerOffsetsSchema = z.strictObject({
  tip_hash: z.string().nullable(),
  dated: headerDatedSchema,
  /** The last observation on `most_ms`, and whether the node was away then. */
  observed_ms: z.int(),
  is_away: z.boolean(),
  ahead: sideSchema,
  behind: sideSchema,
});
export type HeaderOffsets = z.infer<typeof headerOffsetsSchema>;

const NEVER_OFF: Side = Object.freeze({ far: 0, share: 0, is_off: false });

/** Before the first header. */
export const NO_OFFSETS: HeaderOffsets = Object.freeze({
  tip_hash: null,
  dated: NOT_DATED,
  observed_ms: 0,
  is_away: true,
  ahead: NEVER_OFF,
  behind: NEVER_OFF,
});

/** Offsets after an observation: its tip is compared, if it is new and came while it was watched. */
export function withHeaders(
  before: HeaderOffsets,
  observation: Timed<WatchedObservation>,
): HeaderOffsets {
  const { tip, at_ms, times, clock, restarted } = observation;
  const { tip_hash, ahead, behind, is_away, observed_ms: last_ms } = before;
  const observed_ms = times.most_ms;
  if (tip.hash === tip_hash) {
    return { tip_hash, dated: before.dated, observed_ms, is_away: false, ahead, behind };
  }
  const dated = datedAfter(before.dated, headersOf(observation), at_ms);
  const seen = (left: Side, right: Side): HeaderOffsets => ({
    tip_hash: tip.hash,
    dated,
    observed_ms,
    is_away: false,
    ahead: left,
    behind: right,
  });
  if (!hasOwnTime(dated)) return seen(NEVER_OFF, NEVER_OFF);
  if (is_away || restarted === true || clock !== "trusted" || isCatchingUp(observation)) {
    return seen(ahead, behind);
  }
  const offset_s = tip.time_s - at_ms / 1_000;
  // It came after the last observation: it is behind by no more than it was behind that one.
  const behind_s = -offset_s - (observed_ms - last_ms) / 1_000;
  return seen(withOffset(ahead, offset_s), withOffset(behind, behind_s));
}

function withOffset(before: Side, seconds: number): Side {
  const far = ((before.far << 1) & LAST_BITS) | (seconds > FAR_S ? 1 : 0);
  const share = before.share + RECENT_WEIGHT * ((seconds > NEAR_S ? 1 : 0) - before.share);
  return { far, share, is_off: share > 0.5 || bitsIn(far) >= MOST_OF_LAST };
}

function bitsIn(word: number): number {
  let count = 0;
  for (let left = word; left > 0; left &= left - 1) count++;
  return count;
}
