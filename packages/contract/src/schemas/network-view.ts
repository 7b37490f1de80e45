/** The network picture of DQSN at one moment (DQSN v2, sections 2 and 6). */
import { z } from "zod";
import { strictObject } from "./own-object.js";
import {
  advisoryLevelSchema,
  hash256Schema,
  idSchema,
  scoreSchema,
  timeMsSchema,
} from "./primitives.js";

const channelViewSchema = strictObject({
  score: scoreSchema,
  /** Live signals in this channel. */
  signals: z.int().min(0),
});

/** Most names that a view lists; the count beside a list covers all of them. */
const MAX_VIEW_NAMES = 32;

/** The network picture. */
export const networkViewSchema = strictObject({
  /** The picture's time: it never goes back, and a clock that ran ahead does not move it. */
  as_of_ms: timeMsSchema,
  /** Whether the reading of the clock is trusted; where it is not, the level is at least UNKNOWN. */
  clock: z.enum(["trusted", "behind", "ahead"]),
  level: advisoryLevelSchema,
  score: scoreSchema,
  channels: strictObject({
    consensus: channelViewSchema,
    mempool: channelViewSchema,
    wallet: channelViewSchema,
    infra: channelViewSchema,
  }),
  /** Operators with a live signal. */
  live_operators: z.int().min(0),
  /** The first operators at or above 0.60, in UTF-16 order, at most 32. */
  critical_operators: z.array(idSchema).max(MAX_VIEW_NAMES),
  /** All operators at or above 0.60. */
  critical_operators_count: z.int().min(0),
  /** The first expected reporters without a live signal, by node id in UTF-16 order, at most 32. */
  silent_reporters: z.array(idSchema).max(MAX_VIEW_NAMES),
  /** All expected reporters without a live signal; muted ones are not counted. */
  silent_reporters_count: z.int().min(0),
  /** Critical operators needed for CRITICAL_GLOBAL. */
  quorum: z.int().min(1),
  /** Hash of the latest live signals: equal wherever the same signals were seen, in any order. */
  digest: hash256Schema,
});
/** What `networkViewSchema` accepts. */
export type NetworkView = z.infer<typeof networkViewSchema>;
