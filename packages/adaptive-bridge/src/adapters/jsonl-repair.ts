/** Puts the end of a file of JSON Lines in order, where a crash or a full disk left a line unfinished. */
import type { FileHandle } from "node:fs/promises";
import { LIMITS } from "@dgb-shield/contract";

const NEWLINE = 0x0a;
/** A line is never longer than an event and its newline. */
const LOOK_BACK = LIMITS.max_payload_bytes + 1;

/**
 * Cuts off an unfinished line at the end of a regular file. One that lacks nothing but its newline
 * gets it, and so does a text that is longer than any line of ours.
 *
 * @returns the size of the file afterwards, in bytes
 */
export async function repairEnd(file: FileHandle): Promise<number> {
  const stat = await file.stat();
  if (!stat.isFile() || stat.size === 0) return 0;
  const from = Math.max(0, stat.size - LOOK_BACK);
  const length = stat.size - from;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
  const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
  if (end === length) return stat.size;
  if ((end === 0 && from > 0) || isWhole(buffer.subarray(end, bytesRead))) {
    await file.appendFile("\n");
    return stat.size + 1;
  }
  await file.truncate(from + end);
  return from + end;
}

function isWhole(line: Buffer): boolean {
  try {
    JSON.parse(line.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}
