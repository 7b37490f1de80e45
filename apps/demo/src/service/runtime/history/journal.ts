/** Keeps the history over restarts: lines of two files, of which the older one is removed when both are full. */
import { readFileSync } from "node:fs";
import { appendFile, rename, stat } from "node:fs/promises";
import { type HistoryEntry, historyEntrySchema } from "./entry.js";

/** Bytes of a file at most: seven days of 50 nodes. */
const MAX_BYTES = 32 * 1_048_576;
/** Lines that wait for the disk at most; more are lost, since nothing waits for the history. */
const MAX_WAITING = 10_000;

/** Where entries are kept. */
export type HistoryJournal = Readonly<{
  /** What is there, the oldest first. */
  entries: readonly HistoryEntry[];
  append(entry: HistoryEntry): void;
  /** Writes what waits. */
  close(): Promise<void>;
}>;

/**
 * Opens the journal at `path`. A line that a crash cut off, and whatever else cannot be read, is left out: the history then has a gap. Nothing
 * rejects: the first failure in a row is reported by `warn`.
 *
 * @param maxBytes of one file
 */
export function openHistoryJournal(
  path: string,
  warn: (text: string) => void,
  maxBytes = MAX_BYTES,
): HistoryJournal {
  const older = `${path}.1`;
  const entries = [...linesOf(older, warn), ...linesOf(path, warn)].flatMap(entryOf);
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let isFailing = false;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const text = waiting.join("");
      waiting = [];
      try {
        const size = await stat(path).then(
          (found) => found.size,
          () => 0,
        );
        if (size + text.length > maxBytes && size > 0) await rename(path, older);
        // Begins with the end of a line: what a crash cut off before does not spoil the next one.
        await appendFile(path, `\n${text}`, { mode: 0o600 });
        isFailing = false;
      } catch (error) {
        if (!isFailing) warn(`the history is not kept: ${textOf(error)}`);
        isFailing = true;
      }
    }
  }

  return Object.freeze({
    entries,
    append(entry) {
      if (waiting.length < MAX_WAITING) waiting.push(`${JSON.stringify(entry)}\n`);
      writing ??= write().finally(() => (writing = undefined));
    },
    close: async () => {
      while (writing !== undefined) await writing;
    },
  } satisfies HistoryJournal);
}

function linesOf(path: string, warn: (text: string) => void): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT"))
      warn(`the history of before cannot be read: ${textOf(error)}`);
    return [];
  }
}

function entryOf(line: string): HistoryEntry[] {
  if (line === "") return [];
  try {
    const read = historyEntrySchema.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
