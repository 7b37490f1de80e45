/** How often a test repeats: few times by default, in full with FULL=1 (`pnpm test:full`). */

/** Whether this run is a full one. */
const IS_FULL = process.env["FULL"] === "1";

/** The number of repetitions of this run. */
export const runs = (few: number, full: number): number => (IS_FULL ? full : few);
