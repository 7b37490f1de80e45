/** One sink with its queue, its counters and its delivery: no lane knows of any other. */
import type { ShieldEvent } from "@dgb-shield/contract";
import type { BridgeLimits } from "../config.js";
import type { BridgeSink, Timers } from "../ports.js";
import type { DropReason, SinkStats } from "../stats.js";
import { attempt, type Outcome, quietly } from "./attempt.js";
import { describeError } from "./describe-error.js";
import { Ring } from "./ring.js";
import { type Entry, sealed } from "./seal.js";
import { type Judged, judge, type Verdict } from "./verdict.js";

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
  #state: "idle" | "scheduled" | "writing" | "paused" = "idle";
  #open = true;
  #aborted = false;
  #emitted = 0;
  #delivered = 0;
  #accepted = 0;
  #chars = 0;
  #inFlight = 0;
  #hungWrites = 0;
  #lastError: string | null = null;
  #cancelTimer: () => void = () => undefined;
  #giveUp = new AbortController();

  constructor(sink: BridgeSink, timers: Timers, limits: BridgeLimits) {
    this.#sink = sink;
    this.#timers = timers;
    this.#limits = limits;
    this.#queue = new Ring(limits.capacity);
    this.#dropped = { queue_full: 0, malformed: 0, sink_failed: 0, refused: 0, closed: 0 };
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
    this.#giveUp.abort();
    quietly(this.#cancelTimer);
    this.#dropped.closed += this.#queue.length + this.#inFlight;
    this.#inFlight = 0;
    while (this.#shift() !== undefined);
    this.#notify();
    const { close_timeout_ms } = this.#limits;
    this.#note(await attempt(() => this.#sink.close?.(), close_timeout_ms, this.#after));
  }

  #enqueue(entry: Entry): void {
    this.#accepted++;
    this.#chars += entry.chars;
    const evicted = this.#queue.push(entry);
    if (evicted !== undefined) this.#evict(evicted.chars);
    while (this.#chars > this.#limits.capacity_chars && this.#queue.length > 1) {
      this.#shift();
      this.#dropped.queue_full++;
    }
    this.#wake();
  }

  #evict(chars: number): void {
    this.#chars -= chars;
    this.#dropped.queue_full++;
  }

  #shift(): Entry | undefined {
    const entry = this.#queue.shift();
    this.#chars -= entry?.chars ?? 0;
    return entry;
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
    const entries = this.#takeBatch();
    const batch = Object.freeze(entries.map(({ sealed }) => sealed as ShieldEvent));
    void this.#write(batch).then((outcome) => this.#settle(entries, outcome));
  }

  #takeBatch(): readonly Entry[] {
    const entries: Entry[] = [];
    for (let taken = 0; taken < this.#limits.batch_size; taken++) {
      const entry = this.#shift();
      if (entry === undefined) break;
      if (sealed(entry) === null) this.#dropped.malformed++;
      else this.#inFlight = entries.push(entry);
    }
    return entries;
  }

  async #write(batch: readonly ShieldEvent[]): Promise<Judged> {
    if (batch.length === 0) return judge({ status: "done", value: undefined }, 0);
    for (let retriesLeft = this.#limits.retries; ; retriesLeft--) {
      const outcome = judge(await this.#attempt(batch), batch.length);
      if (outcome.status !== "failed" || retriesLeft === 0 || this.#aborted) return outcome;
      await this.#pause();
    }
  }

  async #attempt(batch: readonly ShieldEvent[]): Promise<Outcome> {
    const giveUp = (this.#giveUp = new AbortController());
    const context = Object.freeze({ signal: giveUp.signal });
    const work = () => this.#sink.write(batch, context);
    const outcome = await attempt(work, this.#limits.write_timeout_ms, this.#after);
    if (outcome.status === "timed_out") giveUp.abort();
    return outcome;
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

  #settle(entries: readonly Entry[], outcome: Judged): void {
    this.#note(outcome);
    if (outcome.status === "timed_out") this.#waitForHung(outcome.settled);
    if (this.#aborted) return;
    this.#inFlight = 0;
    if (outcome.status === "done") this.#conclude(entries, outcome.verdict);
    else this.#dropped.sink_failed += entries.length;
    this.#notify();
    if (outcome.status === "done") this.#rest(outcome.verdict, entries.length);
    else this.#resume();
  }

  #conclude(entries: readonly Entry[], { done, refused }: Verdict): void {
    this.#delivered += done - refused;
    this.#dropped.refused += refused;
    for (let i = entries.length - 1; i >= done; i--) this.#putBack(entries[i] as Entry);
  }

  /** What is not done is the oldest of all: where newer events have taken its place, it has to go. */
  #putBack(entry: Entry): void {
    const fits = this.#chars + entry.chars <= this.#limits.capacity_chars;
    if ((fits || this.#queue.length === 0) && this.#queue.unshift(entry)) {
      this.#chars += entry.chars;
    } else this.#dropped.queue_full++;
  }

  /** Leaves the sink alone as long as it asked for, and never offers in a tight loop. */
  #rest({ done, pauseMs }: Verdict, count: number): void {
    const isStuck = done === 0 && count > 0;
    const ms = isStuck ? Math.max(pauseMs, this.#limits.retry_delay_ms, 1) : pauseMs;
    if (ms === 0) return this.#resume();
    this.#state = "paused";
    try {
      this.#after(ms, () => this.#resume());
    } catch {
      this.#resume();
    }
  }

  #resume(): void {
    this.#state = "idle";
    this.#wake();
  }

  #waitForHung(settled: Promise<unknown>): void {
    this.#hungWrites++;
    void settled.then(() => {
      this.#hungWrites--;
      this.#wake();
    });
  }

  #note(outcome: Outcome | Judged): void {
    if (outcome.status === "timed_out") this.#lastError = "timed out";
    if ("verdict" in outcome) this.#lastError = outcome.verdict.reason ?? this.#lastError;
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
