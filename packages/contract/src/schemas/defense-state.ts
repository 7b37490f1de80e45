/** The state of a defended node (layer 3). */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { oneOf, strictObject } from "./own-object.js";
import { idSchema, riskLevelSchema, scoreSchema, timeMsSchema, wordSchema } from "./primitives.js";

/** How far a node is locked down. */
export const LOCKDOWNS = frozen(["NONE", "PARTIAL", "FULL"]);
/** One of `LOCKDOWNS`. */
export type Lockdown = (typeof LOCKDOWNS)[number];

/** An event that bears on a node's defence. */
export const defenseEventSchema = strictObject({
  event_id: idSchema,
  type: wordSchema,
  severity: scoreSchema,
  source: wordSchema,
  observed_at_ms: timeMsSchema,
  /** When it stops counting unless renewed; null: it latches until an operator releases it. */
  expires_at_ms: timeMsSchema.nullable(),
  /** Whether it rests on this site alone, and not on the network view or on a risk level. */
  local: z.boolean(),
  summary: z.string().min(1).max(512),
});
/** What `defenseEventSchema` accepts. */
export type DefenseEvent = z.infer<typeof defenseEventSchema>;

/** What the node does, and why. */
export const defenseActionSchema = strictObject({
  action: wordSchema,
  reason: z.string().min(1).max(512),
});
/** What `defenseActionSchema` accepts. */
export type DefenseAction = z.infer<typeof defenseActionSchema>;

/** Defence state of one node. */
export const defenseStateSchema = strictObject({
  node_id: idSchema,
  /** The earlier of the wall clock and the node's time. */
  as_of_ms: timeMsSchema,
  /** Whether the reading of the clock is trusted; where it is not, the level is at least elevated and nothing ends. */
  clock: oneOf(["trusted", "behind", "ahead"]),
  level: riskLevelSchema,
  score: scoreSchema,
  lockdown: oneOf(LOCKDOWNS),
  /** When this lockdown state was entered. */
  since_ms: timeMsSchema,
  /** Why this state holds; after a release, why it is safe again. */
  reason: z.string().min(1).max(512),
  actions: z.array(defenseActionSchema),
  /** Active events, worst first. */
  events: z.array(defenseEventSchema),
});
/** What `defenseStateSchema` accepts. */
export type DefenseState = z.infer<typeof defenseStateSchema>;
