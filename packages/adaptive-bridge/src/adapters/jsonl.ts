/** A file of JSON Lines as a sink: one event a line, in canonical form. */
import { type FileHandle, open, rename } from "node:fs/promises";
import { canonicalize, type ShieldEvent, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { BridgeError } from "../errors.js";
import { parseOptions } from "../internal/options.js";
import type { BridgeSink } from "../ports.js";
import { repairEnd } from "./jsonl-repair.js";

/** What `createJsonlSink` takes. */
export type JsonlSinkOptions = Readonly<{
  /** The file; made when the first batch comes (mode 0600), in a folder that exists. */
  path: string;
  /** Label of its counters; `jsonl` by default. */
  name?: string;
  /** Bytes that the file may have before it becomes `<path>.1`; 100,000,000 by default. */
  max_bytes?: number;
  /** Files that are kept besides the current one: `<path>.1` is the newest; 5 by default, 0 keeps none. */
  max_files?: number;
}>;

/** A sink that writes to a file; what is written when `write` resolves is with the operating system. */
export interface JsonlSink extends BridgeSink {
  write(batch: readonly ShieldEvent[]): Promise<void>;
  close(): Promise<void>;
}

const optionsSchema = z.strictObject({
  path: z.string().min(1),
  name: wordSchema.default("jsonl"),
  max_bytes: z
    .int()
    .min(1_000)
    .max(2 ** 40)
    .default(100_000_000),
  max_files: z.int().min(0).max(1_000).default(5),
});

type Settings = z.infer<typeof optionsSchema>;

/**
 * A sink that appends to a file, with one write for each batch. An unfinished line that a crash or a
 * full disk left was never confirmed, and is cut off before the next event; a regular file only. A
 * batch that would make the file larger than `max_bytes` begins a new one; one batch may be larger.
 * One process writes to a file at a time. `close` flushes to the disk.
 *
 * @throws BridgeError `invalid_config`
 * @example createJsonlSink({ path: "events.jsonl" })
 */
export function createJsonlSink(options: JsonlSinkOptions): JsonlSink {
  const parsed = parseOptions(optionsSchema, options);
  return new JsonLines(parsed);
}

class JsonLines implements JsonlSink {
  readonly name: string;
  readonly #settings: Settings;
  #file: FileHandle | undefined;
  #bytes = 0;
  #closed = false;
  /** Writes queue up here, so that one that was given up never mixes with the next. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  write(batch: readonly ShieldEvent[]): Promise<void> {
    if (this.#closed) return Promise.reject(new BridgeError("sink_closed", "", "sink is closed"));
    const lines = batch.map((event) => `${canonicalize(event)}\n`).join("");
    return this.#inTurn(() => this.#append(Buffer.from(lines)));
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#inTurn(async () => {
      await this.#file?.sync();
      await this.#release();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #append(lines: Buffer): Promise<void> {
    try {
      if (this.#file === undefined) await this.#open();
      if (this.#bytes > 0 && this.#bytes + lines.length > this.#settings.max_bytes) {
        await this.#rotate();
      }
      await this.#file?.appendFile(lines);
      this.#bytes += lines.length;
    } catch (error) {
      await this.#release().catch(() => undefined);
      throw error;
    }
  }

  async #open(): Promise<void> {
    this.#file = await open(this.#settings.path, "a+", 0o600);
    this.#bytes = await repairEnd(this.#file);
  }

  /** Moves `<path>` to `<path>.1`, that one to `.2` and so on; the last one is replaced. */
  async #rotate(): Promise<void> {
    const { path, max_files } = this.#settings;
    if (max_files === 0) await this.#file?.truncate(0);
    await this.#file?.sync();
    await this.#release();
    for (let n = max_files; n > 0; n--) {
      await rename(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`).catch(ignoreMissing);
    }
    await this.#open();
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
