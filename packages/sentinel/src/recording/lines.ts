/** The lines of a recording: numbered, and knowing which is the last. */
import { RecordingError } from "./error.js";

/** A line, counted from 1. */
export type NumberedLine = { text: string; line: number; isLast: boolean };

/** Numbers lines; one empty line at the end, as after a final line break, is left out. */
export function* numberLines(lines: Iterable<string>): Generator<NumberedLine> {
  let line = 0;
  let held: string | undefined;
  for (const text of lines) {
    if (held !== undefined) yield { text: held, line: ++line, isLast: false };
    held = text;
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
    throw new RecordingError(code, line, "not JSON", { cause });
  }
}
