/** How long blocks took by the median of header times, for `block_cadence`. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { BlockHeader } from "../observation/observation.js";
import { medianOf } from "../stats/median.js";
import {
  linked,
  MEDIAN_BLOCKS,
  type Pace,
  type Paced,
  type PaceStep,
  STALL_SPACINGS,
} from "./pace-state.js";

/** Headers between two medians that are compared. */
const CHUNK_BLOCKS = 10;

/** A node rejects headers that are further ahead: more than that no median of headers can owe. */
const MOST_AHEAD_S = 7_200;

/** Counts headers by the time between two medians. */
export function byMedian(
  before: Pace,
  headers: readonly BlockHeader[],
  chain: ChainParameters,
): Paced {
  let pace = before;
  const steps: PaceStep[] = [];
  for (let i = 0; i < headers.length; i += CHUNK_BLOCKS) {
    pace = { ...pace, ...linked(pace, headers.slice(i, i + CHUNK_BLOCKS)) };
    const { median } = pace;
    const time_s = medianTime(pace.header_times);
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
const medianTime = (times: readonly number[]): number | undefined =>
  times.length < MEDIAN_BLOCKS ? undefined : medianOf(times);

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
