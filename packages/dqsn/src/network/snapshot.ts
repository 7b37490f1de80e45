/** The live network state as plain data (design section 4.2: snapshot). */
import {
  ADVISORY_LEVELS,
  hash256Schema,
  idSchema,
  sha256Hex,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { clockAcceptanceSchema, leapSchema, MAX_ACCEPTANCES, MAX_LEAPS } from "./clock-history.js";
import { MAX_KNOWN_OPERATORS } from "./live/silence.js";
import type { LiveState } from "./live/live-state.js";
import { MAX_MUTED } from "./muting.js";

const VERSION = 2;

const endSchema = timeMsSchema.nullable();

const mutedSchema = z.strictObject({
  node_ids: z.array(idSchema).max(MAX_MUTED),
  operators: z.array(idSchema).max(MAX_MUTED),
  operator_nodes: z.array(z.strictObject({ operator: idSchema, node_id: idSchema })).max(MAX_MUTED),
});

const knownOperatorsSchema = z.strictObject({
  node_id: idSchema,
  operators: z.array(idSchema.nullable()).max(MAX_KNOWN_OPERATORS + 1),
});

/** The schema of a snapshot without its signals, which are checked one by one. */
export const snapshotHeadSchema = z.strictObject({
  version: z.literal(VERSION),
  /** The time of the last change, the latest that was trusted; 0 before the first. */
  as_of_ms: timeMsSchema,
  /** When something last changed; null before the first signal. */
  changed_ms: timeMsSchema.nullable(),
  /** Until when each level was last what the signals gave. */
  held_until_ms: z.strictObject({
    NORMAL: endSchema,
    UNKNOWN: endSchema,
    ELEVATED: endSchema,
    CRITICAL_LOCAL: endSchema,
    CRITICAL_GLOBAL: endSchema,
  }),
  muted: mutedSchema,
  /** Under which operators expected nodes have reported; null for none. */
  known_operators: z.array(knownOperatorsSchema),
  /** The last acceptances of the clock by an operator. */
  clock_accepted: z.array(clockAcceptanceSchema).max(MAX_ACCEPTANCES),
  /** Steps forward of the clock that may have been wrong ones. */
  clock_leaps: z.array(leapSchema).max(MAX_LEAPS),
  /** Of the live signals, as in a view. */
  digest: hash256Schema,
  /** Checksum: SHA-256 over everything else. It shows damage; it does not prove who made the snapshot. */
  seal: hash256Schema,
});

/** The schema of a signal in a snapshot. */
export const snapshotSignalSchema = z.strictObject({
  /** From when it counts; it expires `ttl_ms` later. */
  time_ms: timeMsSchema,
  /** Its date: `observed_at`, or the time of arrival; orders the signals of a slot. */
  date_ms: timeMsSchema,
  signal: z.unknown(),
});

/** All of a snapshot but its signals. */
export type SnapshotHead = Readonly<z.infer<typeof snapshotHeadSchema>>;

/** A signal in a snapshot. */
export type SnapshotSignal = Readonly<z.infer<typeof snapshotSignalSchema>>;

/** A live network state as plain JSON data. Times are milliseconds since 1970-01-01T00:00:00Z. */
export type NetworkSnapshot = SnapshotHead &
  Readonly<{
    /** In the order of the digest. */
    signals: readonly SnapshotSignal[];
  }>;

/** Takes the snapshot of a state at its last change. */
export function snapshotOf(state: LiveState): NetworkSnapshot {
  state.moveBack();
  const { signalIndex, muting, holdDown, nowMs, changedMs, acceptances, leaps } = state;
  const signals = signalIndex.tree.signals();
  const head = {
    version: VERSION,
    as_of_ms: nowMs,
    changed_ms: changedMs ?? null,
    held_until_ms: holdDown.times(),
    muted: muting.list(),
    known_operators: signalIndex.silence.list(),
    clock_accepted: acceptances.map((acceptance) => ({ ...acceptance })),
    clock_leaps: leaps.map((leap) => ({ ...leap })),
    digest: signalIndex.tree.digest(),
  } as const;
  return {
    ...head,
    signals: signals.map(({ timeMs, dateMs, canonical }) => ({
      time_ms: timeMs,
      date_ms: dateMs,
      signal: JSON.parse(canonical) as unknown,
    })),
    seal: checksumOf(
      head,
      signals.map(({ timeMs, dateMs }) => [timeMs, dateMs]),
    ),
  };
}

/**
 * Computes the checksum of a snapshot: its digest covers the content of the signals, so that only their
 * times and dates are added.
 */
export const checksumOf = (
  head: Omit<SnapshotHead, "seal">,
  times: readonly (readonly [timeMs: number, dateMs: number])[],
): string => {
  const { version, as_of_ms, changed_ms, held_until_ms, muted, digest } = head;
  const held = ADVISORY_LEVELS.map((level) => held_until_ms[level] ?? null);
  return sha256Hex(
    JSON.stringify([
      version,
      as_of_ms,
      changed_ms,
      held,
      muted.node_ids,
      muted.operators,
      muted.operator_nodes.map(({ operator, node_id }) => [operator, node_id]),
      head.known_operators.map(({ node_id, operators }) => [node_id, operators]),
      head.clock_accepted.map(({ operator, reason, at_ms, from_ms, clock }) => [
        operator,
        reason,
        at_ms,
        from_ms,
        clock,
      ]),
      head.clock_leaps.map(({ from_ms, to_ms, level }) => [from_ms, to_ms, level]),
      digest,
      times,
    ]),
  );
};
