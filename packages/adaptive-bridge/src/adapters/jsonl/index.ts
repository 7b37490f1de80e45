/** Appends to a file of JSON Lines, as a sink: one event a line, in canonical form. */
import { rename } from "node:fs/promises";
import { canonicalize, type ShieldEvent, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { sinkClosed } from "../../errors.js";
import { functionSchema, parseOptions } from "../../internal/options.js";
import type { BridgeSink } from "../../ports.js";
import { type DescriptorLock, flock } from "../files/flock.js";
import { isAsLeft, type JsonlFile, openJsonlFile } from "./file.js";
import { isAt } from "../files/regular-file.js";

export { type DescriptorLock, flock } from "../files/flock.js";

/** What `createJsonlSink` takes. */
export type JsonlSinkOptions = Readonly<{
  /** The file; made when the first batch comes (mode 0600), in a folder that exists. */
  path: string;
  /** Label of its counters; `jsonl` by default. */
  name?: string;
  /** Bytes that the file may have before it becomes `<path>.1`; 100,000,000 by default. */
  maxBytes?: number;
  /** Files that are kept besides the current one: `<path>.1` is the newest; 5 by default, 0 keeps none. */
  maxFiles?: number;
  /** Takes the lock on the file: by the program `flock` unless another way is given. */
  lockDescriptor?: DescriptorLock;
}>;

/** A sink that writes to a file; what is written when `write` resolves is with the operating system. */
export interface JsonlSink extends BridgeSink {
  write(batch: readonly ShieldEvent[]): Promise<void>;
  close(): Promise<void>;
}

const optionsSchema = z.strictObject({
  path: z.string().min(1),
  name: wordSchema.default("jsonl"),
  maxBytes: z
    .int()
    .min(1_000)
    .max(2 ** 40)
    .default(100_000_000),
  maxFiles: z.int().min(0).max(1_000).default(5),
  lockDescriptor: functionSchema.optional(),
});

type Settings = Readonly<{
  path: string;
  name: string;
  maxBytes: number;
  maxFiles: number;
  lockDescriptor: DescriptorLock;
}>;

/** Times that a batch is written again because the file was moved meanwhile. */
const MAX_MOVES = 3;

/**
 * A sink that appends to a file, with one write for each batch. A batch is confirmed when it is in the file that the
 * path names: one that was moved, removed or replaced (logrotate) is opened anew, and the batch written again. An
 * unfinished line that a crash or a full disk left was never confirmed, and is cut off before the next event. A batch
 * that would make the file larger than `maxBytes` begins a new one; one batch may be larger. Links, and files with
 * other text than events, are refused and never changed. One sink writes to a file, by a lock of the operating
 * system. `close` flushes to the disk.
 *
 * `write` rejects with a BridgeError `foreign_file`, `file_locked`, `lock_unavailable` or `sink_closed`, or an error of
 * `node:fs`.
 *
 * @throws BridgeError `invalid_config`
 * @example createJsonlSink({ path: "events.jsonl" })
 */
export function createJsonlSink(options: JsonlSinkOptions): JsonlSink {
  const parsed = parseOptions(optionsSchema, options);
  const lockDescriptor = (parsed.lockDescriptor as DescriptorLock | undefined) ?? flock;
  return new JsonLines({ ...parsed, lockDescriptor });
}

class JsonLines implements JsonlSink {
  readonly name: string;
  readonly #settings: Settings;
  #file: JsonlFile | undefined;
  #closed = false;
  /** Writes queue up here, so that one that was given up never mixes with the next. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  write(batch: readonly ShieldEvent[]): Promise<void> {
    if (this.#closed) return Promise.reject(sinkClosed());
    const lines = batch.map((event) => `${canonicalize(event)}\n`).join("");
    return this.#inTurn(() => this.#append(Buffer.from(lines)));
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#inTurn(async () => {
      await this.#file?.handle.sync();
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
      for (let moves = 0; !(await this.#hasAppended(lines)); moves++) {
        if (moves === MAX_MOVES)
          throw new Error(`${this.#settings.path} was moved again and again`);
      }
    } catch (error) {
      await this.#release().catch(() => undefined);
      throw error;
    }
  }

  /** Appends to the file at the path; false where it was moved before that could be confirmed. */
  async #hasAppended(lines: Buffer): Promise<boolean> {
    const { path, maxBytes } = this.#settings;
    let file = await this.#current();
    if (file.bytes > 0 && file.bytes + lines.length > maxBytes) file = await this.#rotate(file);
    await file.handle.appendFile(lines);
    file.bytes += lines.length;
    if (await isAsLeft(path, file)) return true;
    await this.#release();
    return false;
  }

  async #current(): Promise<JsonlFile> {
    const { path, lockDescriptor } = this.#settings;
    if (this.#file !== undefined && !(await isAsLeft(path, this.#file))) await this.#release();
    return (this.#file ??= await openJsonlFile(path, lockDescriptor));
  }

  /** Moves `<path>` to `<path>.1`, that one to `.2` and so on; the last one is replaced. */
  async #rotate(file: JsonlFile): Promise<JsonlFile> {
    const { path, maxFiles } = this.#settings;
    if (maxFiles === 0) await file.handle.truncate(0);
    await file.handle.sync();
    for (let n = maxFiles; n > 1; n--) {
      await rename(`${path}.${n - 1}`, `${path}.${n}`).catch(ignoreMissing);
    }
    if (maxFiles > 0 && (await isAt(path, file.identity))) {
      await rename(path, `${path}.1`).catch(ignoreMissing);
    }
    await this.#release();
    return this.#current();
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
