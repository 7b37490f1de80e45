/** The lines of a recording: numbered, the last one marked. */
import { RecordingError } from "./error.js";

/** A line, counted from 1. */
export type NumberedLine = { text: string; line: number; isLast: boolean };

/** How a text in UTF-8 may begin, as spreadsheets write it. */
const BYTE_ORDER_MARK = "\uFEFF";

/** A first line without the byte order mark that it may begin with. */
export const withoutMark = (text: string): string =>
  text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;

const withoutReturn = (text: string): string => (text.endsWith("\r") ? text.slice(0, -1) : text);

/**
 * Numbers lines, without the byte order mark that the first may begin with and the carriage return that each
 * may end with. One empty line at the end, as after a final line break, is left out.
 */
export function* numberLines(lines: Iterable<string>): Generator<NumberedLine> {
  let line = 0;
  let held: string | undefined;
  for (const given of lines) {
    if (held !== undefined) yield { text: held, line: ++line, isLast: false };
    held = withoutReturn(line === 0 && held === undefined ? withoutMark(given) : given);
  }
  if (held === undefined) return;
  if (held !== "") yield { text: held, line: ++line, isLast: true };
}

/**
 * Parses a line. One that cannot be parsed is a cut where it is the last.
 *
 * @throws RecordingError `not_json` or `truncated`
 */
export function parseLine(
  { text, line, isLast }: NumberedLine,
  parse: (text: string) => unknown,
): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const code = isLast ? "truncated" : "not_json";
    throw new RecordingError(code, line, `not JSON: ${reasonOf(cause)}`, { cause });
  }
}

const MAX_REASON = 120;

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.slice(0, MAX_REASON).toWellFormed() : "unreadable";
