/** What the further answers of one moment add to a poll of a raw recording. */
import { hash256Schema } from "@dgb-shield/contract";
import { z } from "zod";
import type {
  BlockHeader,
  ChainTip,
  Observation,
  Unavailable,
} from "../observation/observation.js";
import { headerOf, nodeOf, peersOf, resultOf } from "./raw-answers.js";
import { blockOf, hasTransactions } from "./raw-block.js";
import { callFailure } from "./raw-failure.js";
import { isFailed, type RawLine, type RawPoll } from "./raw-lines.js";
import { emptyRawChain, lostFields, type RawChain } from "./raw-transactions.js";

/** Blocks that the reader keeps, so that none is shown twice: more than any reorganisation is deep. */
const MAX_KNOWN = 4_096;

/** What a call of the poll stands for, where it fails. */
const WHAT: ReadonlyMap<string, Unavailable["what"]> = new Map([
  ["getblock", "block"],
  ["getchaintips", "tips"],
  ["getmempoolinfo", "mempool"],
  ["getpeerinfo", "peers"],
]);

/** How late `uptime` may be against the time of its line. */
const UPTIME_TOLERANCE_S = 5;

/** State that the reader keeps from one poll to the next. */
export type RawMemory = {
  /** The last observation that shows a tip. */
  last: Observation | undefined;
  genesisHash: string | undefined;
  uptime: Readonly<{ uptime_s: number; time_s: number }> | undefined;
  /** Whether the node loaded its chain since then: it was started. */
  warmedUp: boolean;
  /** Heights of the blocks that were shown. */
  known: Map<string, number>;
  /** The last blocks, with what is known of their transactions. */
  chain: RawChain;
};

export const emptyMemory = (): RawMemory => ({
  last: undefined,
  genesisHash: undefined,
  uptime: undefined,
  warmedUp: false,
  known: new Map(),
  chain: emptyRawChain(),
});

/** Keeps what the next poll is compared with. */
export function remember(memory: RawMemory, observation: Observation): void {
  memory.last = observation;
  memory.warmedUp = false;
  for (const { hash, height } of observation.blocks) memory.known.set(hash, height);
  for (const hash of memory.known.keys()) {
    if (memory.known.size <= MAX_KNOWN) return;
    memory.known.delete(hash);
  }
}

const uptimeSchema = z.int();

/** Whether the node was started since the last poll that showed a tip. */
export function isRestarted(memory: RawMemory, { others }: RawPoll): boolean {
  const raw = others.find((one) => one.method === "uptime" && !isFailed(one));
  const before = memory.uptime;
  if (raw === undefined) return memory.warmedUp;
  const now = { uptime_s: resultOf(raw, uptimeSchema), time_s: raw.time };
  memory.uptime = now;
  if (before === undefined) return memory.warmedUp;
  const passed = now.time_s - before.time_s - UPTIME_TOLERANCE_S;
  const isYounger = now.uptime_s >= 0 && now.uptime_s < passed;
  return memory.warmedUp || now.uptime_s < before.uptime_s || isYounger;
}

/** What the poll itself shows. */
type PolledTip = Readonly<{ tip: BlockHeader; tips: ChainTip[]; warnings: string[] | undefined }>;

type Others = Pick<Observation, "blocks"> & Partial<Observation>;

/**
 * Reads the further answers of a poll.
 *
 * @param network `chain` of `getblockchaininfo`
 * @throws RecordingError `invalid_record`
 */
