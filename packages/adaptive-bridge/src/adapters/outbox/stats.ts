/** Counters of an outbox. */

import type { OUTBOX_DROP_REASONS } from "../../codes.js";

/** One of `OUTBOX_DROP_REASONS`. */
export type OutboxDropReason = (typeof OUTBOX_DROP_REASONS)[number];

/**
 * Counters of one sink behind an outbox, since it was opened. Always
 * `found + stored = delivered + pending + the sum of dropped`.
 */
export type OutboxSinkStats = Readonly<{
  name: string;
  /** Events that were pending for this sink when the outbox was opened. */
  found: number;
  /** Events that the sink confirmed. */
  delivered: number;
  /** Events on the disk that this sink has not confirmed. */
  pending: number;
  dropped: Readonly<Record<OutboxDropReason, number>>;
  /** Why the last batch failed, at most 256 characters; null while none has. */
  last_error: string | null;
}>;

/** Counters of an outbox. */
export type OutboxStats = Readonly<{
  /** Events acknowledged since it was opened: they are on the disk. */
  stored: number;
  /** Bytes of the log on the disk: at most `maxBytes`. */
  bytes: number;
  /** Why the last append failed, at most 256 characters; null while none has. */
  last_error: string | null;
  sinks: readonly OutboxSinkStats[];
}>;
