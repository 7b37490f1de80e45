/** A live node's headers of the past, as observations at the headers' own times. */
import { createNodeRpc, type NodeRpc, type NodeRpcOptions } from "@dgb-shield/chain/rpc";
import { hash256Schema } from "@dgb-shield/contract";
import { z } from "zod";
import {
  type BlockHeader,
  type Observation,
  OBSERVATION_VERSION,
  type Unavailable,
  type WatchedObservation,
} from "../../observation/observation.js";
import { observationAt, pollsBetween } from "../../recording/headers.js";
import type { LabelledObservation } from "../../recording/labelled.js";
import { nothingLost } from "../../recording/lost-transactions.js";
import { headerOf, infoOf, resultOf } from "../../recording/raw-answers.js";
import { type BlockForm, readTransactions } from "./block-transactions.js";
import { contradiction, need } from "./calls.js";

/** Headers of one request. */
const CHUNK_BLOCKS = 500;

/** Above the hour in which a poll each minute is assumed. */
const LONG_GAP_MS = 3_660_000;

const LABEL = "history";

/** What is read of a node's past. */
export type HistoryOptions = Readonly<{
  node_id: string;
  /** The node's RPC address and credentials. */
  node: NodeRpcOptions;
  /** How far back, in seconds before the header of its tip; above 0. */
  seconds: number;
  /** Whether the blocks are read as well, by one call each; default false. */
  transactions?: boolean;
  /** Ends what is under way: it rejects, and the connection is closed. */
  signal?: AbortSignal;
}>;

/** The past of a node. */
export type NodeHistory = Readonly<{
  from_height: number;
  to_height: number;
  /** Times of those two headers, in milliseconds since 1970. */
  from_ms: number;
  to_ms: number;
  /**
   * The observations, some hundred blocks at a time.
   *
   * @throws Error where a call fails, or where the chain changes meanwhile
   */
  chunks(): AsyncGenerator<readonly LabelledObservation[]>;
  close(): Promise<void>;
}>;

/**
 * Opens the past of a node: each block as if it had been seen at its header's time, with chainwork, and a poll each
 * minute while the next one is not there. When blocks truly came, what the mempool and the peers were, and branches
 * that lost are not in it.
 *
 * @throws RangeError where an option is invalid; Error where the node does not answer
 * @example
 * const history = await openHistory({ node_id: "a", node: { url }, seconds: 30 * 86_400 });
 * for await (const some of history.chunks()) for (const one of some) running.take(one);
 */
export async function openHistory(options: HistoryOptions): Promise<NodeHistory> {
  const { node, seconds } = options;
  if (!(seconds > 0)) throw new RangeError("seconds: a number above 0");
  const rpc = createNodeRpc(node);
  const { signal } = options;
  if (signal?.aborted === true) await rpc.close();
  // What is under way fails at once, here and in the chunks.
  signal?.addEventListener("abort", () => void rpc.close(), { once: true });
  try {
    const [info, genesis] = await need(rpc, [
      { method: "getblockchaininfo" },
      { method: "getblockhash", params: [0] },
    ]);
    if (info === undefined || genesis === undefined) throw contradiction("no answer");
    const { blocks: to_height = 0, chain: network } = infoOf(info);
    const chain = { genesis_hash: resultOf(genesis, hash256Schema), ...(network && { network }) };
    const tip = (await headersAt(rpc, to_height, to_height))[0]?.header;
    const since_s = (tip?.time_s ?? 0) - seconds;
    const from_height = await firstSince(rpc, since_s, to_height);
    const first = (await headersAt(rpc, from_height, from_height))[0]?.header;
    return Object.freeze({
      ...{ from_height, to_height },
      from_ms: (first?.time_s ?? 0) * 1_000,
      to_ms: (tip?.time_s ?? 0) * 1_000,
      chunks: () => readChunks(rpc, options, { from_height, to_height, chain }),
      close: () => rpc.close(),
    });
  } catch (error) {
    await rpc.close();
    throw error;
  }
}

/** The lowest block that is not older: headers' times rise but for minutes. */
async function firstSince(rpc: NodeRpc, sinceS: number, tipHeight: number): Promise<number> {
  let [low, high] = [0, tipHeight];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [found] = await headersAt(rpc, middle, middle);
    if (found !== undefined && found.header.time_s >= sinceS) high = middle;
    else low = middle + 1;
  }
  return low;
}

type Known = Readonly<{ header: BlockHeader; chainwork: string | undefined }>;

const workSchema = z.object({ chainwork: hash256Schema.optional() });

async function headersAt(rpc: NodeRpc, from: number, to: number): Promise<Known[]> {
  const heights = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const hashes = await need(
    rpc,
    heights.map((height) => ({ method: "getblockhash", params: [height] })),
  );
  const lines = await need(
    rpc,
    hashes.map((line) => ({
      method: "getblockheader",
      params: [resultOf(line, hash256Schema)],
    })),
  );
  return lines.map((line, i) => {
    const { header } = headerOf(line);
    if (header.height !== heights[i]) throw contradiction("the header of another block");
    return { header, chainwork: resultOf(line, workSchema).chainwork };
  });
}

type Range = Readonly<{
  from_height: number;
  to_height: number;
  chain: NonNullable<Observation["chain"]>;
}>;

async function* readChunks(
  rpc: NodeRpc,
  { node_id, transactions = false }: HistoryOptions,
  { from_height, to_height, chain }: Range,
): AsyncGenerator<readonly LabelledObservation[]> {
  const memory: { form: BlockForm } = { form: undefined };
  let last: WatchedObservation | undefined;
  for (let from = from_height; from <= to_height; from += CHUNK_BLOCKS) {
    const known = await headersAt(rpc, from, Math.min(to_height, from + CHUNK_BLOCKS - 1));
    const some: LabelledObservation[] = [];
    for (const { header, chainwork } of known) {
      if (last !== undefined && header.previous_hash !== last.tip.hash) {
        throw contradiction("the chain changed meanwhile");
      }
      const at_ms = Math.max(last?.at_ms ?? 0, header.time_s * 1_000);
      if (last !== undefined) some.push(...pollsBetween(last, at_ms), ...lastPoll(last, at_ms));
      last = {
        ...observationAt(node_id, at_ms, [header]),
        ...{ version: OBSERVATION_VERSION, chain },
        ...(chainwork !== undefined && { chainwork }),
      };
      const read = transactions ? await transactionsOf(rpc, header, memory) : {};
      some.push({ label: LABEL, observation: { ...last, ...read } });
    }
    yield some;
  }
}

/** Polls end after an hour: the last one before the next block shows how long the whole gap was. */
function lastPoll(last: WatchedObservation, untilMs: number): LabelledObservation[] {
  if (untilMs - last.at_ms <= LONG_GAP_MS) return [];
  return [{ label: LABEL, observation: { ...last, at_ms: untilMs - 1_000, blocks: [] } }];
}

/** Which form of blocks the node gives is found once. */
async function transactionsOf(
  rpc: NodeRpc,
  header: BlockHeader,
  memory: { form: BlockForm },
): Promise<Partial<Observation>> {
  const unavailable: Unavailable[] = [];
  const reading = { rpc, form: memory.form, lost: nothingLost(), unavailable };
  const { fields, form } = await readTransactions(reading, [header]);
  memory.form = form;
  return { ...fields, ...(unavailable.length > 0 && { unavailable }) };
}
