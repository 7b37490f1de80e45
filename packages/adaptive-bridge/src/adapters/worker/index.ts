/** Runs a sink's module in a worker thread: where it exits, loops or crashes, only the thread ends. */
import { Worker } from "node:worker_threads";
import { type ShieldEvent, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { sinkClosed } from "../../errors.js";
import { parseOptions } from "../../internal/options.js";
import type { BridgeSink, SinkAnswer, WriteContext, WriteResult } from "../../ports.js";
import { THREAD_SOURCE } from "./thread.js";

const MAX_RESTART_DELAY_MS = 30_000;

/** What `createWorkerSink` takes. */
export type WorkerSinkOptions = Readonly<{
  /** The module, as JavaScript: its `write` (named or default) is what `BridgeSink.write` is, without a context. */
  module: URL;
  /** Label of its counters; `worker` by default. */
  name?: string;
  /** Megabytes of heap that the thread may have; 128 by default. */
  maxHeapMb?: number;
  /** Milliseconds until a thread that ended is started again; doubles each time, to 30 seconds; 250 by default. */
  restartDelayMs?: number;
}>;

/** A sink in a thread of its own. */
export interface WorkerSink extends BridgeSink {
  write(batch: readonly ShieldEvent[], context: WriteContext): Promise<SinkAnswer>;
  close(): Promise<void>;
  /** Times that the thread ended by itself. */
  readonly crashes: number;
}

const optionsSchema = z.strictObject({
  module: z.instanceof(URL),
  name: wordSchema.default("worker"),
  maxHeapMb: z.int().min(8).max(65_536).default(128),
  restartDelayMs: z.int().min(1).max(3_600_000).default(250),
});

/**
 * A sink whose code cannot end, block or exhaust the process: it gets batches by message, and a
 * write that is given up ends its thread. What was under way when a thread ends fails, and is tried
 * again as the bridge is configured. A thread is no sandbox: it can kill the process by a signal, and
 * reach files and network.
 *
 * @throws BridgeError `invalid_config`
 * @example createWorkerSink({ module: new URL("./learning-core.js", import.meta.url) })
 */
export function createWorkerSink(options: WorkerSinkOptions): WorkerSink {
  const parsed = parseOptions(optionsSchema, options);
  return new ThreadSink(parsed);
}

type Settings = z.infer<typeof optionsSchema>;
type Reply = Readonly<{ ok: true; value?: WriteResult } | { ok: false; error: string }>;
type Waiting = Readonly<{
  resolve: (value: SinkAnswer) => void;
  reject: (e: Error) => void;
}>;

class ThreadSink implements WorkerSink {
  readonly name: string;
  readonly #settings: Settings;
  #worker: Worker | undefined;
  #waiting: Waiting | undefined;
  #crashes = 0;
  /** Threads in a row that ended before they finished a write. */
  #inARow = 0;
  #restartAt = 0;
  #closed = false;

  constructor(settings: Settings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  get crashes(): number {
    return this.#crashes;
  }

  async write(batch: readonly ShieldEvent[], { signal }: WriteContext): Promise<SinkAnswer> {
    if (this.#closed) throw sinkClosed();
    const waitMs = Math.ceil(this.#restartAt - performance.now());
    if (this.#worker === undefined && waitMs > 0) {
      return { done: 0, pauseMs: waitMs, reason: "the thread ended and is started again soon" };
    }
    const worker = (this.#worker ??= this.#start());
    const giveUp = (): void => this.#ended(worker, "the write was given up");
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return await new Promise<SinkAnswer>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        worker.postMessage(batch);
      });
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(THREAD_SOURCE, {
      eval: true,
      workerData: this.#settings.module.href,
      resourceLimits: { maxOldGenerationSizeMb: this.#settings.maxHeapMb },
    });
    worker.unref();
    worker.on("message", (reply: Reply) => this.#settle(worker, reply));
    let why = "the thread ended";
    worker.on("error", (error) => (why = `the thread ended: ${error.message}`));
    worker.on("exit", () => this.#ended(worker, why));
    return worker;
  }

  #settle(worker: Worker, reply: Reply): void {
    if (worker !== this.#worker) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#inARow = 0;
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new Error(reply.error));
  }

  /** Detaches from a thread, terminating it if it is still running. */
  #ended(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    const waiting = this.#waiting;
    this.#waiting = this.#worker = undefined;
    void worker.terminate();
    if (!this.#closed) {
      this.#crashes++;
      const delayMs = this.#settings.restartDelayMs * 2 ** Math.min(this.#inARow++, 20);
      this.#restartAt = performance.now() + Math.min(delayMs, MAX_RESTART_DELAY_MS);
    }
    waiting?.reject(new Error(why));
  }
}
