/** Reads the blocks of the active chain between the last tip that was shown and the present one. */
import { hash256Schema } from "@dgb-shield/contract";
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import type { BlockHeader, Observation } from "../../observation/observation.js";
import { headerOf, resultOf } from "../../recording/raw-answers.js";
import type { Link } from "../../detectors/reorg/fork.js";
import { callAll, contradiction, lineOrThrow, need } from "./calls.js";

/** Most blocks of one observation: what is left follows in the next one. */
const CHUNK_BLOCKS = 1_000;

/** Blocks below the tip that are read at the start: nodes that parted in the last hours are found then, too. */
const HISTORY_BLOCKS = 1_000;

/** Most blocks that a losing branch is followed back. */
const MAX_BRANCH = 5_000;

/** RPC error of `getblockheader`: the node has no such block. */
const NOT_FOUND = -5;

/** New blocks, and where the last tip is. */
export type NewBlocks = Readonly<{
  tip: BlockHeader;
  blocks: readonly BlockHeader[];
  /** Whether they were there before the first poll: their transactions are not read. */
  isHistory: boolean;
  /** Whether blocks up to the node's tip are left out. */
  more: boolean;
  lastTip: Observation["last_tip"];
  /** Where the last tip fell out: the hashes of its branch above the fork, ascending. */
  lost: readonly string[];
}>;

/**
 * Reads the new blocks, at most `CHUNK_BLOCKS` of them, and checks that they stand on one another and on the last tip.
 *
 * @param last the tip that was shown last; undefined for none, where the tip alone is new
 * @param bestHash the node's tip
 * @throws PollError where a call failed, or where the chain changed meanwhile
 */
export async function readNewBlocks(
  rpc: NodeRpc,
  last: Link | undefined,
  bestHash: string,
): Promise<NewBlocks> {
  const best = await headerAt(rpc, bestHash);
  if (last === undefined)
    return { ...whole(await historyOf(rpc, best), best, undefined), isHistory: true };
  if (best.previous_hash === last.hash) {
    if (best.height !== last.height + 1) throw otherHeight();
    return whole([best], best, activeAt(last));
  }
  const { lastTip, lost } = await findLast(rpc, last);
  const on = lastTip.status === "active" ? last.height : lastTip.fork_height;
  if (on === null) {
    const blocks = await historyOf(rpc, best);
    if (blocks.some((block) => block.hash === last.hash)) {
      throw contradiction("the last tip is in the chain that it is said to be off");
    }
    return { ...whole(blocks, best, lastTip), isHistory: true };
  }
  const below = lastTip.status === "active" ? last.hash : await hashAt(rpc, on);
  // Blocks were taken back, as \`invalidateblock\` does it, and none is there instead.
  if (lastTip.status === "lost" && below === best.hash) {
    return { ...whole([], best, lastTip), lost };
  }
  const until = Math.min(best.height, on + CHUNK_BLOCKS);
  if (until <= on) throw contradiction("the tip lies below the block that it stands on");
  const blocks = await readHeaders(rpc, on + 1, until);
  if (blocks[0]?.previous_hash !== below) throw contradiction("the chain changed meanwhile");
  const tip = blocks.at(-1) ?? best;
  const more = until < best.height;
  if (!more && tip.hash !== best.hash) throw contradiction("the chain changed meanwhile");
  return { tip, blocks, isHistory: false, more, lastTip, lost };
}

/** The last blocks up to the tip, ascending. */
async function historyOf(rpc: NodeRpc, best: BlockHeader): Promise<BlockHeader[]> {
  const blocks = await readHeaders(rpc, Math.max(0, best.height - HISTORY_BLOCKS + 1), best.height);
  if (blocks.at(-1)?.hash !== best.hash) throw contradiction("the chain changed meanwhile");
  return blocks;
}

const whole = (
  blocks: readonly BlockHeader[],
  tip: BlockHeader,
  lastTip: NewBlocks["lastTip"],
): NewBlocks => ({ tip, blocks, isHistory: false, more: false, lastTip, lost: [] });

type LastTip = NonNullable<Observation["last_tip"]>;

const activeAt = ({ hash, height }: Link): LastTip => ({
  hash,
  height,
  status: "active",
  fork_height: height,
});

/** Reads one header, which must be the one that was requested. */
export async function headerAt(rpc: NodeRpc, hash: string): Promise<BlockHeader> {
  const [line] = await need(rpc, [{ method: "getblockheader", params: [hash] }]);
  if (line === undefined) throw contradiction("no header");
  const { header } = headerOf(line);
  if (header.hash !== hash) throw contradiction("the header of another block");
  return header;
}

/** Reads the hash of the active chain's block at a height. */
export async function hashAt(rpc: NodeRpc, height: number): Promise<string> {
  const [line] = await need(rpc, [{ method: "getblockhash", params: [height] }]);
  if (line === undefined) throw contradiction("no hash");
  return resultOf(line, hash256Schema);
}

const otherHeight = (): Error => contradiction("a block has another height than before");

/** Where the last tip is: in the active chain, or off it, and then where its branch parts. */
async function findLast(
  rpc: NodeRpc,
  last: Link,
): Promise<Readonly<{ lastTip: LastTip; lost: readonly string[] }>> {
  const { hash, height } = last;
  const branch: string[] = [];
  let at = hash;
  for (let steps = 0; steps <= MAX_BRANCH; steps++) {
    const [answer] = await callAll(rpc, [{ method: "getblockheader", params: [at] }]);
    if (answer === undefined) break;
    if (!answer.ok && answer.failure.kind === "rpc" && answer.failure.code === NOT_FOUND) break;
    const { header, confirmations = 0 } = headerOf(lineOrThrow(answer));
    if (header.hash !== at) throw contradiction("the header of another block");
    if (header.height !== height - steps) throw otherHeight();
    if (confirmations > 0) {
      const lostAt = { hash, height, status: "lost", fork_height: header.height } as const;
      return { lastTip: steps === 0 ? activeAt(last) : lostAt, lost: branch.reverse() };
    }
    branch.push(at);
    at = header.previous_hash;
  }
  const status = at === hash ? "unknown" : "lost";
  return { lastTip: { hash, height, status, fork_height: null }, lost: [] };
}

/** Reads the headers of two heights and all between, in two requests, each on the one below it. */
async function readHeaders(rpc: NodeRpc, from: number, to: number): Promise<BlockHeader[]> {
  const heights = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const hashes = (
    await need(
      rpc,
      heights.map((height) => ({ method: "getblockhash", params: [height] })),
    )
  ).map((line) => resultOf(line, hash256Schema));
  const lines = await need(
    rpc,
    hashes.map((hash) => ({ method: "getblockheader", params: [hash] })),
  );
  const headers = lines.map((line) => headerOf(line).header);
  headers.forEach(({ hash, height, previous_hash }, i) => {
    const isRight = hash === hashes[i] && height === heights[i];
    if (!isRight) throw contradiction("the header of another block");
    if (i > 0 && previous_hash !== hashes[i - 1])
      throw contradiction("the chain changed meanwhile");
  });
  return headers;
}
