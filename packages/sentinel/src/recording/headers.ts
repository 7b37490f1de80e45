/** Reader of lists of headers, CSV or JSON Lines: the least that a chain can be replayed from. */
import { z } from "zod";
import { errorText } from "../internal/error-text.js";
import { ownMembers } from "../internal/own.js";
import { errorPath, readByRule, REFUSED } from "../observation/field-table.js";
import { HEADER } from "../observation/observation-table.js";
import {
  type BlockHeader,
  blockHeaderSchema,
  type WatchedObservation,
} from "../observation/observation.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import { type NumberedLine, numberLines, parseLine } from "./lines.js";

/** What a list of headers does not contain. */
export type HeaderListOptions = Readonly<{
  /** Name of the node that is taken to have seen them. */
  node_id: string;
  /** `csv` has its columns' names in the first line, `jsonl` an object a line. */
  format: "csv" | "jsonl";
  /** Most blocks that are seen at once, 1 to 1,000; default 1. More is faster, and coarser in time. */
  blocksAtOnce?: number;
}>;

const LABEL = "headers";

/** Assumed polls while no block comes: each minute of the first hour. */
const POLL_MS = 60_000;
const MAX_POLLS = 60;

const HEX = /^0x[0-9a-f]{8}$/i;
const DECIMAL = /^-?\d{1,15}$/;

/** Other names of columns, as a node's RPC has them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["time", "time_s"],
  ["previousblockhash", "previous_hash"],
]);

const objectSchema = z.record(z.string(), z.unknown());

/** The fields of a header that a row holds, not yet checked. */
type Row = { -readonly [Field in keyof BlockHeader]?: unknown };

const FIELDS = new Set(Object.keys(blockHeaderSchema.shape)) as ReadonlySet<keyof Row>;

const fieldOf = (name: string): keyof Row | undefined => {
  const field = (ALIASES.get(name) ?? name) as keyof Row;
  return FIELDS.has(field) ? field : undefined;
};

/**
 * Reads a list of headers: the node is taken to have seen each at its own time, and to be polled
 * once a minute, for an hour, while the next one is not there. Needed are
 * `height`, `hash`, `previous_hash` (or `previousblockhash`), `version` (decimal, or 0x and eight digits)
 * and `time_s` (or `time`), in seconds; other columns are passed over. A height that was there before is
 * a reorganisation.
 *
 * @param lines split at line breaks
 * @throws RecordingError `empty`, `not_json`, `invalid_record`, `truncated`, while reading
 */
export function* readHeaderList(
  lines: Iterable<string>,
  options: HeaderListOptions,
): Generator<LabelledObservation> {
  const { node_id, format, blocksAtOnce = 1 } = ownMembers(options);
  const rows = format === "csv" ? csvRows(numberLines(lines)) : jsonRows(numberLines(lines));
  let last: WatchedObservation | undefined;
  let [held, heldMs]: [BlockHeader[], number] = [[], 0];
  for (const [row, line] of rows) {
    const header = headerOf(row, line);
    const at_ms = Math.max(heldMs, header.time_s * 1_000);
    const isApart = at_ms - heldMs > POLL_MS || header.height <= (held.at(-1)?.height ?? -1);
    if (held.length >= blocksAtOnce || (held.length > 0 && isApart)) yield see();
    if (last !== undefined && held.length === 0) yield* pollsBetween(last, at_ms);
    held.push(header);
    heldMs = at_ms;
  }
  if (held.length === 0) throw new RecordingError("empty", 1, "no header");
  yield see();

  function see(): LabelledObservation {
    last = observationAt(node_id, heldMs, held);
    held = [];
    return { label: LABEL, observation: last };
  }
}

/** Polls while no block comes, so that a stall shows before the block that ends it. */
export function* pollsBetween(
  last: WatchedObservation,
  untilMs: number,
): Generator<LabelledObservation> {
  const most = Math.min(MAX_POLLS, Math.ceil((untilMs - last.at_ms) / POLL_MS) - 1);
  for (let i = 1; i <= most; i++) {
    const observation = { ...last, at_ms: last.at_ms + i * POLL_MS, blocks: [] };
    yield { label: LABEL, observation };
  }
}

/** The observation that shows blocks at a time. */
export function observationAt(
  node_id: string,
  at_ms: number,
  blocks: BlockHeader[],
): WatchedObservation {
  const tip = blocks.at(-1);
  if (tip === undefined) throw new RangeError("no block");
  const known = { node_id, at_ms, syncing: false, reachable: true, tip, blocks };
  return { ...known, tips: [], mempool: null };
}

function* jsonRows(lines: Iterable<NumberedLine>): Generator<[Row, number]> {
  for (const numbered of lines) {
    const read = objectSchema.safeParse(parseLine(numbered, JSON.parse));
    if (!read.success)
      throw new RecordingError("invalid_record", numbered.line, "not an object of a header");
    const row: Row = {};
    for (const [name, value] of Object.entries(read.data)) {
      const field = fieldOf(name);
      if (field !== undefined) row[field] = valueOf(field, value);
    }
    yield [row, numbered.line];
  }
}

function* csvRows(
  lines: Iterator<NumberedLine> & Iterable<NumberedLine>,
): Generator<[Row, number]> {
  const first = lines.next();
  if (first.done === true) throw new RecordingError("empty", 1, "no line");
  const columns = cellsOf(first.value.text).map(fieldOf);
  const missing = [...FIELDS].filter((field) => !columns.includes(field));
  if (missing.length > 0) {
    const detail = `missing column ${missing.join(", ")}: the first line names the columns, separated by commas`;
    throw new RecordingError("invalid_record", first.value.line, detail);
  }
  for (const { text, line, isLast } of lines) {
    const cells = cellsOf(text);
    if (cells.length !== columns.length) {
      const code = isLast ? "truncated" : "invalid_record";
      throw new RecordingError(code, line, `${cells.length} columns, not ${columns.length}`);
    }
    const row: Row = {};
    for (let i = 0; i < columns.length; i++) {
      const field = columns[i];
      if (field !== undefined) row[field] = valueOf(field, cells[i]);
    }
    yield [row, line];
  }
}

/** Cells hold numbers and hashes: none needs quotes, and one that has them is rejected with its column. */
const cellsOf = (text: string): string[] => text.trimEnd().split(",");

function headerOf(row: Row, line: number): BlockHeader {
  const header = readByRule(HEADER, row, HEADER.fields.length + 1);
  if (header !== REFUSED) return header as BlockHeader;
  const path = errorPath(HEADER, row) ?? "";
  const column = path.slice(1);
  const detail = `invalid or missing column ${column}: ${errorText(blockHeaderSchema, row, path)}`;
  throw new RecordingError("invalid_record", line, detail);
}

function valueOf(field: keyof Row, value: unknown): unknown {
  if (typeof value !== "string" || field === "hash" || field === "previous_hash") return value;
  // A version is a signed 32-bit integer, which hexadecimal shows without its sign.
  if (field === "version" && HEX.test(value)) return Number(value) | 0;
  return DECIMAL.test(value) ? Number(value) : value;
}
