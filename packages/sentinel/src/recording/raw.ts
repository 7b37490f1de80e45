/** Reader of a raw recording: one line for each RPC answer of a node, as it was given. */
import { hash256Schema, heightSchema, parseOwn } from "@dgb-shield/contract";
import { z } from "zod";
import { errorText } from "../internal/error-text.js";
import {
  type BlockHeader,
  chainTipSchema,
  MAX_TIPS,
  type Observation,
} from "../observation/observation.js";
import { parseObservation } from "../observation/read-observation.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import { type RawLine, type RawPoll, readPolls } from "./raw-lines.js";

const NO_PARENT = "0".repeat(64);

const infoSchema = z.object({ initialblockdownload: z.boolean() });

const headerSchema = z.object({
  hash: hash256Schema,
  height: heightSchema,
  version: z.int32(),
  time: z.uint32(),
  previousblockhash: hash256Schema.optional(),
});

const tipsSchema = z.array(z.object(chainTipSchema.shape));

const mempoolSchema = z.object({ size: z.int().min(0), bytes: z.int().min(0) });

/** How much of one answer is read. */
const RESULT_BOUNDS = { maxDepth: 16, maxEntries: MAX_TIPS } as const;

/** What a raw recording does not contain. */
export type RawRecordingOptions = Readonly<{
  /** Name of the recorded node. */
  node_id: string;
}>;

/**
 * Reads a raw recording: lines `{seq, time, label, method, params, result | error}`, and
 * `{seq, time, label, note}` at the start of a phase. The six answers of one poll (`getblockchaininfo`,
 * `getbestblockhash`, `getblockheader`, `getblock`, `getchaintips`, `getmempoolinfo`) become one
 * observation at the node's time. A `getmempoolinfo` between polls becomes an observation of the mempool
 * with the tip last seen. All other answers are skipped.
 *
 * Lines are parsed by `JSON.parse`, not by `parseStrictJson`: they are a node's own answers, which hold
 * integers beyond 2^53 (the time-out of a soft fork) that strict JSON rejects, and of which only a few
 * fields are taken, each checked.
 *
 * @param lines unzipped and split at line breaks
 * @throws RecordingError, while reading; an error in the place of a result is `invalid_record`
 */
export function* readRecording(
  lines: Iterable<string>,
  options: RawRecordingOptions,
): Generator<LabelledObservation> {
  let last: Observation | undefined;
  for (const poll of readPolls(lines)) {
    const [{ label, line }] = poll;
    const observation = observationOf(poll, last, options);
    if (observation === undefined) continue;
    last = checked(observation, line);
    yield { label, observation: last };
  }
  if (last === undefined) throw new RecordingError("empty", 1, "no poll");
}

function observationOf(
  poll: RawPoll,
  last: Observation | undefined,
  { node_id }: RawRecordingOptions,
): Observation | undefined {
  const [info, best, header, , tips, mempool] = poll;
  const at_ms = info.time * 1_000;
  if (!best || !header || !tips || !mempool) {
    return last && { ...last, at_ms, blocks: [], mempool: mempoolOf(info) };
  }
  const tip = headerOf(header);
  if (tip.hash !== best.result) {
    throw new RecordingError("invalid_record", header.line, "not the header of the best block");
  }
  return {
    node_id,
    at_ms,
    syncing: resultOf(info, infoSchema).initialblockdownload,
    reachable: true,
    tip,
    blocks: tip.hash === last?.tip?.hash ? [] : [tip],
    tips: resultOf(tips, tipsSchema),
    mempool: mempoolOf(mempool),
  };
}

function headerOf(raw: RawLine): BlockHeader {
  const { hash, height, version, time, previousblockhash } = resultOf(raw, headerSchema);
  return { hash, previous_hash: previousblockhash ?? NO_PARENT, height, version, time_s: time };
}

function mempoolOf(raw: RawLine): Observation["mempool"] {
  const { size, bytes } = resultOf(raw, mempoolSchema);
  return { count: size, bytes };
}

function resultOf<T>({ result, method, line }: RawLine, schema: z.ZodType<T>): T {
  const read = parseOwn(schema, result, RESULT_BOUNDS);
  if (read.ok) return read.value;
  const text = errorText(schema, result, read.path);
  const what = `${method ?? "answer"} at /result${read.path}: ${text}`;
  throw new RecordingError("invalid_record", line, what);
}

function checked(observation: Observation, line: number): Observation {
  const read = parseObservation(observation);
  if (read.ok) return observation;
  throw new RecordingError("invalid_record", line, `observation at ${read.path}: ${read.detail}`);
}
