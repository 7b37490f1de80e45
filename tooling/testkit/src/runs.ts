/** How often a test repeats: in a short form by default, in full with `FULL=1` (`pnpm test:full`). */

/** Whether this run is a full one. */
const IS_FULL = process.env["FULL"] === "1";

/**
 * The number of repetitions of this run.
 *
 * @param few repetitions of the short form, which CI runs
 * @param full repetitions of the full form
 */
export const runs = (few: number, full: number): number => (IS_FULL ? full : few);
