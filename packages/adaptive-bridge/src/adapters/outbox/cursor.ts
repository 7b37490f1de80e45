/** Stores how far a sink has come, in a file that is replaced as a whole. */
import { rename } from "node:fs/promises";
import { OPEN, openFile } from "../files/regular-file.js";
import { checksum } from "./record.js";

/** The sequence number that a sink gets next, and the one that the log gave next when that was written. */
export type Cursor = Readonly<{ seq: number; logNext: number }>;

const FORM = /^([0-9a-f]{8}) ((\d{1,15})(?: (\d{1,15}))?)\n$/;

/**
 * The cursor of a sink; null where the file is missing or damaged, and the sink then starts at the oldest record that
 * is kept: again rather than never.
 */
export async function readCursor(path: string): Promise<Cursor | null> {
  const text = await readText(path).catch(() => "");
  const [, crc, body, seq, logNext] = FORM.exec(text) ?? [];
  if (crc === undefined || body === undefined || checksum(body) !== crc) return null;
  return { seq: Number(seq), logNext: Math.max(Number(seq), Number(logNext ?? 0)) };
}

/** Writes a cursor so that, whenever the power fails, the old one or the new one is there. */
export async function writeCursor(path: string, { seq, logNext }: Cursor): Promise<void> {
  const body = `${seq} ${logNext}`;
  const file = await openFile(`${path}.new`, OPEN.replace);
  try {
    await file.writeFile(`${checksum(body)} ${body}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function readText(path: string): Promise<string> {
  const file = await openFile(path, OPEN.read);
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
