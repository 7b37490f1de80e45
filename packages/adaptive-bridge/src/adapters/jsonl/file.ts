/** Opens the file of a JSON Lines sink: a file of events, with one writer, and still at its path. */
import type { FileHandle } from "node:fs/promises";
import { LIMITS, shieldEventSchema } from "@dgb-shield/contract";
import { BridgeError } from "../../errors.js";
import type { DescriptorLock } from "../files/flock.js";
import {
  type FileIdentity,
  foreign,
  identityOf,
  isAt,
  OPEN,
  openFile,
} from "../files/regular-file.js";

const NEWLINE = 0x0a;
/** A line is never longer than an event and its newline. */
const MAX_LINE = LIMITS.maxPayloadBytes + 1;
/** How the canonical form of an event begins. */
const BEGINNING = Buffer.from('{"action":"');
const TORN = Buffer.from('{"');

/** A file that is open for appending; `bytes` is its size. */
export type JsonlFile = {
  readonly handle: FileHandle;
  readonly identity: FileIdentity;
  bytes: number;
};

/**
 * Opens a file of events, or makes it, takes the lock on it, and puts its end in order: an event that a crash or a full
 * disk left unfinished is cut off; what lacks nothing but its newline, and anything else without an end, gets one.
 *
 * @throws BridgeError `foreign_file` for a link, what is no file, and what has other text than events; `file_locked`
 * where another sink has it; `lock_unavailable`; an error of `node:fs`
 */
export async function openJsonlFile(path: string, lock: DescriptorLock): Promise<JsonlFile> {
  const handle = await openFile(path, OPEN.appendOrCreate);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw foreign(path, "not a file");
    if (!(await lock(handle.fd))) throw locked(path);
    if (!(await hasEvents(handle, stat.size))) throw foreign(path, "not a file of events");
    const bytes = await repairEnd(handle, stat.size);
    return { handle, identity: await identityOf(handle), bytes };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Whether the path still names the file, and nothing else wrote to it. */
export async function isAsLeft(path: string, file: JsonlFile): Promise<boolean> {
  return (await isAt(path, file.identity)) && (await file.handle.stat()).size === file.bytes;
}

/** Whether the first or the last line is an event, or the only one the beginning of an event. */
async function hasEvents(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const head = await readAt(handle, 0, Math.min(size, MAX_LINE));
  const firstEnd = head.indexOf(NEWLINE);
  if (isEvent(head.subarray(0, firstEnd < 0 ? head.length : firstEnd))) return true;
  if (firstEnd < 0 && size < MAX_LINE) return isBeginning(head);
  const tail = await readAt(handle, Math.max(0, size - 2 * MAX_LINE), Math.min(size, 2 * MAX_LINE));
  const lines = tail.toString("utf8").split("\n").slice(-3);
  return lines.some((line) => isEvent(Buffer.from(line)));
}

/** Whether a text is the beginning of an event, however short. */
const isBeginning = (line: Buffer): boolean =>
  line.subarray(0, BEGINNING.length).equals(BEGINNING.subarray(0, line.length));

/** Cuts off or ends an unfinished last line; the size of the file afterwards. */
async function repairEnd(handle: FileHandle, size: number): Promise<number> {
  const from = Math.max(0, size - MAX_LINE);
  const tail = await readAt(handle, from, size - from);
  const end = tail.lastIndexOf(NEWLINE) + 1;
  const line = tail.subarray(end);
  if (line.length === 0) return size;
  const isTorn = line.subarray(0, 2).equals(TORN) && !(end === 0 && from > 0);
  // A last byte that is no part of the event is the newline, damaged.
  if (!isTorn || isEvent(line) || isEvent(line.subarray(0, -1))) {
    await handle.appendFile("\n");
    return size + 1;
  }
  await handle.truncate(from + end);
  return from + end;
}

function isEvent(line: Buffer): boolean {
  try {
    return shieldEventSchema.safeParse(JSON.parse(line.toString("utf8"))).success;
  } catch {
    return false;
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

// [REJECT file_locked] another sink has the lock on the file
const locked = (path: string): BridgeError =>
  new BridgeError("file_locked", "", `another sink writes to ${path}: give each a file of its own`);
