/** The sets of parameters and seeds: one that detectors may be tuned on, one for the report alone, a short one. */
import { type Conditions, REPORT_VARIATION, TUNE_VARIATION, type Variation } from "./conditions.js";

/** A set of parameters and seeds. */
export type SeedSet = Readonly<{
  name: "tune" | "report" | "short";
  /** Seed of the first run; the next ones follow. */
  firstSeed: number;
  variation: Variation;
  /** Days after 2026-12-01 at which its chains begin. */
  startDay: number;
}>;

/** The sets by name. */
export const SEED_SETS = Object.freeze({
  tune: { name: "tune", firstSeed: 1, variation: TUNE_VARIATION, startDay: 0 },
  // A change of Odocrypt's shape comes after half a day.
  short: { name: "short", firstSeed: 31, variation: TUNE_VARIATION, startDay: 1.5 },
  report: { name: "report", firstSeed: 770_001, variation: REPORT_VARIATION, startDay: 94 },
} as const satisfies Record<string, SeedSet>);

const DAY_MS = 86_400_000;

/** Conditions as a set has them. */
export const conditionsOf = (conditions: Conditions, set: SeedSet): Conditions => ({
  ...conditions,
  variation: set.variation,
  startMs: conditions.startMs + set.startDay * DAY_MS,
});
