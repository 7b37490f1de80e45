/** The network picture of DQSN at one moment (DQSN v2, sections 2 and 6). */
import { z } from "zod";
import { strictObject } from "../internal/schema.js";
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

/** The network picture. */
export const networkViewSchema = strictObject({
  as_of_ms: timeMsSchema,
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
  /** Operators at or above 0.60, in order. */
  critical_operators: z.array(idSchema),
  /** Critical operators needed for CRITICAL_GLOBAL. */
  quorum: z.int().min(1),
  /** Hash of the latest live signals: equal wherever the same signals were seen, in any order. */
  digest: hash256Schema,
});
export type NetworkView = z.infer<typeof networkViewSchema>;
