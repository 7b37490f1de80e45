/** One poll of a node: what it shows at one moment, as an observation. */
import { hash256Schema } from "@dgb-shield/contract";
import type { NodeRpc, RpcCall } from "@dgb-shield/chain/rpc";
import { z } from "zod";
import {
  type Failure,
  type Observation,
  OBSERVATION_VERSION,
  type Unavailable,
} from "../../observation/observation.js";
import {
  chainFieldsOf,
  infoOf,
  mempoolOf,
  nodeOf,
  peersOf,
  resultOf,
  tipsOf,
} from "../../recording/raw-answers.js";
import { parseObservation } from "../../observation/read-observation.js";
import {
  type Answer,
  callAll,
  contradiction,
  lineOrNone,
  lineOrThrow,
  pollError,
} from "./calls.js";
import {
  type ChainName,
  isRestart,
  pauseAfter,
  type NodeMemory,
  type Place,
  placeOn,
  placesWith,
} from "./memory.js";
import { hashAt, headerAt, type NewBlocks, readNewBlocks } from "./new-blocks.js";
import { pollTransactions } from "./poll-transactions.js";

/** Times that a poll is repeated where the chain changed meanwhile. */
const MAX_READS = 3;

/** RPC error of a node that still loads its chain. */
const WARMING_UP = -28;

/** How a node is read. */
export type PollOptions = Readonly<{
  node_id: string;
  rpc: NodeRpc;
  readsTransactions: boolean;
  outboundTarget: number | undefined;
  tipsEveryMs: number;
  peersEveryMs: number;
}>;

/** The clocks at the moment of a poll. */
export type Moment = Readonly<{ at_ms: number; monotonic_ms: number }>;

/** Reads a node once. Never throws: a failure is an observation. */
export async function pollNode(
  options: PollOptions,
  memory: NodeMemory,
  moment: Moment,
): Promise<Observation> {
  const common = {
    ...{ node_id: options.node_id, ...moment, version: OBSERVATION_VERSION },
    ...{ tips: [], mempool: null, blocks: [] },
  } satisfies Partial<Observation>;
  const { busy } = memory;
  // It is left alone: each further call would keep it busy.
  if (busy !== undefined && moment.monotonic_ms < busy.until_ms) {
    return { ...common, ...overloaded(busy.failure) };
  }
  let torn: unknown;
  for (let reads = 0; reads < MAX_READS; reads++) {
    try {
      const { read, after } = await readOnce(options, memory, moment);
      const observation = readable({ ...common, ...read });
      // Only now: a poll that failed in the middle has shown nothing, and its blocks are read again.
      Object.assign(memory, after, { busy: undefined });
      return observation;
    } catch (error) {
      torn = error;
      if (pollError(error).failure.kind !== "garbage") break;
    }
  }
  const { failure } = pollError(torn);
  if (failure.kind === "overloaded") {
    memory.busy = pauseAfter(busy, failure, moment.monotonic_ms);
    return { ...common, ...overloaded(failure) };
  }
  memory.busy = undefined;
  memory.wasDown = true;
  memory.genesisHash = null;
  memory.blockForm = undefined;
  const isWarmingUp = failure.kind === "rpc" && failure.code === WARMING_UP;
  return {
    ...common,
    ...{ syncing: false, reachable: isWarmingUp, tip: null, failure },
    ...(isWarmingUp && { warming_up: true }),
  };
}

/** What is observed of a node that is too busy to answer: it runs, and shows nothing. */
const overloaded = (failure: Failure) =>
  ({ syncing: false, reachable: true, tip: null, failure }) satisfies Partial<Observation>;

/** An observation that Sentinel can read: what lies beyond its bounds is no answer of a node. */
function readable(observation: Observation): Observation {
  const read = parseObservation(observation);
  if (read.ok) return observation;
  throw contradiction(`the observation is invalid at ${read.path}: ${read.detail}`);
}

type Common = "node_id" | "at_ms" | "monotonic_ms" | "version";
type Extras = Partial<Omit<Observation, Common>>;
type Read = Omit<Observation, Common | "tips" | "mempool"> & Extras;

