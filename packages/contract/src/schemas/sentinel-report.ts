/** Sentinel's report on one node's view of the chain (design, section 6). */
import { z } from "zod";
import { oneOf, strictObject } from "./own-object.js";
import {
  hash256Schema,
  heightSchema,
  idSchema,
  jsonObjectSchema,
  riskLevelSchema,
  scoreSchema,
  timeMsSchema,
  wordSchema,
} from "./primitives.js";

/** One anomaly that a detector found. */
export const findingSchema = strictObject({
  finding_id: idSchema,
  detector: wordSchema,
  severity: scoreSchema,
  summary: z.string().min(1).max(512),
  /** Height of the tip, or of the offending block. */
  height: heightSchema,
  detected_at_ms: timeMsSchema,
  /** Whether it stays until an operator acknowledges it. */
  latched: z.boolean(),
  evidence: jsonObjectSchema,
});
/** What `findingSchema` accepts. */
export type Finding = z.infer<typeof findingSchema>;

/** An operator's order to follow a chain with blocks of a retired algorithm, while it lasts. */
const toleratedSchema = strictObject({
  algorithm: wordSchema,
  from_height: heightSchema,
  /** Last height at which its blocks are tolerated. */
  until_height: heightSchema,
  operator: idSchema,
  reason: z.string().min(1).max(512),
  since_ms: timeMsSchema,
});

/** Sentinel's report on one node. */
export const sentinelReportSchema = strictObject({
  node_id: idSchema,
  chain: wordSchema,
  /** The observation's own time, by the observer's wall clock. It can go back where that clock does. */
  observed_at_ms: timeMsSchema,
  /** Whether that clock is trusted; where it is not, the level is at least elevated. */
  clock: oneOf(["trusted", "behind", "ahead"]),
  /** SYNCING and UNREACHABLE count as UNKNOWN: at least elevated. */
  status: oneOf(["WATCHING", "SYNCING", "UNREACHABLE"]),
  tip: strictObject({ height: heightSchema, hash: hash256Schema }).nullable(),
  level: riskLevelSchema,
  score: scoreSchema,
  /** Active, unacknowledged findings, worst first. */
  findings: z.array(findingSchema),
  /** Detectors that ran, which distinguishes "nothing found" from "not examined". */
  detectors: z.array(wordSchema),
  /** Algorithms that an operator tolerates now; absent where there is none. */
  tolerated: z.array(toleratedSchema).min(1).max(16).exactOptional(),
});
/** What `sentinelReportSchema` accepts. */
export type SentinelReport = z.infer<typeof sentinelReportSchema>;
