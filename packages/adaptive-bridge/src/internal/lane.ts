/** One sink with its queue, its counters and its delivery: no lane knows of any other. */
import type { ShieldEvent } from "@dgb-shield/contract";
import type { BridgeLimits } from "../config.js";
import type { BridgeSink, Timers } from "../ports.js";
import type { DropReason, SinkStats } from "../stats.js";
import { attempt, type Outcome, quietly } from "./attempt.js";
import { describeError } from "./describe-error.js";
import { Ring } from "./ring.js";
import { type Entry, sealed } from "./seal.js";

/** Writes that were given up and have not ended; with this many the sink is left alone until one does. */
const MAX_HUNG_WRITES = 8;

type Watcher = Readonly<{ upTo: number; done: () => void }>;

export class Lane {
  readonly #sink: BridgeSink;
  readonly #timers: Timers;
  readonly #limits: BridgeLimits;
  readonly #queue: Ring<Entry>;
  readonly #dropped: Record<DropReason, number>;
  readonly #watchers = new Set<Watcher>();
  #state: "idle" | "scheduled" | "writing" = "idle";
  #open = true;
  #aborted = false;
  #emitted = 0;
  #delivered = 0;
  #accepted = 0;
  #inFlight = 0;
  #hungWrites = 0;
  #lastError: string | null = null;
  #cancelTimer: () => void = () => undefined;

  constructor(sink: BridgeSink, timers: Timers, limits: BridgeLimits) {
    this.#sink = sink;
    this.#timers = timers;
    this.#limits = limits;
    this.#queue = new Ring(limits.capacity);
    this.#dropped = { queue_full: 0, malformed: 0, sink_failed: 0, closed: 0 };
  }

  /** Takes an event into the queue; null stands for a malformed one. */
  offer(entry: Entry | null): void {
    this.#emitted++;
    if (!this.#open) this.#dropped.closed++;
    else if (entry === null) this.#dropped.malformed++;
    else this.#enqueue(entry);
  }

  stats(): SinkStats {
    return Object.freeze({
      name: this.#sink.name,
      emitted: this.#emitted,
      delivered: this.#delivered,
      queued: this.#queue.length + this.#inFlight,
      dropped: Object.freeze({ ...this.#dropped }),
      last_error: this.#lastError,
    });
  }

  /** Whether nothing waits and nothing is being written. */
  get isSettled(): boolean {
    return this.#queue.length + this.#inFlight === 0;
  }

  /** Calls `done` once all that is queued now has been delivered or dropped; returns how to stop. */
  watch(done: () => void): () => void {
    const watcher = { upTo: this.#accepted, done };
    this.#watchers.add(watcher);
    this.#wake();
    return () => this.#watchers.delete(watcher);
  }

  /** Takes nothing more; what is queued is still delivered. */
  seal(): void {
    this.#open = false;
  }

  /** Gives up what is left and closes the sink; takes at most `close_timeout_ms`. */
  async end(): Promise<void> {
    this.#aborted = true;
    quietly(this.#cancelTimer);
    this.#dropped.closed += this.#queue.length + this.#inFlight;
    this.#inFlight = 0;
    while (this.#queue.length > 0) this.#queue.shift();
    this.#notify();
    const { close_timeout_ms } = this.#limits;
    this.#note(await attempt(() => this.#sink.close?.(), close_timeout_ms, this.#after));
  }

  #enqueue(entry: Entry): void {
    this.#accepted++;
    if (this.#queue.push(entry)) this.#dropped.queue_full++;
    this.#wake();
  }

  /** Asks for a turn to deliver in; a port that fails is asked again at the next event. */
  #wake(): void {
    if (this.#state !== "idle" || this.#queue.length === 0) return;
    if (this.#hungWrites >= MAX_HUNG_WRITES) return;
    this.#state = "scheduled";
    try {
      // A microtask of our own: not even a port that calls at once makes a sink run inside `emit`.
      this.#timers.soon(() => queueMicrotask(() => this.#deliverBatch()));
    } catch {
      this.#state = "idle";
    }
  }

  #deliverBatch(): void {
    if (this.#state !== "scheduled") return;
    this.#state = "writing";
    const batch = this.#takeBatch();
    void this.#write(batch).then((outcome) => this.#settle(batch.length, outcome));
  }

  #takeBatch(): readonly ShieldEvent[] {
    const batch: ShieldEvent[] = [];
    for (let taken = 0; taken < this.#limits.batch_size; taken++) {
      const entry = this.#queue.shift();
      if (entry === undefined) break;
      const event = sealed(entry);
      if (event === null) this.#dropped.malformed++;
      else this.#inFlight = batch.push(event);
    }
    return Object.freeze(batch);
  }

  async #write(batch: readonly ShieldEvent[]): Promise<Outcome> {
    if (batch.length === 0) return { status: "done" };
    for (let retriesLeft = this.#limits.retries; ; retriesLeft--) {
      const outcome = await attempt(
        () => this.#sink.write(batch),
        this.#limits.write_timeout_ms,
        this.#after,
      );
      if (outcome.status !== "failed" || retriesLeft === 0 || this.#aborted) return outcome;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const wait = () =>
      new Promise<void>((resume) => void this.#after(this.#limits.retry_delay_ms, resume));
    await wait().catch(() => undefined);
  }

  readonly #after = (ms: number, task: () => void): (() => void) => {
    this.#cancelTimer = this.#timers.after(ms, task);
    return this.#cancelTimer;
  };

  #settle(count: number, outcome: Outcome): void {
    this.#note(outcome);
    if (outcome.status === "timed_out") this.#waitForHung(outcome.settled);
    if (this.#aborted) return;
    if (outcome.status === "done") this.#delivered += count;
    else this.#dropped.sink_failed += count;
    this.#inFlight = 0;
    this.#state = "idle";
    this.#notify();
    this.#wake();
  }

  #waitForHung(settled: Promise<unknown>): void {
    this.#hungWrites++;
    void settled.then(() => {
      this.#hungWrites--;
      this.#wake();
    });
  }

  #note(outcome: Outcome): void {
    if (outcome.status === "timed_out") this.#lastError = "timed out";
    if (outcome.status === "failed") this.#lastError = describeError(outcome.error);
  }

  /** Called between batches only: then everything before the head of the queue is settled. */
  #notify(): void {
    const settledUpTo = this.#accepted - this.#queue.length;
    for (const watcher of this.#watchers) {
      if (watcher.upTo > settledUpTo) continue;
      this.#watchers.delete(watcher);
      watcher.done();
    }
  }
}
