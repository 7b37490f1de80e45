/** Stores the state in one file: written beside it, flushed, renamed over it, and the folder flushed. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { StateStore } from "./saved-state.js";

/** Largest state that is read, in bytes: 64 nodes of half a megabyte. */
const MAX_BYTES = 32 * 1_048_576;

/**
 * Creates a store in the file at `path`, whose folder exists. Only its owner may read and write the file.
 *
 * @returns a store whose `save` throws where the text may not have reached the disk
 */
export function createStateFile(path: string): StateStore {
  const draft = `${path}.new`;
  return Object.freeze({
    load() {
      try {
        const bytes = readFileSync(path);
        if (bytes.length > MAX_BYTES) throw new Error(`${path} is larger than ${MAX_BYTES} bytes`);
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      }
    },
    save(text: string) {
      withFile(draft, "w", (file) => {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
        fsyncSync(file);
      });
      renameSync(draft, path);
      withFile(dirname(path), "r", fsyncSync);
    },
  });
}

function withFile(path: string, flags: "r" | "w", use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
