/** The lines of a raw recording, checked one by one and grouped into polls. */
import { z } from "zod";
import { ownMembers } from "../internal/own.js";
import { RecordingError } from "./error.js";
import { LABEL } from "./labelled.js";
import { type NumberedLine, numberLines, parseLine } from "./lines.js";

/** The answers of one poll, in the order of the requests. */
const POLL = [
  "getblockchaininfo",
  "getbestblockhash",
  "getblockheader",
  "getblock",
  "getchaintips",
  "getmempoolinfo",
] as const;

const [FIRST_OF_POLL] = POLL;
const MEMPOOL = "getmempoolinfo";

const rawLineSchema = z
  .looseObject({
    seq: z.int().min(0),
    /** The node's clock, in seconds. */
    time: z.uint32(),
    label: z.string().regex(LABEL),
    method: z.string().optional(),
    note: z.string().optional(),
    result: z.unknown().optional(),
    error: z.unknown().optional(),
  })
  .refine(({ method, note }) => (method === undefined) !== (note === undefined));

/** One line: an RPC answer (`method`) or the start of a phase (`note`). */
export type RawLine = z.infer<typeof rawLineSchema> & { line: number };

/** The answers that make one observation: a whole poll, or the mempool alone. */
export type RawPoll = [RawLine, ...RawLine[]];

/**
 * Groups the answers of a raw recording into polls. An answer outside a poll is skipped, but for
 * one about the mempool, which stands alone.
 *
 * @throws RecordingError
 */
export function* readPolls(lines: Iterable<string>): Generator<RawPoll> {
  let open: RawPoll | undefined;
  let last: RawLine | undefined;
  for (const raw of readRawLines(lines)) {
    last = raw;
    if (open === undefined && raw.method === MEMPOOL) yield [raw];
    if (open === undefined && raw.method !== FIRST_OF_POLL) continue;
    open = open === undefined ? [raw] : [...open, expected(raw, open.length)];
    if (open.length < POLL.length) continue;
    yield open;
    open = undefined;
  }
  if (last === undefined) throw new RecordingError("empty", 1, "no line");
  if (open !== undefined) throw new RecordingError("truncated", last.line, "ends inside a poll");
}

function expected(raw: RawLine, position: number): RawLine {
  if (raw.method === POLL[position]) return raw;
  throw new RecordingError("incomplete_poll", raw.line, `expected ${POLL[position] ?? "no more"}`);
}

function* readRawLines(lines: Iterable<string>): Generator<RawLine> {
  let before: RawLine | undefined;
  for (const numbered of numberLines(lines)) {
    const raw = checkedLine(numbered);
    checkOrder(before, raw);
    before = raw;
    yield raw;
  }
}

function checkedLine(numbered: NumberedLine): RawLine {
  const { line } = numbered;
  const given = parseLine(numbered, JSON.parse);
  const isObject = typeof given === "object" && given !== null;
  const { success, data } = rawLineSchema.safeParse(isObject ? ownMembers(given) : given);
  if (success) return ownMembers({ ...data, line });
  throw new RecordingError("foreign_format", line, "not {seq, time, label, method or note, …}");
}

function checkOrder(before: RawLine | undefined, raw: RawLine): void {
  if (raw.seq !== (before === undefined ? 0 : before.seq + 1)) {
    throw new RecordingError("out_of_order", raw.line, `seq ${raw.seq} does not follow`);
  }
  if (before !== undefined && raw.time < before.time) {
    throw new RecordingError(
      "time_backwards",
      raw.line,
      `time ${raw.time} is before ${before.time}`,
    );
  }
}
