/** Schema of the memory of a defense node: plain data, so that a restart loses nothing (design, section 6). */
import {
  defenseEventSchema,
  hash256Schema,
  idSchema,
  LOCKDOWNS,
  scoreSchema,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { inputsMemorySchema } from "../inputs/model.js";

/** Most causes that count at once; more than that is itself an attack. */
export const MAX_CAUSES = 256;
/** Most ended causes that are kept in case the clock that ended them was wrong. */
export const MAX_ENDED = 64;
/** Most releases that a node keeps, the newest. */
export const MAX_RELEASES = 100;
/** Most acceptances of a clock that a node keeps, the newest. */
export const MAX_ACCEPTANCES = 32;
/** Largest number of a change; far below where integers are inexact. */
const MAX_SEQUENCE = 2 ** 52;
const MONTH_MS = 30 * 86_400_000;

/**
 * By which time something is dated: by that of its receipt; where the node's time was uncertain then,
 * by none yet (`pending`), and by that of the next trusted reading from then on (`later`).
 */
const DATED = ["receipt", "later", "pending"] as const;

const reasonSchema = z.string().min(1).max(512);
const lockdownSchema = z.enum(LOCKDOWNS);
const sequenceSchema = z.int().min(0).max(MAX_SEQUENCE);

const causeSchema = z.strictObject({
  event: defenseEventSchema,
  /** The node's time when it was last renewed; its lifetime runs from here. */
  received_at_ms: timeMsSchema,
  /** The node's time when it was observed, at most that of its receipt. */
  known_ms: timeMsSchema,
  /** How long it is active from its receipt: negative where it came late; null: latched. */
  lifetime_ms: z.int().max(MONTH_MS).nullable(),
  /** See `DATED`. */
  dated: z.enum(DATED),
  /** Severity of its latest report, which may be milder than what it is kept at. */
  reported: scoreSchema,
  /** Number of the change that raised or worsened it. */
  raised_sequence: sequenceSchema,
  /** Whether it is the latest of its kind; an earlier one only lasts out its hold. */
  current: z.boolean(),
});
/** Something that calls for a lockdown. */
export type Cause = Readonly<z.infer<typeof causeSchema>>;

const waiverSchema = z.strictObject({
  event_id: idSchema,
  /** What else made the event that incident: see `incidentOf`. */
  incident: hash256Schema,
  /** The observation that is released, and no other … */
  observed_at_ms: timeMsSchema,
  /** … unless it is worse than what the operator saw, or latches. */
  severity: scoreSchema,
  latched: z.boolean(),
});
/** What an operator released. */
export type Waiver = Readonly<z.infer<typeof waiverSchema>>;

const standingOrderSchema = z.strictObject({
  lockdown: lockdownSchema,
  operator: idSchema,
  reason: reasonSchema,
  /** Number of the change that it is; it hides nothing that came after. */
  sequence: sequenceSchema,
  /** The end that the operator named, by the wall clock: it lowers nothing from then on. */
  until_ms: timeMsSchema,
  /** The node's time when it was given. */
  given_at_ms: timeMsSchema,
  /** See `DATED`. */
  dated: z.enum(DATED),
  /** How long the state is forced, by the node's time. */
  lifetime_ms: z.int().min(1).max(MONTH_MS),
  /** Whether an operator ended it before its time. */
  cancelled: z.boolean(),
});
/** An operator's latest order. */
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

const acceptanceSchema = z.strictObject({
  /** The accepted time. */
  at_ms: timeMsSchema,
  /** The node's time before. */
  time_ms: timeMsSchema,
  operator: idSchema,
  reason: reasonSchema,
});
/** An operator's acceptance of the wall clock. */
export type ClockAcceptance = Readonly<z.infer<typeof acceptanceSchema>>;

const memorySchema = z.strictObject({
  snapshot_version: z.literal(2),
  node_id: idSchema,
  /** Latest trusted time, which never goes back but by an operator's acceptance; 0 before the first. */
  time_ms: timeMsSchema,
  /** Until when ends of causes and orders are carried out: it stands still while the clock is not trusted. */
  settled_ms: timeMsSchema,
  sequence: sequenceSchema,
  causes: z.array(causeSchema).max(MAX_CAUSES),
  /** Causes that ended, kept in case the clock was wrong. */
  ended: z.array(causeSchema).max(MAX_ENDED),
  waivers: z.array(waiverSchema).max(MAX_CAUSES),
  order: standingOrderSchema.nullable(),
  lockdown: lockdownSchema,
  since_ms: timeMsSchema,
  /** Why the last change was a fall; null after a rise. */
  fall_reason: reasonSchema.nullable(),
  releases: z.array(releaseRecordSchema).max(MAX_RELEASES),
  clock_acceptances: z.array(acceptanceSchema).max(MAX_ACCEPTANCES),
  /** Counts of inputs; absent before the first. */
  inputs: inputsMemorySchema.optional(),
});
/** The memory of a defense node. */
export type Memory = Readonly<z.infer<typeof memorySchema>>;

/** The memory as it is stored, with the configuration that it was settled by and a checksum. */
export const defenseSnapshotSchema = memorySchema.extend({
  settled_by: z.strictObject({
    partial: scoreSchema,
    full: scoreSchema,
    hold_ms: z.int().min(0).max(MONTH_MS),
  }),
  /** SHA-256 of all else: shows damage, proves no origin. */
  checksum: hash256Schema,
});
/** What `snapshot()` gives, and a restart takes. */
export type DefenseSnapshot = Readonly<z.infer<typeof defenseSnapshotSchema>>;

/** The memory of a node that has received nothing yet. */
export const emptyMemory = (node_id: string): Memory => ({
  snapshot_version: 2,
  node_id,
  time_ms: 0,
  settled_ms: 0,
  sequence: 0,
  causes: [],
  ended: [],
  waivers: [],
  order: null,
  lockdown: "NONE",
  since_ms: 0,
  fall_reason: null,
  releases: [],
  clock_acceptances: [],
});

/** A reason that fits its field. */
export const boundedReason = (text: string): string => text.slice(0, 512).toWellFormed();
