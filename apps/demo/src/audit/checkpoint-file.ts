/** Keeps checkpoints in a file, a line each, appended and flushed. */
import { mkdirSync } from "node:fs";
import { type FileHandle, open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { CheckpointStore } from "./checkpoint-store.js";
import { writeWhole } from "./write-whole.js";

/** Name of the file in the folder of the audit. */
const CHECKPOINT_FILE = "checkpoints.jsonl";
const EXPORTED_FILE = "exported.json";
const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 0x0a;

const exportedSchema = z.record(z.string(), z.int().min(0));

type Index = Readonly<{
  file: FileHandle;
  /** Where each line begins, and where the next one will. */
  offsets: number[];
}>;

/**
 * Creates a store in a folder, made at the first line. A line that a crash cut off was never acknowledged: it is removed
 * by the first append.
 *
 * @param access `read` makes and changes nothing
 */
export function createCheckpointFile(
  folder: string,
  access: "read" | "write" = "write",
): CheckpointStore {
  const path = join(folder, CHECKPOINT_FILE);
  let opened: Promise<Index | null> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  const index = (): Promise<Index | null> => {
    opened ??= openIndex(path, access).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const made = async (): Promise<Index> => {
    if (access === "read") throw new Error(`${path} is only read`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await (await open(path, "a", 0o600)).close();
    if ((await index()) === null) opened = undefined;
    const there = await index();
    if (there === null) throw new Error(`${path} cannot be made`);
    return there;
  };
  return Object.freeze({
    count: async () => ((await index())?.offsets.length ?? 1) - 1,
    async line(number) {
      const { file, offsets } = (await index()) ?? { file: null, offsets: [] };
      const [from, to] = [offsets[number - 1], offsets[number]];
      if (file === null || from === undefined || to === undefined)
        throw new RangeError(`${path} has no line ${number}`);
      const bytes = Buffer.alloc(to - from - 1);
      await file.read(bytes, 0, bytes.length, from);
      return bytes.toString("utf8");
    },
    async append(line) {
      const { file, offsets } = await made();
      const end = offsets.at(-1) ?? 0;
      const bytes = Buffer.from(`${line}\n`);
      await file.truncate(end);
      await writeWhole(file, bytes, end);
      await file.sync();
      if (end === 0) await flushFolder(folder);
      offsets.push(end + bytes.length);
    },
    exported: async (name) => (await readExported(folder))[name] ?? 0,
    setExported(name, number) {
      // One after the other: all exports share the file.
      const mine = writing.then(() => writeExported(folder, name, number));
      writing = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      const there = await opened?.catch(() => null);
      opened = undefined;
      await there?.file.close();
    },
  } satisfies CheckpointStore);
}

/** Opens a file and finds its lines; null where there is none. */
async function openIndex(path: string, access: "read" | "write"): Promise<Index | null> {
  let file: FileHandle;
  try {
    file = await open(path, access === "read" ? "r" : "r+");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const offsets = [0];
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return { file, offsets };
    const chunk = buffer.subarray(0, bytesRead);
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, end + 1))
      offsets.push(at + end + 1);
    at += bytesRead;
  }
}

async function readExported(folder: string): Promise<Readonly<Record<string, number>>> {
  try {
    const text = await readFile(join(folder, EXPORTED_FILE), "utf8");
    return exportedSchema.parse(JSON.parse(text));
  } catch {
    // Missing or damaged: everything is exported again, which a receiver takes once more.
    return {};
  }
}

async function writeExported(folder: string, name: string, number: number): Promise<void> {
  const all = { ...(await readExported(folder)), [name]: number };
  const draft = join(folder, `${EXPORTED_FILE}.new`);
  await writeFile(draft, `${JSON.stringify(all)}\n`, { mode: 0o600, flush: true });
  await rename(draft, join(folder, EXPORTED_FILE));
  await flushFolder(folder);
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
