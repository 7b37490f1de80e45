/** The queue of one sink, with its counters and its delivery, apart from every other. */
import type { ShieldEvent } from "@dgb-shield/contract";
import type { BridgeLimits } from "../config.js";
import type { BridgeSink, SetAsideListener, Timers } from "../ports.js";
import type { DropReason, SinkStats } from "../stats.js";
import { ignoreErrors, type TimedOutcome, withTimeout } from "./with-timeout.js";
import { closeSink } from "./close-sink.js";
import { describeError } from "./describe-error.js";
import { Isolation, type Offer, type Step } from "./isolation.js";
import { RingBuffer } from "./ring-buffer.js";
import { type Entry, frozenEvent, type Protection } from "./freeze-event.js";
import { classify, type ClassifiedOutcome, type WriteOutcome } from "./write-outcome.js";

/** Timed-out writes that have not ended; with this many no further write starts until one ends. */
const MAX_HUNG_WRITES = 8;

/** Characters of text in one write; what they become in memory is several times as large. */
const MAX_BATCH_CHARS = 1_000_000;

/** Settings that all sinks of a bridge share. */
export type SinkQueueSettings = Readonly<{
  limits: BridgeLimits;
  protect: Protection;
  onSetAside: SetAsideListener | undefined;
}>;

/** An entry that is being offered. */
type Taken = Readonly<{ entry: Entry; event: ShieldEvent }>;

/** One write: what is offered, what waits behind it, and whether it only tests the sink. */
type Turn = Readonly<{ offered: readonly Taken[]; behind: readonly Entry[]; isTest: boolean }>;

type Watcher = Readonly<{ upTo: number; done: () => void }>;

export class SinkQueue {
  readonly #sink: BridgeSink;
  readonly #timers: Timers;
  readonly #limits: BridgeLimits;
  readonly #settings: SinkQueueSettings;
  readonly #isolation = new Isolation<Entry>();
  readonly #queue: RingBuffer<Entry>;
  readonly #dropped: Record<DropReason, number>;
  readonly #watchers = new Set<Watcher>();
  #state: "idle" | "scheduled" | "writing" | "paused" = "idle";
  #open = true;
  #aborted = false;
  #emitted = 0;
  #delivered = 0;
  #accepted = 0;
  #bytes = 0;
  #inFlight = 0;
  #hungWrites = 0;
  #lastError: string | null = null;
  #cancelTimer: () => void = () => undefined;
  #giveUp = new AbortController();

