/** A durable outbox (design, section 9): a sink that keeps events on the disk until other sinks have them. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import { checkTimeout } from "../../config.js";
import { sinkClosed } from "../../errors.js";
import { ignoreErrors } from "../../internal/with-timeout.js";
import { closeSink } from "../../internal/close-sink.js";
import { describeError } from "../../internal/describe-error.js";
import type { BridgeSink, Timers, WriteResult } from "../../ports.js";
import { type OutboxOptions, type OutboxConfig, parseConfig } from "./config.js";
import { type Cursor, readCursor } from "./cursor.js";
import { FolderLock } from "./lock.js";
import { SegmentLog } from "./log.js";
import { refuseNetworkFolder } from "./local-folder.js";
import { Pump } from "./pump.js";
import type { OutboxStats } from "./stats.js";

export type { DescriptorLock } from "../files/flock.js";
export { OUTBOX_DEFAULTS, type OutboxLimits, type OutboxOptions } from "./config.js";
export { OUTBOX_DROP_REASONS } from "../../codes.js";
export type { OutboxDropReason, OutboxSinkStats, OutboxStats } from "./stats.js";

/** Milliseconds until a batch that could not be appended is offered to the disk again. */
const APPEND_RETRY_MS = 1_000;

/** A sink for a bridge. An event that it confirms is flushed to the disk: that is its acknowledgement. */
export interface Outbox extends BridgeSink {
  /** Appends what fits one flush; where the disk fails nothing is confirmed, and it comes again. */
  write(batch: readonly ShieldEvent[]): Promise<WriteResult>;
  /** Counters of the log and of every sink behind it, as of now. */
  stats(): OutboxStats;
  /**
   * Waits until every sink is past all that was on the disk when it was called.
   *
   * @param timeoutMs 0 to 2^31−1 milliseconds; a whole number
   * @returns false when the time was up first
   * @throws BridgeError `invalid_timeout` (as a rejection)
   */
  drained(timeoutMs: number): Promise<boolean>;
  /** Stops delivery without waiting for the sinks, closes them and the files; what is left is kept. */
  close(): Promise<void>;
}

/**
 * Opens the outbox of a folder and goes on delivering what an earlier process left in it: to each
 * sink in order, at its own pace, at least once. A sink gets an event again when the process ended
 * between the delivery and the flush of its cursor, so that receivers deduplicate by `event_id`.
 *
 * @param options see `OutboxOptions` and `OUTBOX_DEFAULTS`
 * One process owns a folder, by a lock of the operating system on the folder; others are refused until that process
 * has ended, however long it is stopped. What is in the folder and is none of the outbox's is refused, never changed.
 *
 * @throws BridgeError `invalid_config`, `outbox_locked`, `foreign_file` (a link or another program's file),
 * `unsupported_folder` (on another machine), `lock_unavailable`; an error of `node:fs` where the folder is of no use
 * @example
 * const outbox = await openOutbox({ folder: "outbox", sinks: [http], timers: nodeTimers });
 * const bridge = createAdaptiveBridge({ sinks: [outbox], timers: nodeTimers });
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const parsed = parseConfig(options);
  const folder = resolve(parsed.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseNetworkFolder(folder);
  const lock = await FolderLock.take(folder, parsed.lockDescriptor);
  try {
    const paths = parsed.sinks.map(({ name }) => join(folder, `${name}.cursor`));
    const cursors = await Promise.all(paths.map(readCursor));
    const furthest = Math.max(0, ...cursors.map((cursor) => cursor?.logNext ?? 0));
    const log = await SegmentLog.open(lock, parsed.maxBytes, furthest);
    return new FileOutbox({ options: parsed, log, paths, cursors, lock });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

type Parts = Readonly<{
  options: OutboxConfig;
  log: SegmentLog;
  paths: readonly string[];
  cursors: readonly (Cursor | null)[];
  lock: FolderLock;
}>;

type Watcher = Readonly<{ upTo: number; done: () => void }>;

class FileOutbox implements Outbox {
  readonly name: string;
  readonly #log: SegmentLog;
  readonly #pumps: readonly Pump[];
  readonly #timers: Timers;
  readonly #onDurable: OutboxOptions["onDurable"];
  readonly #lock: FolderLock;
  readonly #watchers = new Set<Watcher>();
  readonly #opened: number;
  #lastError: string | null = null;
  #closing: Promise<void> | undefined;
  /** Appends and removals of segments take turns. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ options, log, paths, cursors, lock }: Parts) {
    this.name = options.name;
    this.#log = log;
    this.#opened = log.next;
    this.#timers = options.timers;
    this.#onDurable = options.onDurable;
    this.#lock = lock;
    this.#pumps = options.sinks.map((sink, i) => {
      const cursorPath = paths[i] as string;
      const onProgress = (): void => this.#progress();
      const { timers, onSetAside } = options;
      const ports = { log, lock, timers, limits: options, cursorPath, onProgress, onSetAside };
      return new Pump(sink, cursors[i]?.seq ?? log.first, ports);
    });
    for (const pump of this.#pumps) pump.start();
  }

  write(batch: readonly ShieldEvent[]): Promise<WriteResult> {
    if (this.#closing !== undefined) {
      return Promise.reject(sinkClosed());
    }
    return this.#inTurn(() => this.#append(batch));
  }

  stats(): OutboxStats {
    return Object.freeze({
      stored: this.#log.next - this.#opened,
      bytes: this.#log.bytes,
      last_error: this.#lastError,
      sinks: Object.freeze(this.#pumps.map((pump) => pump.stats())),
    });
  }

  async drained(timeoutMs: number): Promise<boolean> {
    checkTimeout(timeoutMs);
    const upTo = this.#log.next;
    if (this.#isPast(upTo)) return true;
    return new Promise((resolve) => {
      const finish = (inTime: boolean): void => {
        ignoreErrors(cancel);
        this.#watchers.delete(watcher);
        resolve(inTime);
      };
      const watcher = { upTo, done: () => finish(true) };
      const cancel = this.#timers.after(timeoutMs, () => finish(false));
      this.#watchers.add(watcher);
    });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #append(batch: readonly ShieldEvent[]): Promise<WriteResult> {
    let done = 0;
    try {
      done = await this.#log.append(batch);
    } catch (error) {
      this.#lastError = describeError(error);
      return { done: 0, pauseMs: APPEND_RETRY_MS, reason: this.#lastError };
    } finally {
      for (const pump of this.#pumps) pump.skipDropped();
    }
    for (const pump of this.#pumps) pump.wake();
    ignoreErrors(() => this.#onDurable?.(Object.freeze(batch.slice(0, done))));
    return { done };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #isPast(seq: number): boolean {
    return this.#pumps.every((pump) => pump.isPast(seq));
  }

  #progress(): void {
    for (const watcher of this.#watchers) if (this.#isPast(watcher.upTo)) watcher.done();
    const seq = Math.min(...this.#pumps.map(({ savedCursor }) => savedCursor));
    if (!this.#log.hasBefore(seq)) return;
    void this.#inTurn(() => this.#log.forget(seq)).catch((error: unknown) => {
      this.#lastError = describeError(error);
    });
  }

  async #close(): Promise<void> {
    try {
      await Promise.all(this.#pumps.map((pump) => pump.stop()));
      const closed = await Promise.allSettled(this.#pumps.map(({ sink }) => closeSink(sink)));
      await this.#inTurn(() => this.#log.close());
      const failed = closed.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    } finally {
      await this.#lock.release();
    }
  }
}
