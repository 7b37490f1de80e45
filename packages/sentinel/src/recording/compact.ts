/** Writer and reader of compact recordings. */
import { parseOwn, parseStrictJson } from "@dgb-shield/contract";
import { z } from "zod";
import { errorText } from "../internal/error-text.js";
import { MAX_TIPS, type Observation } from "../observation/observation.js";
import { parseObservation } from "../observation/read-observation.js";
import {
  COMPACT_FORMAT,
  COMPACT_VERSION,
  type RecordingHeader,
  recordingHeaderSchema,
} from "./compact-format.js";
import { compactLine, expandLine, lineSchemaOf } from "./compact-line.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import { type NumberedLine, numberLines, parseLine } from "./lines.js";

/** How much of one line is read. */
const LINE_BOUNDS = { maxDepth: 8, maxEntries: MAX_TIPS } as const;

const formatSchema = z.looseObject({ format: z.literal(COMPACT_FORMAT), version: z.unknown() });

/** Versions of the format that are read. */
const VERSIONS: ReadonlySet<unknown> = new Set([1, COMPACT_VERSION]);

/** The provenance of a recording; the rest of its header follows from the observations. */
export type RecordingProvenance = Omit<
  RecordingHeader,
  "format" | "version" | "node_id" | "observations"
>;

/**
 * Writes observations of one node as a compact recording: a header, then a line for each, without what
 * follows from the line before. Reading it gives the same observations again.
 *
 * @param observations at least one, all of one node; their clock may step back
 * @param provenance network and genesis are those of the observations where they are left out
 * @returns the lines, without line breaks
 * @throws RecordingError `empty`, `invalid_record`, as the reader would
 */
export function compactRecording(
  observations: Iterable<LabelledObservation>,
  provenance: RecordingProvenance,
): string[] {
  const lines: string[] = [];
  let before: Observation | undefined;
  let chain: Observation["chain"];
  for (const { label, observation } of observations) {
    if (before !== undefined && observation.node_id !== before.node_id) {
      throw new RecordingError("invalid_record", lines.length + 2, "of another node");
    }
    lines.push(JSON.stringify(compactLine(label, observation, before)));
    chain ??= observation.chain;
    before = observation;
  }
  if (before === undefined) throw new RecordingError("empty", 1, "no observation");
  const { network, genesis_hash } = chain ?? {};
  const header = {
    format: COMPACT_FORMAT,
    version: COMPACT_VERSION,
    ...(network !== undefined && { network }),
    ...(genesis_hash !== undefined && { genesis_hash }),
    ...provenance,
    node_id: before.node_id,
    observations: lines.length,
  };
  const written = [JSON.stringify(header), ...lines];
  verify(written);
  return written;
}

/** Reads the lines back, so that nothing is written that the reader rejects. */
function verify(lines: readonly string[]): void {
  Array.from(readCompactRecording(lines).observations);
}

/** A compact recording: its header, read at once, and its observations, read lazily. */
export type CompactRecording = {
  header: RecordingHeader;
  observations: Generator<LabelledObservation>;
};

/**
 * Reads a compact recording of version 1 or 2. Every line is strict JSON. The clock of one of version 1 does
 * not step back.
 *
 * @param lines split at line breaks
 * @throws RecordingError at once for the header, and while reading for the rest; that observations are
 * missing shows at the end
 */
export function readCompactRecording(lines: Iterable<string>): CompactRecording {
  const numbered = numberLines(lines);
  const first = numbered.next();
  if (first.done === true) throw new RecordingError("empty", 1, "no line");
  const header = headerOf(first.value);
  return { header, observations: readLines(numbered, header) };
}

function* readLines(
  lines: Iterable<NumberedLine>,
  header: RecordingHeader,
): Generator<LabelledObservation> {
  const schema = lineSchemaOf(header.version);
  let before: Observation | undefined;
  let count = 0;
  for (const numbered of lines) {
    const { line } = numbered;
    if (++count > header.observations) {
      throw new RecordingError("too_many_observations", line, "more than the header says");
    }
    const fields = checked(schema, parseLine(numbered, parseStrictJson), line);
    const observation = checkedObservation(expandLine(fields, before, header), line);
    if (header.version === 1 && before !== undefined && observation.at_ms < before.at_ms) {
      throw new RecordingError("time_backwards", line, "before the line above");
    }
    before = observation;
    yield { label: fields.label, observation };
  }
  if (count < header.observations) {
    throw new RecordingError("truncated", count + 1, `${header.observations} were announced`);
  }
}

function headerOf(numbered: NumberedLine): RecordingHeader {
  const value = parseLine(numbered, parseStrictJson);
  const { line } = numbered;
  const format = formatSchema.safeParse(value);
  if (!format.success) throw new RecordingError("foreign_format", line, `not ${COMPACT_FORMAT}`);
  if (!VERSIONS.has(format.data.version)) {
    throw new RecordingError("unknown_version", line, `not version 1 or ${COMPACT_VERSION}`);
  }
  return checked(recordingHeaderSchema, value, line);
}

function checked<T>(schema: z.ZodType<T>, value: unknown, line: number): T {
  const read = parseOwn(schema, value, LINE_BOUNDS);
  if (read.ok) return read.value;
  const detail = `invalid at ${read.path}: ${errorText(schema, value, read.path)}`;
  throw new RecordingError("invalid_record", line, detail);
}

function checkedObservation(observation: Observation, line: number): Observation {
  const read = parseObservation(observation);
  if (read.ok) return observation;
  throw new RecordingError("invalid_record", line, `invalid at ${read.path}: ${read.detail}`);
}
