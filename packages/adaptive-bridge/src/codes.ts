/** Codes of this package. Each is stable, stands in docs/design.md, and is tagged at the check that leads to it. */

/** Codes of `BridgeError`: mistakes of the integrating program, and places that cannot be used. */
export const BRIDGE_ERROR_CODES = Object.freeze([
  "invalid_config",
  "invalid_timeout",
  "sink_closed",
  "outbox_locked",
  "file_locked",
  "lock_unavailable",
  "foreign_file",
  "unsupported_folder",
] as const);

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

/**
 * Why an event of the outbox never reached a sink: the disk space was used up and it was among the
 * oldest; its record is damaged or its file gone; the receiver will never take it; the sink went on failing at it while
 * it took others.
 */
export const OUTBOX_DROP_REASONS = Object.freeze([
  "outbox_full",
  "damaged",
  "refused",
  "set_aside",
] as const);