/** @throws PollError, RecordingError */
async function readOnce(
  options: PollOptions,
  memory: NodeMemory,
  moment: Moment,
): Promise<Readonly<{ read: Read; after: Partial<NodeMemory> }>> {
  const { rpc } = options;
  const software = memory.node?.software;
  const plan = planOf(options, memory, moment);
  const answers = await callAll(
    rpc,
    plan.map(({ call }) => call),
  );
  const of = (what: Planned["what"]): Answer | undefined =>
    answers[plan.findIndex((one) => one.what === what)];
  const info = infoOf(lineOrThrow(answers[0] as Answer));
  const best = resultOf(lineOrThrow(answers.at(-1) as Answer), hash256Schema);
  if (info.blocks === undefined || info.bestblockhash === undefined) {
    throw contradiction("the node states no tip");
  }
  if (info.bestblockhash !== best) throw contradiction("the chain changed meanwhile");
  const genesis = lineOrNone(of("genesis"));
  const chain = {
    network: info.chain,
    genesisHash: genesis === undefined ? memory.genesisHash : resultOf(genesis, hash256Schema),
  };
  const { name, all } = await newBlocksOf(rpc, memory, {
    ...{ best, chain, height: info.blocks },
    isFresh: genesis !== undefined,
  });
  const unavailable = [...missing(plan, answers), ...forgotten(all)];
  const polled = options.readsTransactions
    ? await pollTransactions(rpc, all, memory, unavailable)
    : { fresh: all, fields: {}, after: {} };
  const { fresh } = polled;
  const extras = await extrasOf(options, { of, fresh, memory, moment, unavailable });
  const { chainwork, ...fields }: Extras = chainFieldsOf(info);
  const read: Read = {
    ...{ syncing: info.initialblockdownload, reachable: true },
    ...{ tip: fresh.tip, blocks: [...fresh.blocks] },
    ...fields,
    ...chainOf(name),
    ...(chainwork !== undefined && !fresh.more && { chainwork }),
    ...(fresh.more && { more: true }),
    ...(fresh.lastTip !== undefined && { last_tip: fresh.lastTip }),
    ...extras,
    ...polled.fields,
    ...(unavailable.length > 0 && { unavailable }),
  };
  const shown = fresh.more ? undefined : chainwork;
  checkWork(placeOn(memory, name).chainwork, shown, fresh);
  const last = { hash: fresh.tip.hash, height: fresh.tip.height };
  const after = {
    genesisHash: name.genesisHash,
    places: placesWith(memory, name, { last, tip: fresh.tip, chainwork: shown }),
    wasDown: false,
    ...polled.after,
    // Another version can give blocks in another form.
    ...(software !== memory.node?.software && { blockForm: undefined }),
  };
  return { read, after };
}

type Planned = Readonly<{
  what: "info" | "best" | "mempool" | "uptime" | "node" | "peers" | "genesis";
  call: RpcCall;
}>;

/** At most five calls where nothing is due: the rarer ones take the place of `uptime`, but after a start and an outage. */
function planOf(
  { peersEveryMs }: PollOptions,
  memory: NodeMemory,
  { monotonic_ms }: Moment,
): Planned[] {
  const isDue = (atMs: number, everyMs: number): boolean => monotonic_ms - atMs >= everyMs;
  const middle: Planned[] = [];
  if (memory.genesisHash === null) {
    middle.push({ what: "genesis", call: { method: "getblockhash", params: [0] } });
  }
  if (isDue(memory.nodeAtMs, peersEveryMs)) {
    middle.push({ what: "node", call: { method: "getnetworkinfo" } });
  } else if (isDue(memory.peersAtMs, peersEveryMs)) {
    middle.push({ what: "peers", call: { method: "getpeerinfo" } });
  }
  const isFree = middle.every(({ what }) => what === "genesis");
  if (isFree || memory.wasDown || memory.uptime === undefined) {
    middle.push({ what: "uptime", call: { method: "uptime" } });
  }
  return [
    { what: "info", call: { method: "getblockchaininfo" } },
    { what: "mempool", call: { method: "getmempoolinfo" } },
    ...middle,
    { what: "best", call: { method: "getbestblockhash" } },
  ];
}

type Best = Readonly<{
  best: string;
  height: number;
  chain: ChainName;
  /** Whether its first block was read in this poll. */
  isFresh: boolean;
}>;

/**
 * New blocks since the last tip, and the chain that they are of. A node that does not know that tip may be another
 * one behind the same address: its first block is read before anything is taken from it.
 */
async function newBlocksOf(
  rpc: NodeRpc,
  memory: NodeMemory,
  { best, height, chain, isFresh }: Best,
): Promise<Readonly<{ name: ChainName; all: NewBlocks }>> {
  const all = await newBlocksAt(rpc, placeOn(memory, chain), best, height);
  if (isFresh || all.lastTip?.status !== "unknown") return { name: chain, all };
  const name = { ...chain, genesisHash: await hashAt(rpc, 0) };
  if (name.genesisHash === chain.genesisHash) return { name, all };
  return { name, all: await newBlocksAt(rpc, placeOn(memory, name), best, height) };
}

