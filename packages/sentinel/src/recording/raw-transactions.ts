/** What a raw recording shows of branches that fell out of the chain, from the blocks whose transactions it has. */
import type { Observation } from "../observation/observation.js";
import {
  type BlockBody,
  followBlock,
  loseBranch,
  type LostTransactions,
  nothingLost,
  takeDropped,
} from "./lost-transactions.js";
import { blockOf, hasTransactions, idsOf } from "./raw-block.js";
import { resultHash, type RawLine } from "./raw-lines.js";

/** Most blocks that are remembered. */
const MAX_BLOCKS_KEPT = 1_024;

type Known = { previous_hash: string; height: number; body: BlockBody | undefined };

/** What is remembered of blocks from one poll to the next. */
export type RawChain = { blocks: Map<string, Known>; lost: LostTransactions };

export const emptyRawChain = (): RawChain => ({ blocks: new Map(), lost: nothingLost() });

type Shown = Readonly<{
  /** Tip of the poll before. */
  last: Observation["tip"] | undefined;
  tip: NonNullable<Observation["tip"]>;
  blocks: Observation["blocks"];
  /** Answers to `getblock`. */
  answers: readonly RawLine[];
}>;

/** Takes the blocks of a poll in, and says what they make of those that fell out. Changes `chain`. */
export function lostFields(
  chain: RawChain,
  { last, tip, blocks, answers }: Shown,
): Pick<Observation, "dropped" | "double_spends"> {
  for (const { hash, previous_hash, height } of [...blocks, tip]) {
    if (!chain.blocks.has(hash)) chain.blocks.set(hash, { previous_hash, height, body: undefined });
  }
  const spending = takeBodies(chain, answers);
  if (last === undefined || last === null) return {};
  const branches = branchesOf(chain, last.hash, tip.hash);
  if (branches === undefined) return {};
  const { lost, fresh, fork_height } = branches;
  if (lost.length > 0) loseBranch(chain.lost, { tip: last, fork_height }, lost);
  const double_spends = fresh.flatMap(({ height, body }) => followBlock(chain.lost, height, body));
  const dropped = takeDropped(chain.lost).filter(({ blocks_read }) => blocks_read > 0);
  forgetOld(chain);
  return {
    ...(dropped.length > 0 && { dropped }),
    ...((spending > 0 || double_spends.length > 0) && { double_spends }),
  };
}

/** Keeps the transactions of blocks, and returns of how many it is known what they spend. */
function takeBodies(chain: RawChain, answers: readonly RawLine[]): number {
  let spending = 0;
  for (const raw of answers) {
    const hash = resultHash(raw);
    const known = hash === undefined ? undefined : chain.blocks.get(hash);
    const isWhole = hasTransactions(raw);
    if (isWhole) spending++;
    // Never ids alone in place of whole transactions.
    if (known === undefined || (!isWhole && known.body !== undefined)) continue;
    known.body = isWhole ? blockOf(raw).body : idsOf(raw);
  }
  return spending;
}

type Branches = Readonly<{
  /** Ascending, above the fork; undefined for a block whose transactions are not known. */
  lost: readonly (BlockBody | undefined)[];
  fresh: readonly Known[];
  fork_height: number;
}>;

/** The blocks between two tips, down one branch and up the other; undefined where the fork is not known. */
function branchesOf({ blocks }: RawChain, from: string, to: string): Branches | undefined {
  const down = ancestorsOf(blocks, from);
  const place = new Map(down.map(({ hash }, i) => [hash, i]));
  const up = ancestorsOf(blocks, to);
  const at = up.findIndex(({ hash }) => place.has(hash));
  const fork = up[at];
  if (fork === undefined) return undefined;
  const lost = down.slice(0, place.get(fork.hash)).reverse();
  return {
    lost: lost.map(({ known }) => known.body),
    fresh: up
      .slice(0, at)
      .reverse()
      .map(({ known }) => known),
    fork_height: fork.known.height,
  };
}

/** A block and those below it, as far as they are known. */
function ancestorsOf(
  blocks: RawChain["blocks"],
  from: string,
): readonly Readonly<{ hash: string; known: Known }>[] {
  const found: { hash: string; known: Known }[] = [];
  for (let hash = from; found.length < MAX_BLOCKS_KEPT;) {
    const known = blocks.get(hash);
    if (known === undefined) break;
    found.push({ hash, known });
    hash = known.previous_hash;
  }
  return found;
}

function forgetOld({ blocks }: RawChain): void {
  for (const hash of blocks.keys()) {
    if (blocks.size <= MAX_BLOCKS_KEPT) return;
    blocks.delete(hash);
  }
}
