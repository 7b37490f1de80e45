/** Opens a recording of either format. */
import { z } from "zod";
import { type CompactRecording, readCompactRecording } from "./compact.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import { parseLine, withoutMark } from "./lines.js";
import { type RawRecordingOptions, readRecording } from "./raw.js";

const compactSchema = z.looseObject({ format: z.string() });

/** A recording; a raw one has no header. */
export type Recording =
  | ({ format: "compact" } & CompactRecording)
  | { format: "raw"; header: null; observations: Generator<LabelledObservation> };

/**
 * Opens a recording, whichever of the two formats it has: a first line with a `format` announces the
 * compact one (`dgb-shield-recording`), anything else is read as raw.
 *
 * @param lines split at line breaks
 * @param options name of the node of a raw recording
 * @throws RecordingError at once for the first line, and while reading for the rest
 * @example
 * for (const { label, observation } of openRecording(lines, { node_id: "a" }).observations) …
 */
export function openRecording(lines: Iterable<string>, options: RawRecordingOptions): Recording {
  const rest = lines[Symbol.iterator]();
  const first = rest.next();
  if (first.done === true) throw new RecordingError("empty", 1, "no line");
  const all = chain(first.value, rest);
  const opening = parseLine({ text: withoutMark(first.value), line: 1, isLast: false }, JSON.parse);
  if (compactSchema.safeParse(opening).success) {
    return { format: "compact", ...readCompactRecording(all) };
  }
  return { format: "raw", header: null, observations: readRecording(all, options) };
}

function* chain(first: string, rest: Iterator<string>): Generator<string> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
