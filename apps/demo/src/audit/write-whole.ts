/** Writes all of some bytes at a place of a file: where the disk becomes full, a single write can end early without an error. */
import type { FileHandle } from "node:fs/promises";

/**
 * @param at offset in the file, in bytes
 * @throws an error of `node:fs` where not all of them can be written
 */
export async function writeWhole(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
