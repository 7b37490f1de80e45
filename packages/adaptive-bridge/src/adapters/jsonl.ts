/** A file of JSON Lines as a sink: one event a line, in canonical form. */
import { type FileHandle, open } from "node:fs/promises";
import { canonicalize, type ShieldEvent } from "@dgb-shield/contract";
import { BridgeError } from "../errors.js";
import type { BridgeSink } from "../ports.js";

const NEWLINE = 0x0a;

/** What `createJsonlSink` takes. */
export type JsonlSinkOptions = Readonly<{
  /** The file; made when the first batch comes (mode 0600), in a folder that exists. */
  path: string;
  /** Label of its counters; `jsonl` by default. */
  name?: string;
}>;

/** A sink that writes to a file; what is written when `write` resolves is with the operating system. */
export interface JsonlSink extends BridgeSink {
  write(batch: readonly ShieldEvent[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A sink that appends to a file, with one write for each batch. A line that a crash or a full disk
 * left unfinished stays as it is, and the next event begins on a line of its own: a reader skips
 * what does not parse. One process writes to a file at a time. `close` flushes to the disk.
 *
 * @example createJsonlSink({ path: "events.jsonl" })
 */
export function createJsonlSink(options: JsonlSinkOptions): JsonlSink {
  return new JsonLines(options);
}

class JsonLines implements JsonlSink {
  readonly name: string;
  readonly #path: string;
  #file: FileHandle | undefined;
  #closed = false;
  /** Writes queue up here, so that one that was given up never mixes with the next. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ path, name = "jsonl" }: JsonlSinkOptions) {
    this.name = name;
    this.#path = path;
  }

  write(batch: readonly ShieldEvent[]): Promise<void> {
    if (this.#closed) return Promise.reject(new BridgeError("sink_closed", "", "sink is closed"));
    return this.#inTurn(() => this.#append(batch.map((event) => `${canonicalize(event)}\n`)));
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

  async #append(lines: readonly string[]): Promise<void> {
    try {
      const separator = this.#file === undefined ? await this.#open() : "";
      await this.#file?.appendFile(separator + lines.join(""));
    } catch (error) {
      await this.#release().catch(() => undefined);
      throw error;
    }
  }

  /** Opens the file and returns what has to come before the first line. */
  async #open(): Promise<"" | "\n"> {
    this.#file = await open(this.#path, "a+", 0o600);
    const { size } = await this.#file.stat();
    if (size === 0) return "";
    const { buffer } = await this.#file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === NEWLINE ? "" : "\n";
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
