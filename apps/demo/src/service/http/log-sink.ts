/** Writes the log without waiting for its reader: a full disk or a pipe that is not read holds no payment up. */
import { fstatSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import type { DestinationStream } from "pino";

/** Bytes that may wait for the reader of a pipe; with more, lines are left out. */
const MAX_WAITING = 1_048_576;

/**
 * Creates a sink for lines of the log. A line that cannot be written is left out; how many were is a line of its own
 * as soon as one can be written again.
 *
 * @param stream standard error
 * @param fd its descriptor
 */
export function createLogSink(
  stream: Pick<Writable, "write" | "writableLength">,
  fd: number,
): DestinationStream {
  const put = isFile(fd) ? writeTo(fd) : writeWithin(stream);
  let left = 0;
  return Object.freeze({
    write(line) {
      if (left > 0 && put(leftOut(left))) left = 0;
      if (left > 0 || !put(line)) left++;
    },
  } satisfies DestinationStream);
}

/** Writes, and returns whether the whole text was written. */
type Put = (text: string) => boolean;

const writeWithin =
  (stream: Pick<Writable, "write" | "writableLength">): Put =>
  (text) => {
    if (stream.writableLength + text.length > MAX_WAITING) return false;
    stream.write(text);
    return true;
  };

/** Writes to a file at once, as its stream would, which throws where the disk is full. */
function writeTo(fd: number): Put {
  let isCut = false;
  return (text) => {
    try {
      const bytes = Buffer.from(isCut ? `\n${text}` : text);
      const written = writeSync(fd, bytes);
      isCut = written < bytes.length;
      return !isCut;
    } catch {
      return false;
    }
  };
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** A line as pino writes it; level 40 is a warning. */
const leftOut = (lines: number): string =>
  `${JSON.stringify({
    ...{ level: 40, time: new Date().toISOString(), service: "shield", lines },
    msg: "lines of the log were left out: its reader did not read, or its disk was full",
  })}\n`;