export function othersOf(
  poll: RawPoll,
  memory: RawMemory,
  observation: PolledTip,
  network: string | undefined,
): Others {
  const answered = poll.others.filter((raw) => !isFailed(raw));
  const of = (method: string): RawLine[] => answered.filter((raw) => raw.method === method);
  const genesis = of("getblockhash").find(({ params }) => params?.[0] === 0);
  if (genesis !== undefined) memory.genesisHash = resultOf(genesis, hash256Schema);
  const { genesisHash } = memory;
  const chain = {
    ...(network !== undefined && { network }),
    ...(genesisHash !== undefined && { genesis_hash: genesisHash }),
  };
  const blocks = newBlocks(observation, memory, of("getblockheader"));
  const peers = of("getpeerinfo").at(-1);
  const bodies = [...poll.answers, ...poll.others].filter(isBlock);
  const shown = { last: memory.last?.tip, tip: observation.tip, blocks, answers: bodies };
  return {
    blocks,
    ...(Object.keys(chain).length > 0 && { chain }),
    ...(peers !== undefined && { peers: peersOf(peers) }),
    ...nodeFields(of("getnetworkinfo").at(-1), observation),
    ...blockFields(answered.filter(hasTransactions)),
    ...lostFields(memory.chain, shown),
    ...lastTipField(poll, memory, observation, blocks),
    ...failureFields(poll, observation.tip),
  };
}

const isBlock = (raw: RawLine): boolean => raw.method === "getblock" && !isFailed(raw);

/** The blocks between the last known one and the tip, by the headers that were requested. */
function newBlocks(
  { tip }: PolledTip,
  { last, known }: RawMemory,
  answers: readonly RawLine[],
): BlockHeader[] {
  if (tip.hash === last?.tip?.hash) return [];
  const byHash = new Map(answers.map((raw) => headerOf(raw).header).map((one) => [one.hash, one]));
  const newest: BlockHeader[] = [tip];
  for (let below = tip; ;) {
    const next = byHash.get(below.previous_hash);
    if (next === undefined || known.has(next.hash) || next.height !== below.height - 1) break;
    newest.push(next);
    below = next;
  }
  return newest.reverse();
}

function nodeFields(raw: RawLine | undefined, { warnings }: PolledTip): Partial<Observation> {
  if (raw === undefined) return {};
  const { node, warnings: further } = nodeOf(raw);
  if (further === undefined) return { node };
  return { node, warnings: [...new Set([...(warnings ?? []), ...further])] };
}

function blockFields(answers: readonly RawLine[]): Partial<Observation> {
  const read = answers.map(blockOf);
  const details = read.flatMap(({ detail }) => detail ?? []);
  const signatures = read.flatMap((one) => one.signatures);
  return {
    ...(details.length > 0 && { details }),
    ...(signatures.length > 0 && { signatures }),
  };
}

/** Where the tip that was shown before is now, where its header was requested. */
function lastTipField(
  { others }: RawPoll,
  { last, known }: RawMemory,
  { tips }: PolledTip,
  blocks: readonly BlockHeader[],
): Partial<Observation> {
  const tip = last?.tip;
  if (tip === undefined || tip === null) return {};
  const { hash, height } = tip;
  const raw = others.find((one) => one.method === "getblockheader" && one.params?.[0] === hash);
  if (raw === undefined) return {};
  if (isFailed(raw)) {
    if (!callFailure(raw).isNotFound) return {};
    return { last_tip: { hash, height, status: "unknown", fork_height: null } };
  }
  const { confirmations } = headerOf(raw);
  if (confirmations === undefined) return {};
  if (confirmations >= 0) {
    return { last_tip: { hash, height, status: "active", fork_height: height } };
  }
  const branch = tips.find((one) => one.hash === hash);
  const fork = branch === undefined ? known.get(blocks[0]?.previous_hash ?? "") : undefined;
  const fork_height = branch === undefined ? fork : height - branch.branchlen;
  return {
    last_tip: { hash, height, status: "lost", fork_height: fork_height ?? null },
  };
}

/** What is missing because a call failed. */
function failureFields({ answers, others }: RawPoll, tip: BlockHeader): Partial<Observation> {
  const failed = [...answers, ...others].filter(isFailed);
  const first = answers.find(isFailed);
  const unavailable = failed.flatMap((raw): Unavailable[] => {
    const what = WHAT.get(raw.method ?? "");
    if (what === undefined) return [];
    const reason = callFailure(raw).isPruned ? "pruned" : "failed";
    return [{ what, reason, height: what === "block" ? tip.height : null }];
  });
  return {
    ...(unavailable.length > 0 && { unavailable }),
    ...(first !== undefined && { failure: callFailure(first).failure }),
  };
}
