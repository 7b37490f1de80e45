/** Writer and reader of compact recordings. */
import { LIMITS, parseOwn, parseStrictJson, utf8Length } from "@dgb-shield/contract";
import { z } from "zod";
import { errorText } from "../internal/error-text.js";
import { ownMembers } from "../internal/own.js";
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
  let first: Observation | undefined;
  let writer: RecordingWriter | undefined;
  let chain: Observation["chain"];
  for (const one of observations) {
    first ??= one.observation;
    writer ??= createRecordingWriter(first);
    lines.push(writer.line(one));
    chain ??= one.observation.chain;
  }
  if (first === undefined) throw new RecordingError("empty", 1, "no observation");
  const { node_id } = first;
  const header = { ...chain, ...provenance, node_id, observations: lines.length };
  return [recordingHeaderLine(header), ...lines];
}

/**
 * The first line of a recording.
 *
 * @param fields all but format and version; without `observations` it is one that is written while it is made
 * @throws RecordingError `invalid_record`
 */
export function recordingHeaderLine(fields: Omit<RecordingHeader, "format" | "version">): string {
  const header = { format: COMPACT_FORMAT, version: COMPACT_VERSION, ...fields };
  checked(recordingHeaderSchema, header, 1);
  return JSON.stringify(header);
}

/** Makes the lines of a recording one by one. */
export type RecordingWriter = Readonly<{
  /**
   * The line of the next observation, without a line break.
   *
   * @throws RecordingError `invalid_record`, as the reader would
   */
  line(one: LabelledObservation): string;
}>;

/**
 * Makes the lines that follow the header of a recording, each without what follows from the one before. A line is
 * read back before it is given, so that nothing is written that the reader rejects.
 *
 * @param options the node, and the last observation of a recording that is continued
 * @example
 * const writer = createRecordingWriter({ node_id: "a" });
 * append(`${writer.line({ label: "live", observation: await source.poll() })}\n`);
 */
export function createRecordingWriter(
  options: Readonly<{ node_id: string; before?: Observation }>,
): RecordingWriter {
  const { node_id, before: last } = ownMembers(options);
  let before = last;
  let line = 1;
  return Object.freeze({
    line({ label, observation }) {
      line++;
      if (observation.node_id !== node_id) {
        throw new RecordingError("invalid_record", line, "of another node");
      }
      const text = JSON.stringify(compactLine(label, observation, before));
      lineOf(text, before, { node_id, version: COMPACT_VERSION, line });
      before = observation;
      return text;
    },
  } satisfies RecordingWriter);
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
  if (header.version === 1 && header.observations === undefined) {
    throw new RecordingError("invalid_record", 1, "invalid at /observations: missing");
  }
  return { header, observations: readLines(numbered, header) };
}

function* readLines(
  lines: Iterable<NumberedLine>,
  header: RecordingHeader,
): Generator<LabelledObservation> {
  const isOpen = header.observations === undefined;
  const announced = header.observations ?? Infinity;
  let before: Observation | undefined;
  let count = 0;
  for (const numbered of lines) {
    const { line } = numbered;
    if (++count > announced) {
      throw new RecordingError("too_many_observations", line, "more than the header says");
    }
    const value = isOpen ? parseOpenLine(numbered) : parseLine(numbered, parseRecorded);
    if (value === undefined) break;
    const one = observationOf(value, before, { ...header, line });
    const { observation } = one;
    if (header.version === 1 && before !== undefined && observation.at_ms < before.at_ms) {
      throw new RecordingError("time_backwards", line, "before the line above");
    }
    before = observation;
    yield one;
  }
  if (isOpen && before === undefined) throw new RecordingError("empty", 1, "no observation");
  if (!isOpen && count < announced) {
    throw new RecordingError("truncated", count + 1, `${announced} were announced`);
  }
}

type Place = Pick<RecordingHeader, "node_id" | "version"> & Readonly<{ line: number }>;

function observationOf(
  value: unknown,
  before: Observation | undefined,
  { line, ...place }: Place,
): LabelledObservation {
  const fields = checked(lineSchemaOf(place.version), value, line);
  const observation = checkedObservation(expandLine(fields, before, place), line);
  return { label: fields.label, observation };
}

/** Reads a line back. */
const lineOf = (text: string, before: Observation | undefined, place: Place): LabelledObservation =>
  observationOf(parseLine({ text, line: place.line, isLast: false }, parseRecorded), before, place);

/** A line of a recording that was written while it was made; undefined for a last one that was cut. */
function parseOpenLine(numbered: NumberedLine): unknown {
  try {
    return parseLine(numbered, parseRecorded);
  } catch (error) {
    if (error instanceof RecordingError && error.code === "truncated") return undefined;
    throw error;
  }
}

/**
 * Parses a line as strict JSON. One that is longer than strict JSON may be, as of a block with very many signatures,
 * is read where it is exactly as the writer writes it: nothing in it can be understood in two ways.
 */
function parseRecorded(text: string): unknown {
  const isShort = text.length * 3 <= LIMITS.maxPayloadBytes;
  if (isShort || utf8Length(text) <= LIMITS.maxPayloadBytes) return parseStrictJson(text);
  const value: unknown = JSON.parse(text);
  if (JSON.stringify(value) === text) return value;
  throw new Error("a long line that is not as it was written");
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
