/** Difficulty of a chain of one algorithm: one step for each period of blocks, as in Bitcoin. */
import type { Multishield } from "../multishield.js";

const MEDIAN_BLOCKS = 11;
const MOST_STEP = 4;

/**
 * The retargeting of a chain that has run at its target.
 *
 * @param spacingS target spacing in seconds
 * @param nowS time of the last header so far
 * @param periodBlocks blocks of a period
 */
export function createPeriodicRetarget(
  spacingS: number,
  nowS: number,
  periodBlocks: number,
): Multishield {
  const recent = Array.from({ length: MEDIAN_BLOCKS }, (_, i) => nowS - (10 - i) * spacingS);
  let difficulty = spacingS;
  let blocks = 0;
  let begunS = nowS;
  let median = nowS - 5 * spacingS;
  return Object.freeze({
    difficulty: () => difficulty,
    accept(_bits, timeS) {
      recent.shift();
      recent.push(timeS);
      median = recent.toSorted((a, b) => a - b)[5] ?? timeS;
      if (++blocks < periodBlocks) return;
      const step = (periodBlocks * spacingS) / Math.max(1, timeS - begunS);
      difficulty *= Math.min(MOST_STEP, Math.max(1 / MOST_STEP, step));
      blocks = 0;
      begunS = timeS;
    },
    admit: () => undefined,
    medianTime: () => median,
  } satisfies Multishield);
}
