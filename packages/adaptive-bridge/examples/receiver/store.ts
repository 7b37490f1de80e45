/** What the receiver has accepted: a file that is flushed before anything is confirmed, with the ids of all in memory. */
import { type FileHandle, open, readFile, rename, truncate } from "node:fs/promises";
import { join } from "node:path";
import { canonicalize, type ShieldEvent } from "@dgb-shield/contract";

/** A store of events without duplicates. */
export type EventStore = Readonly<{
  /** Stores the events that are new; resolves with their number when they are on the disk. */
  add(events: readonly ShieldEvent[]): Promise<number>;
  close(): Promise<void>;
}>;

/**
 * Opens a store: `events.jsonl` and, when that has `maxIds` events, `events.1.jsonl`. It holds the
 * last `maxIds` to twice as many ids; an event that comes again later than that is stored twice.
 */
export async function openStore(folder: string, maxIds: number): Promise<EventStore> {
  const path = join(folder, "events.jsonl");
  const olderPath = join(folder, "events.1.jsonl");
  let older = new Set(await idsIn(olderPath));
  let current = new Set(await idsIn(path));
  let file = await open(path, "a", 0o600);
  /** Whether the names of the files are on the disk. */
  let isNamed = false;
  let last: Promise<unknown> = Promise.resolve();

  const add = async (events: readonly ShieldEvent[]): Promise<number> => {
    const fresh = new Map<string, ShieldEvent>();
    for (const event of events) {
      const { event_id } = event;
      if (!older.has(event_id) && !current.has(event_id)) fresh.set(event_id, event);
    }
    if (fresh.size === 0) return 0;
    if (current.size >= maxIds) await turnOver();
    if (!isNamed) await syncFolder(folder);
    isNamed = true;
    await append(
      file,
      path,
      [...fresh.values()].map((event) => `${canonicalize(event)}\n`).join(""),
    );
    for (const id of fresh.keys()) current.add(id);
    return fresh.size;
  };
  const turnOver = async (): Promise<void> => {
    isNamed = false;
    await file.close();
    await rename(path, olderPath);
    file = await open(path, "a", 0o600);
    [older, current] = [current, new Set()];
  };
  return {
    add(events) {
      const turn = last.then(() => add(events));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      await last;
      await file.close();
    },
  };
}

/** Flushes the names of a folder: without them a power cut would take a new file. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Appends and flushes; after a failure the file is as before. */
async function append(file: FileHandle, path: string, lines: string): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.appendFile(lines);
    await file.datasync();
  } catch (error) {
    await truncate(path, size);
    throw error;
  }
}

/** The ids in a file; a line that a crash left unfinished was never confirmed, and is cut off. */
async function idsIn(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) await truncate(path, end);
  const lines = bytes.subarray(0, end).toString("utf8").split("\n").filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as ShieldEvent).event_id);
}
