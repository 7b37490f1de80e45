/** The stored state of `reorg`, and how an earlier form of it is read. */
import { heightSchema, type JsonValue } from "@dgb-shield/contract";
import { z } from "zod";
import { TAIL_DIGITS } from "./fork.js";
import { heldSchema } from "./held.js";
import { linkSchema, lostSchema } from "./lost-branches.js";
import { recentChainSchema } from "./recent-chain.js";
import { burstSchema, NO_BURST } from "./reorg-burst.js";
import { lossShareSchema } from "./stale-rate.js";

/** See `ReorgState`. */
export const reorgStateSchema = z.strictObject({
  /** The active chain, ascending, in chunks. */
  recent: recentChainSchema,
  /** Tips of before that nothing yet links to the active chain. */
  pending: z.array(linkSchema),
  /** Whether the node has not come back to its last tip since it was silent, loading or syncing. */
  is_resuming: z.boolean(),
  /** Losing tips that were found, or there before the first observation. */
  known: z.array(linkSchema),
  has_seen_tips: z.boolean(),
  /** Losses known from headers alone, for the next list of chain tips. */
  linked: z.array(lostSchema),
  /** Lists of chain tips in a row that belonged to another moment than the tip. */
  torn_lists: z.int().min(0),
  held: z.array(heldSchema),
  burst: burstSchema,
  loss_share: lossShareSchema,
});
/** State of the detector. */
export type ReorgState = z.infer<typeof reorgStateSchema>;

/** The state before the first observation. */
export const initialReorgState = (): ReorgState => ({
  recent: [],
  pending: [],
  is_resuming: false,
  known: [],
  has_seen_tips: false,
  linked: [],
  torn_lists: 0,
  held: [],
  burst: NO_BURST,
  loss_share: null,
});

/** The window, in spacings, in which the earlier form counted. */
const FORMER_WINDOW = 240;

const formerSchema = z.strictObject({
  recent: z.array(z.array(linkSchema).min(1)),
  known: z.array(linkSchema),
  has_seen_tips: z.boolean(),
  linked: z.array(lostSchema),
  torn_lists: z.int().min(0),
  held: z.array(heldSchema.omit({ stale_rate: true, dropped: true })),
  burst: z.strictObject({
    events: z.array(
      z.strictObject({ tip_hash: z.string(), depth: z.int().min(1), at_ms: z.int() }),
    ),
    tripped: z
      .strictObject({
        height: heightSchema,
        count: z.int().min(1),
        least_depth: z.int().min(1),
        until_ms: z.int(),
      })
      .nullable(),
  }),
});

/** Reads the form that counted over one hour and forgot a chain while the node synced. */
export function upgradedReorg(stored: JsonValue): ReorgState | undefined {
  const read = formerSchema.safeParse(stored);
  if (!read.success) return undefined;
  const { held, burst, ...rest } = read.data;
  const tripped =
    burst.tripped === null
      ? null
      : { ...burst.tripped, spacings: FORMER_WINDOW, false_alarm_years: 1_000_000 };
  return {
    ...initialReorgState(),
    ...rest,
    held: held.map((one) => ({ ...one, dropped: null, stale_rate: null })),
    burst: {
      events: burst.events.map(({ tip_hash, ...event }) => ({
        tip: tip_hash.slice(-TAIL_DIGITS),
        ...event,
      })),
      tripped,
    },
  };
}
