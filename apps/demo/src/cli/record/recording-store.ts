/** The file of a recording that is being made: what a flush has written survives a kill and a loss of power. */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { BridgeError } from "@dgb-shield/adaptive-bridge";
import { flock } from "@dgb-shield/adaptive-bridge/jsonl";
import { CommandError } from "../../errors.js";
import { unpack } from "../../gzip-members.js";

/** What becomes of a file that is there. */
export type WhereThere = "refuse" | "append" | "replace";

/** A file that a recording is written to. */
export type RecordingStore = Readonly<{
  path: string;
  /** What the file holds already, as far as it is whole; undefined for a new one. */
  before: string | undefined;
  /** Writes whole lines, and returns when they are on the disk. */
  append: (lines: readonly string[]) => void;
  /** Bytes of the file. */
  bytes: () => number;
  close: () => void;
}>;

/**
 * Opens the file of a recording, for this process alone. One that ends in `.gz` is gzip, with a member for each flush;
 * any other is plain text. What a recorder that was killed left unfinished is cut off before more is appended.
 *
 * @throws CommandError `bad_recording` where the file is there and is not to be changed, another recorder writes to
 * it, or it cannot be read or written
 */
export async function openRecordingStore(
  path: string,
  whereThere: WhereThere,
): Promise<RecordingStore> {
  const isThere = trying(path, () => statSync(path, { throwIfNoEntry: false }) !== undefined);
  if (isThere && whereThere === "refuse") {
    const advice = "go on with it by --append, replace it by --force, or name another file";
    throw new CommandError("bad_recording", `${path} is there already: ${advice}`);
  }
  const file = trying(path, () => openSync(path, "a+", 0o644));
  try {
    await lock(path, file);
    return trying(path, () => storeOf(path, file, { isThere, whereThere }));
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

type Found = Readonly<{ isThere: boolean; whereThere: WhereThere }>;

function storeOf(path: string, file: number, { isThere, whereThere }: Found): RecordingStore {
  const isPacked = path.endsWith(".gz");
  const isContinued = isThere && whereThere === "append";
  const { text, whole } = isContinued ? wholeOf(path, isPacked) : { text: undefined, whole: 0 };
  ftruncateSync(file, whole);
  fsyncSync(file);
  flushFolder(path);
  let length = whole;
  return Object.freeze({
    path,
    before: text,
    append(lines) {
      if (lines.length === 0) return;
      const plain = Buffer.from(`${lines.join("\n")}\n`);
      const bytes = isPacked ? gzipSync(plain) : plain;
      trying(path, () => {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
        fsyncSync(file);
      });
      length += bytes.length;
    },
    bytes: () => length,
    close() {
      // Nothing came: an empty file would have to be replaced at the next try.
      if (length === 0 && !isThere) rmSync(path, { force: true });
      closeSync(file);
    },
  } satisfies RecordingStore);
}

/** What the file holds, up to its last whole line. */
function wholeOf(path: string, isPacked: boolean): Readonly<{ text: string; whole: number }> {
  const bytes = readFileSync(path);
  const { bytes: plain, whole } = isPacked
    ? unpack(bytes)
    : { bytes, whole: bytes.lastIndexOf("\n") + 1 };
  const text = new TextDecoder("utf-8", { fatal: true }).decode(
    isPacked ? plain : plain.subarray(0, whole),
  );
  return { text, whole };
}

/** So that a new file is found after a loss of power. */
function flushFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

async function lock(path: string, file: number): Promise<void> {
  try {
    if (await flock(file)) return;
  } catch (error) {
    // Without the program there is no lock: two recorders on one file are then the user's to avoid.
    if (error instanceof BridgeError && error.code === "lock_unavailable") return;
    throw error;
  }
  throw new CommandError("bad_recording", `another recorder writes to ${path}: name another file`);
}

function trying<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const detail = `cannot read or write ${path}: ${error.message}`;
    throw new CommandError("bad_recording", detail, error);
  }
}
