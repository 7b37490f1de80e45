/** Appends checkpoints to a file, on another disk or a share that the ledger's host can only append to. */
import { open, stat } from "node:fs/promises";
import type { ExportHook } from "./hook.js";

/** Creates a hook that appends lines to the file at `path`, made where it is missing, and flushes them. */
export const createFileHook = (name: string, path: string): ExportHook =>
  Object.freeze({
    name,
    async send(line) {
      const file = await open(path, "a", 0o640);
      try {
        // A line that a failure cut stays where it is, on storage that can only be appended to: its whole follows it.
        await file.appendFile((await isEnded(path)) ? `${line}\n` : `\n${line}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  } satisfies ExportHook);

/** Whether a file is empty, or ends with a line feed; true for one that may not be read. */
async function isEnded(path: string): Promise<boolean> {
  const { size } = await stat(path);
  if (size === 0) return true;
  try {
    const file = await open(path, "r");
    try {
      const last = Buffer.alloc(1);
      await file.read(last, 0, 1, size - 1);
      return last[0] === 0x0a;
    } finally {
      await file.close();
    }
  } catch {
    return true;
  }
}
