/** Delivers the log to one sink, in order and at its own pace, apart from every other pump. */
import type { ShieldEvent } from "@dgb-shield/contract";
import { ignoreErrors, type TimedOutcome, withTimeout } from "../../internal/with-timeout.js";
import { describeError } from "../../internal/describe-error.js";
import { Isolation } from "../../internal/isolation.js";
import { classify, type ClassifiedOutcome } from "../../internal/write-outcome.js";
import type { BridgeSink, SetAsideListener, Timers } from "../../ports.js";
import type { OutboxLimits } from "./config.js";
import { writeCursor } from "./cursor.js";
import type { FolderLock } from "./lock.js";
import type { Position, SegmentLog } from "./log.js";
import type { StoredEvent } from "./record.js";
import type { OutboxDropReason, OutboxSinkStats } from "./stats.js";
import { WakeableTimer } from "./wakeable-timer.js";

const MAX_BACK_OFF_MS = 60_000;
/** Bytes that are read ahead and held in memory, plus at most one read. */
const MAX_AHEAD_BYTES = 1 << 20;

const NOTHING = { done: 0, refused: 0 };

export type PumpPorts = Readonly<{
  log: SegmentLog;
  timers: Timers;
  limits: OutboxLimits;
  lock: FolderLock;
  cursorPath: string;
  onSetAside: SetAsideListener | undefined;
  /** Called when the cursor is safe on the disk, or has moved. */
  onProgress: () => void;
}>;

