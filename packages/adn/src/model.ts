/** What a defence node remembers: plain data, so that a restart loses nothing (design: layer 3). */
import {
  defenseEventSchema,
  idSchema,
  LOCKDOWNS,
  scoreSchema,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";

/** Most causes that a node remembers; more than that is itself an attack. */
export const MAX_CAUSES = 256;
/** Releases that a node remembers, the newest. */
export const MAX_RELEASES = 100;

const reasonSchema = z.string().min(1).max(512);
const lockdownSchema = z.enum(LOCKDOWNS);
const sequenceSchema = z.int().min(0);

const causeSchema = z.strictObject({
  event: defenseEventSchema,
  received_at_ms: timeMsSchema,
  /** Number of the change that raised or worsened it. */
  raised_sequence: sequenceSchema,
  /** End of its hold; null: latched. */
  counts_until_ms: z.number().min(0).nullable(),
  /** Whether it is the latest of its `event_id`; an earlier one only lasts out its hold. */
  current: z.boolean(),
});
/** Something that speaks for a lockdown. */
export type Cause = Readonly<z.infer<typeof causeSchema>>;

const waiverSchema = z.strictObject({
  event_id: idSchema,
  /** Observations up to this one are released … */
  observed_until_ms: timeMsSchema,
  /** … unless they are worse than what the operator saw. */
  severity: scoreSchema,
});

const standingOrderSchema = z.strictObject({
  lockdown: lockdownSchema,
  operator: idSchema,
  reason: reasonSchema,
  /** Number of the change that it is; it hides nothing that came after. */
  sequence: sequenceSchema,
  until_ms: timeMsSchema,
});
/** An operator's order in force. */
export type StandingOrder = Readonly<z.infer<typeof standingOrderSchema>>;

const releaseRecordSchema = z.strictObject({
  at_ms: timeMsSchema,
  from: lockdownSchema,
  /** Equal to `from` where an operator released one of several causes. */
  to: lockdownSchema,
  /** Why it is safe again. */
  reason: reasonSchema,
  /** Who released it; absent where time did. */
  operator: idSchema.optional(),
  event_id: idSchema.optional(),
});
/** One release. */
export type ReleaseRecord = Readonly<z.infer<typeof releaseRecordSchema>>;

/** The memory of a defence node. */
export const defenseSnapshotSchema = z.strictObject({
  snapshot_version: z.literal(1),
  node_id: idSchema,
  /** Latest time the node was told: time never runs backwards. */
  time_ms: timeMsSchema,
  sequence: sequenceSchema,
  causes: z.array(causeSchema).max(MAX_CAUSES),
  waivers: z.array(waiverSchema).max(MAX_CAUSES),
  order: standingOrderSchema.nullable(),
  lockdown: lockdownSchema,
  since_ms: timeMsSchema,
  /** Why the last change was a fall; null after a rise. */
  fall_reason: reasonSchema.nullable(),
  releases: z.array(releaseRecordSchema).max(MAX_RELEASES),
});
export type DefenseSnapshot = Readonly<z.infer<typeof defenseSnapshotSchema>>;

/** The memory of a node that was told nothing yet. */
export const emptyModel = (node_id: string): DefenseSnapshot => ({
  snapshot_version: 1,
  node_id,
  time_ms: 0,
  sequence: 0,
  causes: [],
  waivers: [],
  order: null,
  lockdown: "NONE",
  since_ms: 0,
  fall_reason: null,
  releases: [],
});

/** A reason that fits its field. */
export const boundedReason = (text: string): string => text.slice(0, 512).toWellFormed();
