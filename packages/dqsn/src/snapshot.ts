/** The live network picture as plain data (DQSN v2, section 2). */
import {
  ADVISORY_LEVELS,
  hash256Schema,
  idSchema,
  sha256Hex,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { Timeline } from "./live/timeline.js";

const VERSION = 1;

const endSchema = timeMsSchema.nullable();

/** The form of a snapshot. */
export const snapshotSchema = z.strictObject({
  version: z.literal(VERSION),
  as_of_ms: timeMsSchema,
  /** When something last changed; null before the first signal. */
  changed_ms: timeMsSchema.nullable(),
  /** Until when each level was last what the signals said. */
  held_until_ms: z.strictObject({
    NORMAL: endSchema,
    UNKNOWN: endSchema,
    ELEVATED: endSchema,
    CRITICAL_LOCAL: endSchema,
    CRITICAL_GLOBAL: endSchema,
  }),
  muted: z.strictObject({ node_ids: z.array(idSchema), operators: z.array(idSchema) }),
  /** In the order of the digest; `time_ms` is `observed_at`, or the time of arrival. */
  signals: z.array(z.strictObject({ time_ms: timeMsSchema, signal: z.unknown() })),
  /** Of the live signals, as in a view. */
  digest: hash256Schema,
  /** SHA-256 over everything else. It shows damage; it does not prove who made the snapshot. */
  seal: hash256Schema,
});

/** A network picture as plain JSON data. Times are milliseconds since 1970-01-01T00:00:00Z. */
export type NetworkSnapshot = Readonly<z.infer<typeof snapshotSchema>>;

type SnapshotHead = Omit<NetworkSnapshot, "signals" | "seal">;

/** The snapshot of a timeline. */
export function snapshotOf({ memory, muting, hold, nowMs, changedMs }: Timeline): NetworkSnapshot {
  const signals = memory.tree.signals();
  const head = {
    version: VERSION,
    as_of_ms: nowMs,
    changed_ms: changedMs ?? null,
    held_until_ms: hold.times(),
    muted: muting.list(),
    digest: memory.tree.digest(),
  } as const;
  return {
    ...head,
    signals: signals.map(({ timeMs, canonical }) => ({
      time_ms: timeMs,
      signal: JSON.parse(canonical) as unknown,
    })),
    seal: sealOf(
      head,
      signals.map(({ timeMs }) => timeMs),
    ),
  };
}

/** The seal of a snapshot: its digest covers what the signals say, so that only their times are added. */
export const sealOf = (head: SnapshotHead, times: readonly number[]): string => {
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
      digest,
      times,
    ]),
  );
};
