/** Counters of a bridge: each sink accounts for every event that was emitted. */

import type { DROP_REASONS } from "./codes.js";

/** One of `DROP_REASONS`. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Counters of one sink. Always `emitted = delivered + queued + the sum of dropped`. */
export type SinkStats = Readonly<{
  name: string;
  /** Calls of `emit`, malformed and late ones included. */
  emitted: number;
  /** Events that the sink confirmed. */
  delivered: number;
  /** Events that wait or are being written: at most `capacity + batchSize`. */
  queued: number;
  dropped: Readonly<Record<DropReason, number>>;
  /** Why the last batch failed, at most 256 characters; null while none has. */
  last_error: string | null;
}>;

/** Counters of a bridge, one entry for each sink in the order they were given. */
export type BridgeStats = Readonly<{ sinks: readonly SinkStats[] }>;
