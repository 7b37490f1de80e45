/** What the bridge needs from outside: places to write to, and timers (QWG technical document, section 3). */
import type { ShieldEvent } from "@dgb-shield/contract";

/**
 * A place where events go. The bridge calls `write` with one batch at a time, oldest event first.
 * The events are deeply frozen and shared between sinks.
 */
export interface BridgeSink {
  /** `^[a-z][a-z0-9_]{0,63}$`, unique within a bridge: it labels the sink's counters. */
  readonly name: string;
  /**
   * Writes a batch. Throwing or rejecting fails the whole batch, which may then come again: a sink
   * is idempotent by `event_id`. A write that does not settle in time is given up, not interrupted.
   */
  write(batch: readonly ShieldEvent[]): Promise<void> | void;
  /** Flushes and lets go of what the sink holds; called once, after the last batch. */
  close?(): Promise<void> | void;
}

/** Time, handed in: the core has no timers of its own. `./node` has the ones of Node. */
export interface Timers {
  /** Runs `task` once in a later turn of the event loop, after pending I/O has had its turn. */
  soon(task: () => void): void;
  /** Runs `task` once after `ms` milliseconds, unless the function that it returns is called first. */
  after(ms: number, task: () => void): () => void;
}
