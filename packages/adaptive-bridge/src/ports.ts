/** Ports of the bridge: places to write to, and timers (design, section 9; QWG technical document, section 3). */
import type { ShieldEvent } from "@dgb-shield/contract";

/** Context of one write. */
export type WriteContext = Readonly<{
  /** Aborted when the write is given up: it timed out, or the bridge is closing. */
  signal: AbortSignal;
}>;

/**
 * Result of a write that did not simply deliver all. The first `done`
 * events are settled; the rest goes back to the head of the queue and is offered again, in order.
 */
export type WriteResult = Readonly<{
  /** Events from the head of the batch that the sink is done with: 0 to the length of the batch. */
  done: number;
  /** How many of those the receiver will never accept: counted as `refused`, not as delivered. */
  refused?: number;
  /** Milliseconds without a further write. With `done` 0 at least `retryDelayMs` and 1. */
  pauseMs?: number;
  /** Why it is not all delivered: becomes `last_error`. */
  reason?: string;
}>;

/** What a sink returns: nothing when all was delivered. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most sinks are functions that return nothing
export type SinkAnswer = WriteResult | void;

/**
 * A place where events go. The bridge calls `write` with one batch at a time, oldest event first.
 * The events are deeply frozen; each sink has its own.
 */
export interface BridgeSink {
  /** `^[a-z][a-z0-9_]{0,63}$`, unique within a bridge: it labels the sink's counters. */
  readonly name: string;
  /**
   * Writes a batch. Throwing or rejecting fails the whole batch, which may then come again: a sink
   * is idempotent by `event_id`. An event that was taken may come again too, as a test whether the sink takes anything
   * while it fails at another one. A write that does not settle in time is given up and its signal
   * aborted; it may still succeed.
   *
   * @returns nothing when all was delivered, else a `WriteResult`
   */
  write(batch: readonly ShieldEvent[], context: WriteContext): Promise<SinkAnswer> | SinkAnswer;
  /** Flushes and lets go of what the sink holds; called once, after the last batch. */
  close?(): Promise<void> | void;
}

/**
 * Called with an event that is set aside: the sink failed at it again and again, and took another event each time in
 * between. Keep it, for example by a JSONL sink; what the listener throws or rejects with is ignored.
 */
export type SetAsideListener = (event: ShieldEvent, sink: string, reason: string) => void;

/** Time, handed in: the core has no timers of its own. `./node` has the ones of Node. */
export interface Timers {
  /** Runs `task` once in a later turn of the event loop, after pending I/O has had its turn. */
  soon(task: () => void): void;
  /** Runs `task` once after `ms` milliseconds, unless the function that it returns is called first. */
  after(ms: number, task: () => void): () => void;
}
