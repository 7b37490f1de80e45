/** Reads the lines of a file, plain or gzipped, on demand. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { gunzipSync } from "node:zlib";

const CHUNK_BYTES = 1 << 20;

/** Longest line that is read: a bound for files that have no line breaks. */
const MAX_LINE_CHARACTERS = 1 << 28;

/** Lines without their line breaks, and how much of the file they are so far. */
export type FileLines = Readonly<{
  lines: Iterable<string>;
  /** 0 to 1. */
  progress: () => number;
}>;

/**
 * Opens a file. One that ends in `.gz` is unpacked in memory; any other is read in chunks.
 *
 * @param path `-` is standard input, gzipped or not
 * @throws what `node:fs` throws, at once where the file cannot be opened
 */
export function openLines(path: string): FileLines {
  if (path.endsWith(".gz")) return linesOfBuffer(gunzipSync(readFileSync(path)));
  if (path === "-") return linesOfBuffer(unzipped(readFileSync(0)));
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  let read = 0;
  function* chunks(): Generator<Buffer> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    try {
      for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
        read += length;
        yield buffer.subarray(0, length);
      }
    } finally {
      closeSync(file);
    }
  }
  return { lines: splitLines(chunks()), progress: () => (size > 0 ? read / size : 1) };
}

/** A stream has no name: its first two bytes identify gzip. */
const unzipped = (buffer: Buffer): Buffer =>
  buffer[0] === 0x1f && buffer[1] === 0x8b ? gunzipSync(buffer) : buffer;

function linesOfBuffer(buffer: Buffer): FileLines {
  let read = 0;
  function* chunks(): Generator<Buffer> {
    for (let at = 0; at < buffer.length; at += CHUNK_BYTES) {
      read = Math.min(buffer.length, at + CHUNK_BYTES);
      yield buffer.subarray(at, read);
    }
  }
  return { lines: splitLines(chunks()), progress: () => read / Math.max(1, buffer.length) };
}

function* splitLines(chunks: Iterable<Buffer>): Generator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for (const chunk of chunks) {
    const parts = (rest + decoder.write(chunk)).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > MAX_LINE_CHARACTERS) throw new RangeError("a line of more than 256 MiB");
    yield* parts;
  }
  yield rest + decoder.end();
}