export class Pump {
  readonly sink: BridgeSink;
  readonly #ports: PumpPorts;
  readonly #timer: WakeableTimer;
  readonly #found: number;
  readonly #isolation = new Isolation<StoredEvent>();
  readonly #dropped: Record<OutboxDropReason, number> = {
    outbox_full: 0,
    damaged: 0,
    refused: 0,
    set_aside: 0,
  };
  /** Records from the cursor on that have been read. */
  #ahead: StoredEvent[] = [];
  #position: Position | null = null;
  #cursor: number;
  #savedCursor: number;
  #delivered = 0;
  #failures = 0;
  #lastError: string | null = null;
  #giveUp = new AbortController();
  #saving: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(sink: BridgeSink, cursor: number, ports: PumpPorts) {
    this.sink = sink;
    this.#ports = ports;
    this.#timer = new WakeableTimer(ports.timers);
    this.#cursor = this.#savedCursor = cursor;
    this.#found = ports.log.next - cursor;
  }

  /** Sequence number on the disk: nothing before it comes again after a crash. */
  get savedCursor(): number {
    return this.#savedCursor;
  }

  /** Whether everything below `seq` is delivered or dropped. */
  isPast(seq: number): boolean {
    return this.#cursor >= seq;
  }

  stats(): OutboxSinkStats {
    return Object.freeze({
      name: this.sink.name,
      found: this.#found,
      delivered: this.#delivered,
      pending: this.#ports.log.next - this.#cursor,
      dropped: Object.freeze({ ...this.#dropped }),
      last_error: this.#lastError,
    });
  }

  start(): void {
    this.skipDropped();
    this.#running = this.#run();
  }

  /** Wakes the pump: there is more in the log. */
  wake(): void {
    this.#timer.wake();
  }

  /** Counts what the log dropped before this sink had it, and moves the cursor on. */
  skipDropped(): void {
    const { droppedBelow } = this.#ports.log;
    // [DROP outbox_full] the disk space was used up
    if (this.#cursor < droppedBelow) this.#moveTo(droppedBelow, "outbox_full");
  }

  /** Gives up the write that is under way, saves the cursor and ends. */
  async stop(): Promise<void> {
    this.#timer.stop();
    this.#giveUp.abort();
    await this.#running;
    await this.#save();
    // The next process compares the end of the log with what was acknowledged.
    await this.#saveCursor().catch((error: unknown) => (this.#lastError = describeError(error)));
  }

  async #run(): Promise<void> {
    while (!this.#timer.isStopped) {
      try {
        this.#timer.lookAgain();
        const batch = await this.#nextBatch();
        if (batch.length === 0) await this.#timer.untilMore();
        else await this.#offer(batch);
      } catch (error) {
        this.#lastError = describeError(error);
        await this.#backOff();
      }
    }
  }

  async #nextBatch(): Promise<readonly StoredEvent[]> {
    const { limits, log } = this.#ports;
    const end = log.next;
    let bytes = this.#ahead.reduce((sum, record) => sum + record.bytes, 0);
    while (this.#ahead.length < limits.batchSize && bytes < MAX_AHEAD_BYTES) {
      const records = await this.#readOn();
      if (records === null) break;
      for (const record of records) bytes += this.#ahead.push(record) > 0 ? record.bytes : 0;
    }
    // [DROP damaged] no record is left up to the end of the log
    if (this.#ahead.length === 0 && this.#cursor < end) this.#moveTo(end, "damaged");
    return this.#ahead.slice(0, limits.batchSize);
  }

  /** The next records that are not behind the cursor; null at the end of the log. */
  async #readOn(): Promise<readonly StoredEvent[] | null> {
    const { log } = this.#ports;
    if (this.#position === null || !log.has(this.#position.segment)) {
      this.#position = log.find(this.#cursor);
    }
    const chunk = this.#position === null ? null : await log.read(this.#position);
    if (chunk === null) return null;
    this.#position = chunk.next;
    let from = Math.max(this.#cursor, (this.#ahead.at(-1)?.seq ?? -1) + 1);
    return chunk.records.filter(({ seq }) => {
      const isNew = seq >= from;
      if (isNew) from = seq + 1;
      return isNew;
    });
  }

  async #offer(waiting: readonly StoredEvent[]): Promise<void> {
    if (this.#timer.isStopped) return;
    const offer = this.#isolation.choose(waiting);
    const batch = Object.freeze(offer.items.map(({ event }) => event));
    const outcome = classify(await this.#tryWrite(batch), batch.length);
    this.#note(outcome);
    const { done, refused } = outcome.status === "done" ? outcome.written : NOTHING;
    const step = this.#isolation.conclude(offer, { done, refused });
    if (!offer.isTest) this.#settle(offer.items.slice(0, done), refused);
    if (step === "set_aside") this.#setAside(offer.items[0] as StoredEvent);
    if (done > 0) this.#failures = 0;
    await this.#rest(outcome, { done, isUrgent: step !== "wait" });
  }

  /** Pauses for as long as the sink's result requests, and after a failure longer each time. */
  async #rest(outcome: ClassifiedOutcome, { done, isUrgent }: { done: number; isUrgent: boolean }) {
    const pauseMs = outcome.status === "done" ? outcome.written.pauseMs : 0;
    if (done === 0 && !isUrgent) await this.#backOff(pauseMs);
    else if (done > 0 && pauseMs > 0) await this.#timer.pause(pauseMs);
    // A write that was given up goes on alone: the next one waits for it, for a bounded time.
    if (outcome.status === "timed_out") await this.#timer.pause(MAX_BACK_OFF_MS, outcome.settled);
  }

  #note(outcome: ClassifiedOutcome): void {
    if (outcome.status === "done") this.#lastError = outcome.written.reason ?? this.#lastError;
    else this.#lastError = outcome.status === "failed" ? describeError(outcome.error) : "timed out";
  }

  /** Sets an event aside that fails while others are taken. */
  #setAside({ seq, event }: StoredEvent): void {
    if (seq < this.#cursor) return;
    if (seq > this.#cursor) this.#moveTo(seq, "damaged");
    this.#moveTo(seq + 1, "set_aside");
    const why = this.#lastError ?? "no reason";
    ignoreErrors(() => this.#ports.onSetAside?.(event, this.sink.name, why));
  }

  async #tryWrite(batch: readonly ShieldEvent[]): Promise<TimedOutcome> {
    const { timers, limits } = this.#ports;
    let cancel = (): void => undefined;
    const giveUp = (this.#giveUp = new AbortController());
    // One more turn for a write that ends with its signal, so that what it took does not come again.
    const stopped = new Promise<TimedOutcome>((resolve) =>
      giveUp.signal.addEventListener("abort", () =>
        timers.soon(() => resolve({ status: "failed", error: new Error("stopped") })),
      ),
    );
    const work = () => this.sink.write(batch, Object.freeze({ signal: giveUp.signal }));
    const written = withTimeout(
      work,
      limits.writeTimeoutMs,
      (ms, task) => (cancel = timers.after(ms, task)),
    );
    const outcome = await Promise.race([written, stopped]);
    ignoreErrors(cancel);
    if (outcome.status === "timed_out") giveUp.abort();
    return outcome;
  }

  #settle(records: readonly StoredEvent[], refused: number): void {
    let settled = 0;
    for (const { seq } of records) {
      // The log dropped it, and it was counted, while it was being written.
      if (seq < this.#cursor) continue;
      if (seq > this.#cursor) this.#moveTo(seq, "damaged");
      this.#cursor = seq + 1;
      settled++;
    }
    const refusedNow = Math.min(refused, settled);
    this.#dropped.refused += refusedNow;
    this.#delivered += settled - refusedNow;
    this.#moved();
  }

  #moveTo(seq: number, reason: OutboxDropReason): void {
    this.#dropped[reason] += seq - this.#cursor;
    this.#cursor = seq;
    this.#moved();
  }

  #moved(): void {
    this.#ahead = this.#ahead.filter(({ seq }) => seq >= this.#cursor);
    this.#ports.onProgress();
    void this.#save();
  }

  async #backOff(atLeastMs = 0): Promise<void> {
    const ms = this.#ports.limits.retryDelayMs * 2 ** Math.min(this.#failures++, 20);
    await this.#timer.pause(Math.max(atLeastMs, Math.min(ms, MAX_BACK_OFF_MS)));
  }

  #save(): Promise<void> {
    return (this.#saving ??= this.#saveNow().finally(() => (this.#saving = undefined)));
  }

  async #saveNow(): Promise<void> {
    try {
      while (this.#savedCursor !== this.#cursor) await this.#saveCursor();
    } catch (error) {
      // Nothing is lost by it: after a crash some events come again.
      this.#lastError = describeError(error);
    }
  }

  /** Writes where this sink and the log are, unless the folder is another's by now. */
  async #saveCursor(): Promise<void> {
    const { log, lock, cursorPath, onProgress } = this.#ports;
    const cursor = { seq: this.#cursor, logNext: log.next };
    await lock.check();
    await writeCursor(cursorPath, cursor);
    this.#savedCursor = cursor.seq;
    onProgress();
  }
}
