/** How long a node has been behind a height that it reports, without going towards it. */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";

/** A node catches up while it gains more than so many blocks in a spacing. */
const CATCH_UP_PACE = 4;

const facts = {
  /** How long it has been behind without going towards the goal, in milliseconds. */
  lagging_ms: z.int().min(0),
  /** The height that it has to reach. */
  goal: heightSchema,
  /** Its height when it fell behind. */
  begun_height: heightSchema,
  /** Its height, and the running time `most_ms`, from which its pace is measured. */
  from_height: heightSchema,
  from_ms: z.int(),
  /** When it was last seen behind, on the same running time. */
  seen_ms: z.int(),
};

/** A node that is behind; null: it is not. */
export const lagSchema = z.strictObject(facts).nullable();
export type Lag = z.infer<typeof lagSchema>;

/** What one observation shows. */
export type LagStep = Readonly<{
  height: number;
  /** Height that is known to be there; null where nothing above the tip is. */
  goal: number | null;
  most_ms: number;
  /** Whether the node was silent, loading or syncing since the last observation, or was restarted. */
  was_away: boolean;
}>;

/**
 * Counts the time in which a node stays behind. It begins anew when the node reaches the height that was ahead when it
 * began, or gains more than four blocks in a spacing: then it is catching up. Time in which it was away does
 * not count, and its pace is measured from its return.
 */
export function advanceLag(before: Lag, step: LagStep, { spacing_seconds }: ChainParameters): Lag {
  const { height, goal, most_ms, was_away } = step;
  if (goal === null || goal <= height) return null;
  const begun = { goal, from_height: height, from_ms: most_ms, seen_ms: most_ms };
  const anew = { ...begun, lagging_ms: 0, begun_height: height };
  if (before === null) return anew;
  if (was_away) return { ...before, ...begun };
  const spacings = (most_ms - before.from_ms) / (spacing_seconds * 1_000);
  const isFast = height - before.from_height > CATCH_UP_PACE * (spacings + 1);
  if (height >= before.goal || isFast) return anew;
  return {
    ...before,
    lagging_ms: before.lagging_ms + Math.max(0, most_ms - before.seen_ms),
    seen_ms: most_ms,
  };
}
