/** Counters of a bridge: every event that was emitted is accounted for, on each sink. */

/**
 * Why an event did not reach a sink: the queue was full and it was the oldest; it is not a valid
 * event; the sink did not confirm its batch; the receiver will never take it; the sink went on failing at it while it took
 * others; the bridge was closed.
 */
export const DROP_REASONS = Object.freeze([
  "queue_full",
  "malformed",
  "sink_failed",
  "refused",
  "set_aside",
  "closed",
] as const);
export type DropReason = (typeof DROP_REASONS)[number];

/** Counters of one sink. Always `emitted = delivered + queued + the sum of dropped`. */
export type SinkStats = Readonly<{
  name: string;
  /** Calls of `emit`, malformed and late ones included. */
  emitted: number;
  /** Events that the sink confirmed. */
  delivered: number;
  /** Events that wait or are being written: at most `capacity + batch_size`. */
  queued: number;
  dropped: Readonly<Record<DropReason, number>>;
  /** Why the last batch failed, at most 256 characters; null while none has. */
  last_error: string | null;
}>;

/** Counters of a bridge, one entry for each sink in the order they were given. */
export type BridgeStats = Readonly<{ sinks: readonly SinkStats[] }>;
