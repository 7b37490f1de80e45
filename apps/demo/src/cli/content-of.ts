/** Reads a file that a command was given. */
import { readFileSync } from "node:fs";
import { CommandError } from "../errors.js";

/**
 * Reads the bytes of a file.
 *
 * @throws CommandError `usage` where it cannot be read, with the reason
 */
export function contentOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `cannot read ${file}: ${detail}`, error);
  }
}
