/** Whether observations have a time of their own, or that of their newest header, as those of a list of headers do. */
import { z } from "zod";
import type { BlockHeader } from "./observation.js";

/** So many in a row are no chance. */
const IN_A_ROW = 11;

export const headerDatedSchema = z.strictObject({
  /** Time of the newest header. */
  newest_s: z.uint32(),
  /** Observations with new blocks in a row, at most 11, whose time is that of the newest header. */
  in_a_row: z.int().min(0).max(IN_A_ROW),
});
/** How observations are dated. */
export type HeaderDated = z.infer<typeof headerDatedSchema>;

/** Before the first observation. */
export const NOT_DATED: HeaderDated = Object.freeze({ newest_s: 0, in_a_row: 0 });

/** How observations are dated after one with these new headers. */
export function datedAfter(
  { newest_s: before, in_a_row }: HeaderDated,
  headers: readonly BlockHeader[],
  at_ms: number,
): HeaderDated {
  let newest_s = before;
  for (const { time_s } of headers) if (time_s > newest_s) newest_s = time_s;
  const isDated = at_ms === newest_s * 1_000;
  return { newest_s, in_a_row: isDated ? Math.min(IN_A_ROW, in_a_row + 1) : 0 };
}

/** Whether the time of an observation shows when its blocks arrived. */
export const hasOwnTime = ({ in_a_row }: HeaderDated): boolean => in_a_row < IN_A_ROW;
