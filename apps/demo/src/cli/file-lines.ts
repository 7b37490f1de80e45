/** Reads the lines of a file, plain or gzipped, on demand. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { isGzip, unpack } from "../gzip-members.js";

const CHUNK_BYTES = 1 << 20;

/** Longest line that is read: a bound for files that have no line breaks. */
const MAX_LINE_CHARACTERS = 1 << 28;

/** Lines without their line breaks, and how much of the file they are so far. */
export type FileLines = Readonly<{
  lines: Iterable<string>;
  /** 0 to 1. */
  progress: () => number;
  /** Whether its end is missing: a recorder that was killed while it wrote leaves such a file. */
  isCut: boolean;
}>;

/**
 * Opens a file. One that ends in `.gz` is unpacked in memory, without a last gzip member that was cut; any other is read in chunks.
 *
 * @param path `-` is standard input, gzipped or not
 * @throws what `node:fs` throws, at once where the file cannot be opened
 */
export function openLines(path: string): FileLines {
  if (path.endsWith(".gz")) return linesOfPacked(readFileSync(path));
  if (path === "-") return linesOfStream(readFileSync(0));
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
  return {
    lines: splitLines(chunks()),
    progress: () => (size > 0 ? read / size : 1),
    isCut: false,
  };
}

/** A stream has no name: its first bytes identify gzip. */
const linesOfStream = (buffer: Buffer): FileLines =>
  isGzip(buffer) ? linesOfPacked(buffer) : linesOfBuffer(buffer);

/** A recording whose last flush was cut ends with the one before. */
function linesOfPacked(packed: Buffer): FileLines {
  const { bytes, whole } = unpack(packed);
  return { ...linesOfBuffer(bytes), isCut: whole < packed.length };
}

function linesOfBuffer(buffer: Buffer): FileLines {
  let read = 0;
  function* chunks(): Generator<Buffer> {
    for (let at = 0; at < buffer.length; at += CHUNK_BYTES) {
      read = Math.min(buffer.length, at + CHUNK_BYTES);
      yield buffer.subarray(at, read);
    }
  }
  return {
    lines: splitLines(chunks()),
    progress: () => read / Math.max(1, buffer.length),
    isCut: false,
  };
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
