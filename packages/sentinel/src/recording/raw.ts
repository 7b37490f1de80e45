/** Reader of a raw recording: one line for each RPC answer of a node, as it was given. */
import { hash256Schema } from "@dgb-shield/contract";
import { MAX_BLOCKS, type Observation, OBSERVATION_VERSION } from "../observation/observation.js";
import { parseObservation } from "../observation/read-observation.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import { chainFieldsOf, headerOf, infoOf, mempoolOf, resultOf, tipsOf } from "./raw-answers.js";
import { callFailure } from "./raw-failure.js";
import { isFailed, type RawLine, type RawPoll, readPolls } from "./raw-lines.js";
import { emptyMemory, isRestarted, othersOf, type RawMemory, remember } from "./raw-others.js";

/** What a raw recording does not contain. */
export type RawRecordingOptions = Readonly<{
  /** Name of the recorded node. */
  node_id: string;
}>;

/**
 * Reads a raw recording: lines `{seq, time, label, method, params, result | error}`, and
 * `{seq, time, label, note}` at the start of a phase. The six answers of one poll (`getblockchaininfo`,
 * `getbestblockhash`, `getblockheader`, `getblock`, `getchaintips`, `getmempoolinfo`) become one
 * observation at the node's time, which may step back. A poll of which a call failed becomes one with
 * `failure`: `reachable: false`, or `warming_up` for RPC error −28; where the tip was read all the same, what
 * is missing is `unavailable`. A `getmempoolinfo` between polls becomes an observation of the mempool
 * with the tip last seen.
 *
 * Of the same moment are read further: `getblockheader` (the blocks between the last known one and the tip,
 * and where the last tip is now), `getblock` with verbosity 2 (coinbase and signatures), `getpeerinfo`,
 * `getnetworkinfo`, `uptime` (one that fell is a restart), `getblockhash 0` (the genesis). All other answers
 * are skipped.
 *
 * Lines are parsed by `JSON.parse`, not by `parseStrictJson`: they are a node's own answers, which hold
 * integers beyond 2^53 (the time-out of a soft fork) that strict JSON rejects, and of which only a few
 * fields are taken, each checked.
 *
 * @param lines unzipped and split at line breaks
 * @throws RecordingError, while reading; a malformed result is `invalid_record`
 */
export function* readRecording(
  lines: Iterable<string>,
  options: RawRecordingOptions,
): Generator<LabelledObservation> {
  const memory = emptyMemory();
  let isEmpty = true;
  for (const poll of readPolls(lines)) {
    const [{ label, line }] = poll.answers;
    const observation = observationOf(poll, memory, options.node_id);
    if (observation === undefined) continue;
    isEmpty = false;
    for (const part of partsOf(checked(observation, line))) yield { label, observation: part };
  }
  if (isEmpty) throw new RecordingError("empty", 1, "no poll");
}

function observationOf(poll: RawPoll, memory: RawMemory, node_id: string): Observation | undefined {
  const [first] = poll.answers;
  const at_ms = first.time * 1_000;
  if (first.method === "getmempoolinfo") return mempoolAlone(first, memory, at_ms);
  const [info, best, header] = poll.answers;
  const failed = poll.answers.find(isFailed);
  const hasTip = [info, best, header].every((raw) => raw !== undefined && !isFailed(raw));
  if (failed !== undefined && !hasTip) return failedPoll(failed, memory, { node_id, at_ms });
  const observation = wholePoll(poll, memory, { node_id, at_ms });
  remember(memory, observation);
  return observation;
}

type Place = Readonly<{ node_id: string; at_ms: number }>;

/** The mempool, with what belongs to the tip last seen; what was read only then is not repeated. */
function mempoolAlone(raw: RawLine, { last }: RawMemory, at_ms: number): Observation | undefined {
  if (last === undefined || isFailed(raw)) return undefined;
  const { node_id, syncing, reachable, tip, tips, version, chain } = last;
  const { best_header_height, chainwork } = last;
  return {
    ...{ node_id, at_ms, syncing, reachable, tip, blocks: [], tips, mempool: mempoolOf(raw) },
    ...(version !== undefined && { version }),
    ...(chain !== undefined && { chain }),
    ...(best_header_height !== undefined && { best_header_height }),
    ...(chainwork !== undefined && { chainwork }),
  };
}

function failedPoll(raw: RawLine, memory: RawMemory, place: Place): Observation {
  const { failure, isWarmingUp } = callFailure(raw);
  if (isWarmingUp) memory.warmedUp = true;
  return {
    ...place,
    syncing: false,
    // One that is too busy runs.
    reachable: isWarmingUp || failure.kind === "overloaded",
    tip: null,
    blocks: [],
    tips: [],
    mempool: null,
    version: OBSERVATION_VERSION,
    failure,
    ...(isWarmingUp && { warming_up: true }),
  };
}

function wholePoll(poll: RawPoll, memory: RawMemory, place: Place): Observation {
  const [rawInfo, best, rawHeader] = poll.answers as [RawLine, RawLine, RawLine, ...RawLine[]];
  const info = infoOf(rawInfo);
  const { header: tip } = headerOf(rawHeader);
  if (tip.hash !== resultOf(best, hash256Schema)) {
    throw new RecordingError("invalid_record", rawHeader.line, "not the header of the best block");
  }
  const tips = answerOf(poll, "getchaintips");
  const mempool = answerOf(poll, "getmempoolinfo");
  const isTorn = info.bestblockhash !== undefined && info.bestblockhash !== tip.hash;
  const { chainwork, ...fields } = chainFieldsOf(info);
  const shown = {
    tip,
    tips: tips === undefined ? [] : tipsOf(tips),
    warnings: fields.warnings,
  };
  return {
    ...place,
    syncing: info.initialblockdownload,
    reachable: true,
    tip,
    tips: shown.tips,
    mempool: mempool === undefined ? null : mempoolOf(mempool),
    version: OBSERVATION_VERSION,
    ...fields,
    // Of another tip where the answers are not of one moment.
    ...(chainwork !== undefined && !isTorn && { chainwork }),
    ...(isTorn && { torn: true }),
    ...(isRestarted(memory, poll) && { restarted: true }),
    ...othersOf(poll, memory, shown, info.chain),
  };
}

const answerOf = ({ answers }: RawPoll, method: string): RawLine | undefined =>
  answers.find((raw) => raw.method === method && !isFailed(raw));

/** An observation in parts of at most `MAX_BLOCKS` new blocks; all but the last are marked as followed by more. */
function* partsOf(observation: Observation): Generator<Observation> {
  const { blocks, node_id, at_ms, syncing, reachable, version } = observation;
  let from = 0;
  for (; blocks.length - from > MAX_BLOCKS; from += MAX_BLOCKS) {
    const part = blocks.slice(from, from + MAX_BLOCKS);
    const known = { node_id, at_ms, syncing, reachable, tips: [], mempool: null, more: true };
    const tip = part.at(-1) ?? null;
    yield { ...known, tip, blocks: part, ...(version !== undefined && { version }) };
  }
  yield from === 0 ? observation : { ...observation, blocks: blocks.slice(from) };
}

function checked(observation: Observation, line: number): Observation {
  // Blocks beyond the bound are shown in parts, which have the same headers.
  const bounded = { ...observation, blocks: observation.blocks.slice(-MAX_BLOCKS) };
  const read = parseObservation(bounded);
  if (read.ok) return observation;
  throw new RecordingError("invalid_record", line, `observation at ${read.path}: ${read.detail}`);
}
