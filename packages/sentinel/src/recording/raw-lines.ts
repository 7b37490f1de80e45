/** The lines of a raw recording, checked one by one and grouped into polls. */
import { z } from "zod";
import { ownMember, ownMembers } from "../internal/own.js";
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
    params: z.array(z.unknown()).optional(),
    result: z.unknown().optional(),
    error: z.unknown().optional(),
  })
  .refine(({ method, note }) => (method === undefined) !== (note === undefined));

/** One line: an RPC answer (`method`) or the start of a phase (`note`). */
export type RawLine = z.infer<typeof rawLineSchema> & { line: number };

/** What one observation is made of. */
export type RawPoll = {
  /** The answers of a poll, in the order of its calls, or that of `getmempoolinfo` alone. */
  answers: [RawLine, ...RawLine[]];
  /** Answers to further calls of the same moment. */
  others: RawLine[];
};

/** Whether a call failed. */
export const isFailed = ({ error }: RawLine): boolean => error !== undefined && error !== null;

/** The hash of the block that an answer is about. */
export function resultHash({ result }: RawLine): string | undefined {
  const isObject = typeof result === "object" && result !== null;
  const hash = isObject ? ownMember(result, "hash") : undefined;
  return typeof hash === "string" ? hash : undefined;
}

/**
 * Groups the answers of a raw recording into polls. The first call that fails can be a poll's last one. An
 * answer outside a poll belongs to the poll before it, or to the next one where its time is not that of
 * the one before; one about the mempool stands alone.
 *
 * @throws RecordingError
 */
export function* readPolls(lines: Iterable<string>): Generator<RawPoll> {
  let poll: RawPoll | undefined;
  let waiting: RawLine[] = [];
  let last: RawLine | undefined;
  for (const raw of readRawLines(lines)) {
    last = raw;
    if (poll !== undefined && isNext(poll, raw)) {
      poll.answers.push(raw);
    } else if (poll !== undefined && isOpen(poll)) {
      const wanted = POLL[poll.answers.length] ?? "no more";
      throw new RecordingError("incomplete_poll", raw.line, `expected ${wanted}`);
    } else if (raw.method === FIRST_OF_POLL || raw.method === MEMPOOL) {
      if (poll !== undefined) yield poll;
      poll = { answers: [raw], others: waiting };
      waiting = [];
    } else if (raw.method !== undefined) {
      const isOfPoll = poll !== undefined && raw.time === poll.answers[0].time;
      (isOfPoll && poll !== undefined ? poll.others : waiting).push(raw);
    }
  }
  if (last === undefined) throw new RecordingError("empty", 1, "no line");
  if (poll === undefined) return;
  if (isOpen(poll)) throw new RecordingError("truncated", last.line, "ends inside a poll");
  yield poll;
}

const isWholePoll = ({ answers: [first] }: RawPoll): boolean => first.method === FIRST_OF_POLL;

/** Whether an answer goes on with a poll. */
const isNext = (poll: RawPoll, raw: RawLine): boolean =>
  isWholePoll(poll) &&
  poll.answers.length < POLL.length &&
  raw.method === POLL[poll.answers.length] &&
  (isOpen(poll) || raw.time === poll.answers[0].time) &&
  poll.others.every(({ line }) => line < poll.answers[0].line);

/** Whether further answers of the poll must follow: a call that failed may have ended it. */
const isOpen = (poll: RawPoll): boolean =>
  isWholePoll(poll) && poll.answers.length < POLL.length && !poll.answers.some(isFailed);

function* readRawLines(lines: Iterable<string>): Generator<RawLine> {
  let before: RawLine | undefined;
  for (const numbered of numberLines(lines)) {
    const raw = checkedLine(numbered);
    if (raw.seq !== (before === undefined ? 0 : before.seq + 1)) {
      throw new RecordingError("out_of_order", raw.line, `seq ${raw.seq} does not follow`);
    }
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
