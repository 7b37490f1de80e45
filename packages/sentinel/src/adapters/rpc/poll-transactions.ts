/** What a poll reads of transactions: those of new blocks, and of a branch that fell out of the chain. */
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import type { Observation, Unavailable } from "../../observation/observation.js";
import {
  copyOfLost,
  FOLLOWED_BLOCKS,
  loseBranch,
  type LostTransactions,
  takeDropped,
} from "../../recording/lost-transactions.js";
import {
  addMissing,
  type BlockForm,
  readLostBlocks,
  readTransactions,
  type TransactionFields,
} from "./block-transactions.js";
import type { NewBlocks } from "./new-blocks.js";

/** What is remembered of transactions between two polls. */
export type TransactionMemory = Readonly<{ blockForm: BlockForm; lost: LostTransactions }>;

/** What was read, and what to remember. */
export type PolledTransactions = Readonly<{
  /** The new blocks whose transactions one observation can hold. */
  fresh: NewBlocks;
  fields: TransactionFields & Pick<Observation, "dropped">;
  after: TransactionMemory;
}>;

/** Reads the transactions of a poll; what is missing is added to `unavailable`. */
export async function pollTransactions(
  rpc: NodeRpc,
  all: NewBlocks,
  memory: TransactionMemory,
  unavailable: Unavailable[],
): Promise<PolledTransactions> {
  const lost = copyOfLost(memory.lost);
  await takeLostBranch(rpc, all, lost, unavailable);
  const wanted = all.isHistory ? [] : all.blocks;
  const reading = { rpc, form: memory.blockForm, lost, unavailable };
  const { blocks: read, fields, form } = await readTransactions(reading, wanted);
  if (form === "transactions") addMissing(unavailable, "prevouts", "unsupported", null);
  const fresh = read < wanted.length ? upTo(all, read) : all;
  const dropped = fresh.more ? [] : takeDropped(lost);
  return {
    fresh,
    fields: { ...fields, ...(dropped.length > 0 && { dropped }) },
    after: { blockForm: form, lost },
  };
}

function upTo(all: NewBlocks, read: number): NewBlocks {
  const blocks = all.blocks.slice(0, read);
  return { ...all, blocks, tip: blocks.at(-1) ?? all.tip, more: true };
}

/** Reads the branch that fell out, from the fork on: those are the blocks with the most confirmations. */
async function takeLostBranch(
  rpc: NodeRpc,
  { lastTip, lost: hashes, isHistory }: NewBlocks,
  lost: LostTransactions,
  unavailable: Unavailable[],
): Promise<void> {
  if (lastTip?.status !== "lost") return;
  const { hash, height, fork_height } = lastTip;
  if (fork_height === null || isHistory) {
    addMissing(unavailable, "branch", "too_deep", null);
    return;
  }
  const read = hashes.slice(0, FOLLOWED_BLOCKS);
  if (read.length < hashes.length) addMissing(unavailable, "branch", "too_deep", null);
  const bodies = await readLostBlocks(rpc, read, unavailable);
  loseBranch(lost, { tip: { hash, height }, fork_height }, bodies);
}