  constructor(sink: BridgeSink, timers: Timers, settings: SinkQueueSettings) {
    const { limits } = settings;
    this.#settings = settings;
    this.#sink = sink;
    this.#timers = timers;
    this.#limits = limits;
    this.#queue = new RingBuffer(limits.capacity);
    this.#dropped = {
      queue_full: 0,
      malformed: 0,
      sink_failed: 0,
      refused: 0,
      set_aside: 0,
      closed: 0,
    };
  }

  /** Takes an event into the queue; null stands for a malformed one. */
  offer(entry: Entry | null): void {
    this.#emitted++;
    // [DROP closed] it comes after `close`
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

  /** Stops accepting events; what is queued is still delivered. */
  stopAccepting(): void {
    this.#open = false;
  }

  /** Gives up what is left and closes the sink; takes at most `closeTimeoutMs`. */
  async end(): Promise<void> {
    this.#aborted = true;
    this.#giveUp.abort();
    ignoreErrors(this.#cancelTimer);
    this.#dropped.closed += this.#queue.length + this.#inFlight;
    this.#inFlight = 0;
    while (this.#shift() !== undefined);
    this.#notify();
    const { closeTimeoutMs } = this.#limits;
    this.#note(await withTimeout(() => closeSink(this.#sink), closeTimeoutMs, this.#after));
  }

  #enqueue(entry: Entry): void {
    this.#accepted++;
    this.#bytes += entry.bytes;
    // [DROP queue_full] the oldest of too many waiting events, or bytes
    const evicted = this.#queue.push(entry);
    if (evicted !== undefined) this.#evict(evicted.bytes);
    while (this.#bytes > this.#limits.capacityBytes && this.#queue.length > 1) {
      this.#shift();
      this.#dropped.queue_full++;
    }
    this.#wake();
  }

  #evict(bytes: number): void {
    this.#bytes -= bytes;
    this.#dropped.queue_full++;
  }

  #shift(): Entry | undefined {
    const entry = this.#queue.shift();
    this.#bytes -= entry?.bytes ?? 0;
    return entry;
  }

  /** Schedules a delivery; a port that fails is called again at the next event. */
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
    const waiting = this.#takeBatch();
    const offer = this.#isolation.choose(waiting);
    const offered = this.#freezeAll(offer);
    const malformed = offer.isTest ? 0 : offer.items.length - offered.length;
    this.#inFlight = waiting.length - malformed;
    const behind = offer.isTest ? waiting : waiting.slice(offer.items.length);
    const turn = { offered, behind, isTest: offer.isTest };
    const batch = Object.freeze(offered.map(({ event }) => event));
    void this.#write(batch).then((outcome) => this.#settle(turn, outcome));
  }

  #takeBatch(): readonly Entry[] {
    const entries: Entry[] = [];
    for (let chars = 0; entries.length < this.#limits.batchSize && chars < MAX_BATCH_CHARS;) {
      const entry = this.#shift();
      if (entry === undefined) break;
      entries.push(entry);
      chars += entry.text.length;
    }
    return entries;
  }

  /** The events of an offer; one without a canonical form is dropped here. */
  #freezeAll({ items, isTest }: Offer<Entry>): readonly Taken[] {
    const taken: Taken[] = [];
    for (const entry of items) {
      const event = frozenEvent(entry, this.#settings.protect);
      if (event !== null) taken.push({ entry, event });
      else if (!isTest) this.#dropped.malformed++;
    }
    return taken;
  }

  async #write(batch: readonly ShieldEvent[]): Promise<ClassifiedOutcome> {
    if (batch.length === 0) return classify({ status: "done", value: undefined }, 0);
    for (let retriesLeft = this.#limits.retries; ; retriesLeft--) {
      const outcome = classify(await this.#tryWrite(batch), batch.length);
      if (outcome.status !== "failed" || retriesLeft === 0 || this.#aborted) return outcome;
      await this.#pause();
    }
  }

  async #tryWrite(batch: readonly ShieldEvent[]): Promise<TimedOutcome> {
    const giveUp = (this.#giveUp = new AbortController());
    const context = Object.freeze({ signal: giveUp.signal });
    const work = () => this.#sink.write(batch, context);
    const outcome = await withTimeout(work, this.#limits.writeTimeoutMs, this.#after);
    if (outcome.status === "timed_out") giveUp.abort();
    return outcome;
  }

  async #pause(): Promise<void> {
    const wait = () =>
      new Promise<void>((resume) => void this.#after(this.#limits.retryDelayMs, resume));
    await wait().catch(() => undefined);
  }

  readonly #after = (ms: number, task: () => void): (() => void) => {
    this.#cancelTimer = this.#timers.after(ms, task);
    return this.#cancelTimer;
  };

  #settle(turn: Turn, outcome: ClassifiedOutcome): void {
    this.#note(outcome);
    if (outcome.status === "timed_out") this.#waitForHung(outcome.settled);
    if (this.#aborted) return;
    this.#inFlight = 0;
    const step = this.#conclude(turn, outcome);
    this.#notify();
    if (outcome.status === "done" && step === "wait") this.#rest(outcome.written, turn);
    else if (outcome.status === "done" && outcome.written.done > 0)
      this.#rest(outcome.written, turn);
    else this.#resume();
  }

  /** Counts what was settled, and puts the rest back, in order. */
  #conclude({ offered, behind, isTest }: Turn, outcome: ClassifiedOutcome): Step {
    const isDone = outcome.status === "done";
    const { done, refused } = isDone ? outcome.written : { done: 0, refused: 0 };
    const items = offered.map(({ entry }) => entry);
    // [DROP sink_failed] a write that throws fails its whole batch, and is no evidence about one event
    const isFailure = !isDone && !isTest;
    const step =
      isFailure || (items.length === 0 && !isTest)
        ? "go_on"
        : this.#isolation.conclude({ items, isTest }, { done, refused });
    for (const entry of behind.toReversed()) this.#putBack(entry);
    if (isTest) return step;
    if (isFailure) this.#dropped.sink_failed += items.length;
    else this.#count(offered, { done, refused, isSetAside: step === "set_aside" });
    return step;
  }

  #count(
    offered: readonly Taken[],
    { done, refused, isSetAside }: { done: number; refused: number; isSetAside: boolean },
  ): void {
    this.#delivered += done - refused;
    this.#dropped.refused += refused;
    const left = offered.slice(done);
    const [first] = isSetAside ? left.splice(0, 1) : [];
    for (const { entry } of left.toReversed()) this.#putBack(entry);
    if (first === undefined) return;
    this.#dropped.set_aside++;
    const why = this.#lastError ?? "no reason";
    ignoreErrors(() => this.#settings.onSetAside?.(first.event, this.#sink.name, why));
  }

  /** Puts an entry back at the head; drops it where newer events have taken its place. */
  #putBack(entry: Entry): void {
    const fits = this.#bytes + entry.bytes <= this.#limits.capacityBytes;
    if ((fits || this.#queue.length === 0) && this.#queue.unshift(entry)) {
      this.#bytes += entry.bytes;
    } else this.#dropped.queue_full++;
  }

  /** Pauses for as long as the sink's result requests, and never offers in a tight loop. */
  #rest({ done, pauseMs }: WriteOutcome, { offered }: Turn): void {
    const isStuck = done === 0 && offered.length > 0;
    const ms = isStuck ? Math.max(pauseMs, this.#limits.retryDelayMs, 1) : pauseMs;
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

  #note(outcome: TimedOutcome | ClassifiedOutcome): void {
    if (outcome.status === "timed_out") this.#lastError = "timed out";
    if ("written" in outcome) this.#lastError = outcome.written.reason ?? this.#lastError;
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
