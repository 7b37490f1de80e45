/** Reader of lists of headers, CSV or JSON Lines: the least that a chain can be replayed from. */
import { hash256Schema, heightSchema, offencePath } from "@dgb-shield/contract";
import { z } from "zod";
import { type BlockHeader, blockHeaderSchema } from "../observation.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import { type NumberedLine, numberLines, parseLine } from "./lines.js";

/** What a list of headers does not say itself. */
export type HeaderListOptions = Readonly<{
  /** Name of the node that is taken to have seen them. */
  node_id: string;
  /** `csv` has its columns' names in the first line, `jsonl` an object a line. */
  format: "csv" | "jsonl";
}>;

const LABEL = "headers";
const HEX = /^0x[0-9a-f]{8}$/i;
const DECIMAL = /^-?\d+$/;

/** Other names of columns, as a node's RPC has them. */
const ALIASES: Readonly<Record<string, string>> = {
  time: "time_s",
  previousblockhash: "previous_hash",
};

const rowSchema = z.object({
  hash: hash256Schema,
  previous_hash: hash256Schema,
  height: heightSchema,
  version: blockHeaderSchema.shape.version,
  time_s: blockHeaderSchema.shape.time_s,
});

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads a list of headers: the node is taken to have seen each when its own time says. Needed are
 * `height`, `hash`, `previous_hash` (or `previousblockhash`), `version` (decimal, or 0x and eight digits)
 * and `time_s` (or `time`), in seconds; other columns are passed over. A height that was there before is
 * a reorganisation.
 *
 * @param lines split at line breaks
 * @throws RecordingError `empty`, `not_json`, `invalid_record`, `truncated`, while reading
 */
export function* readHeaderList(
  lines: Iterable<string>,
  { node_id, format }: HeaderListOptions,
): Generator<LabelledObservation> {
  const rows = format === "csv" ? csvRows(numberLines(lines)) : jsonRows(numberLines(lines));
  let at_ms = 0;
  for (const [row, line] of rows) {
    const header = headerOf(row, line);
    at_ms = Math.max(at_ms, header.time_s * 1_000);
    yield { label: LABEL, observation: observationOf(node_id, at_ms, header) };
  }
  if (at_ms === 0) throw new RecordingError("empty", 1, "no header");
}

function observationOf(
  node_id: string,
  at_ms: number,
  tip: BlockHeader,
): LabelledObservation["observation"] {
  return {
    node_id,
    at_ms,
    syncing: false,
    reachable: true,
    tip,
    blocks: [tip],
    tips: [],
    mempool: null,
  };
}

function* jsonRows(lines: Iterable<NumberedLine>): Generator<[Row, number]> {
  const objectSchema = z.record(z.string(), z.unknown());
  for (const numbered of lines) {
    const read = objectSchema.safeParse(parseLine(numbered, JSON.parse));
    if (!read.success) throw new RecordingError("invalid_record", numbered.line, "not an object");
    yield [read.data, numbered.line];
  }
}

function* csvRows(
  lines: Iterator<NumberedLine> & Iterable<NumberedLine>,
): Generator<[Row, number]> {
  const first = lines.next();
  if (first.done === true) throw new RecordingError("empty", 1, "no line");
  const columns = cellsOf(first.value.text);
  for (const { text, line, isLast } of lines) {
    const cells = cellsOf(text);
    if (cells.length !== columns.length) {
      const code = isLast ? "truncated" : "invalid_record";
      throw new RecordingError(code, line, `${cells.length} columns, not ${columns.length}`);
    }
    yield [Object.fromEntries(columns.map((column, i) => [column, cells[i]])), line];
  }
}

/** Cells hold numbers and hashes: none needs quotes, and one that has them is refused with its column. */
const cellsOf = (text: string): string[] => text.trimEnd().split(",");

function headerOf(row: Row, line: number): BlockHeader {
  const named = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [ALIASES[name] ?? name, valueOf(name, value)]),
  );
  const { success, data, error } = rowSchema.safeParse(named);
  if (success) return data;
  const column = offencePath(error).slice(1);
  throw new RecordingError("invalid_record", line, `invalid or missing column ${column}`);
}

function valueOf(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  // A version is a signed 32-bit integer, which hexadecimal shows without its sign.
  if (name === "version" && HEX.test(value)) return Number(value) | 0;
  return DECIMAL.test(value) && value.length <= 16 ? Number(value) : value;
}