async function newBlocksAt(
  rpc: NodeRpc,
  { last, tip }: Place,
  best: string,
  height: number,
): Promise<NewBlocks> {
  const isSame = last?.hash === best;
  const all = isSame
    ? {
        ...{ tip: tip ?? (await headerAt(rpc, best)), blocks: [], isHistory: false },
        ...{ more: false, lastTip: undefined, lost: [] },
      }
    : await readNewBlocks(rpc, last, best);
  const isAsStated = all.more ? all.tip.height < height : all.tip.height === height;
  if (!isAsStated) throw contradiction("the tip has another height than the node states");
  return all;
}

/** A block has more work than the one that it stands on. */
function checkWork(before: string | undefined, after: string | undefined, fresh: NewBlocks): void {
  if (before === undefined || after === undefined || fresh.lastTip?.status !== "active") return;
  if (after <= before) throw contradiction("a longer chain with less work");
}

const KINDS: Partial<Record<Planned["what"], Unavailable["what"]>> = {
  mempool: "mempool",
  peers: "peers",
};

/** Calls that failed though the node answers others: their evidence is missing. */
function missing(plan: readonly Planned[], answers: readonly Answer[]): Unavailable[] {
  return plan.flatMap(({ what }, i): Unavailable[] => {
    const kind = KINDS[what];
    if (kind === undefined || answers[i]?.ok === true) return [];
    return [{ what: kind, reason: "failed", height: null }];
  });
}

/** A node that does not know its last tip any more: what became of it cannot be shown. */
const forgotten = ({ lastTip }: NewBlocks): Unavailable[] =>
  lastTip?.status === "unknown"
    ? [{ what: "block", reason: "failed", height: lastTip.height }]
    : [];

type Shown = Readonly<{
  of: (what: Planned["what"]) => Answer | undefined;
  fresh: NewBlocks;
  memory: NodeMemory;
  moment: Moment;
  unavailable: Unavailable[];
}>;

const uptimeSchema = z.int().min(0);

async function extrasOf(options: PollOptions, shown: Shown): Promise<Extras> {
  const { of, memory, moment } = shown;
  const [mempool, peers, node] = [
    lineOrNone(of("mempool")),
    lineOrNone(of("peers")),
    lineOrNone(of("node")),
  ];
  const tips = await tipsWhereDue(options, shown);
  if (peers !== undefined) memory.peersAtMs = moment.monotonic_ms;
  if (node !== undefined) {
    memory.nodeAtMs = moment.monotonic_ms;
    const { outboundTarget } = options;
    memory.node = {
      ...nodeOf(node).node,
      ...(outboundTarget !== undefined && { outbound_target: outboundTarget }),
    };
  }
  return {
    ...(mempool !== undefined && { mempool: mempoolOf(mempool) }),
    ...(peers !== undefined && { peers: peersOf(peers) }),
    ...(tips !== undefined && { tips }),
    ...(memory.node !== undefined && { node: memory.node }),
    ...(isRestarted(lineOrNone(of("uptime")), memory, moment) && { restarted: true }),
  };
}

/**
 * The list of chain tips, at times and where a branch fell out. It is a request of its own: a node can take longer
 * for it than for all the rest, and must not be taken for silent then. A failed one waits for its next time, too.
 * While a tip as high as the active one is called invalid it is wanted more often: that can be over soon.
 */
async function tipsWhereDue(
  { rpc, tipsEveryMs, peersEveryMs }: PollOptions,
  { fresh, memory, moment, unavailable }: Shown,
) {
  const everyMs = memory.hasInvalid ? Math.min(peersEveryMs, tipsEveryMs) : tipsEveryMs;
  const isDue = moment.monotonic_ms - memory.tipsAtMs >= everyMs;
  if (!isDue && fresh.lastTip?.status !== "lost") return undefined;
  memory.tipsAtMs = moment.monotonic_ms;
  const [answer] = await callAll(rpc, [{ method: "getchaintips" }]);
  const line = lineOrNone(answer);
  if (line === undefined) {
    unavailable.push({ what: "tips", reason: "failed", height: null });
    return undefined;
  }
  const tips = tipsOf(line);
  memory.hasInvalid = tips.some(
    ({ status, height }) => status === "invalid" && height >= fresh.tip.height,
  );
  return tips;
}

/** Whether the node was started since the last poll. */
function isRestarted(
  line: Parameters<typeof resultOf>[0] | undefined,
  memory: NodeMemory,
  { monotonic_ms }: Moment,
): boolean {
  if (line === undefined) return false;
  const { uptime: before } = memory;
  const now = { seconds: resultOf(line, uptimeSchema), at_ms: monotonic_ms };
  memory.uptime = now;
  return isRestart(before, now, memory.wasDown);
}

function chainOf({ network, genesisHash }: ChainName): Pick<Observation, "chain"> {
  return {
    chain: {
      ...(network !== undefined && { network }),
      ...(genesisHash !== null && { genesis_hash: genesisHash }),
    },
  };
}
