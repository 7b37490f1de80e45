/** How far a sink has come, kept in a file that is replaced as a whole. */
import { open, readFile, rename } from "node:fs/promises";
import { checksum } from "./record.js";

/**
 * The next sequence number of a sink; null where the file is missing or damaged, and the sink then
 * starts at the oldest record that is kept: again rather than never.
 */
export async function readCursor(path: string): Promise<number | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [, crc, seq] = /^([0-9a-f]{8}) (\d{1,16})\n$/.exec(text) ?? [];
  return seq !== undefined && checksum(seq) === crc ? Number(seq) : null;
}

/** Writes a cursor so that, whenever the power fails, the old one or the new one is there. */
export async function writeCursor(path: string, seq: number): Promise<void> {
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(`${checksum(String(seq))} ${seq}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
