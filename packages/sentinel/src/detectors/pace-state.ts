/** What is remembered of how long blocks took, for `block_cadence`. */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { BlockHeader } from "../observation/observation.js";
import { headerDatedSchema, NOT_DATED } from "../observation/own-time.js";

/** Headers whose median is a block's time, as in the consensus rules. */
export const MEDIAN_BLOCKS = 11;

/** A longer gap is a stall and not a cadence. */
export const STALL_SPACINGS = 9;

const runSchema = z.strictObject({
  blocks: z.int().min(1),
  least_s: z.number(),
  most_s: z.number(),
});
export type Run = z.infer<typeof runSchema>;

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

/** The tip, and the times of the headers that it stands on. */
export type Linked = Pick<Pace, "tip_hash" | "tip_height" | "header_times">;

/** Takes headers in: their times, as far as they stand on one another. */
export function linked(pace: Linked, headers: readonly BlockHeader[]): Linked {
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
