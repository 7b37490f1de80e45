/** Transactions of branches that fell out of the chain, and what the new blocks make of them. */
import type { Link } from "../detectors/reorg/fork.js";
import {
  type DoubleSpend,
  type Dropped,
  MAX_DOUBLE_SPENDS,
  MAX_DROPPED_BRANCHES,
  MAX_DROPPED_NAMED,
} from "../observation/observation.js";

/** An output: its script as hex, and its amount in base units. */
export type Output = Readonly<{ script: string; value: number }>;

/** A transaction that is no coinbase. Where only its id is known it spends and pays nothing. */
export type BlockTransaction = Readonly<{
  txid: string;
  /** `txid:vout` of each input. */
  spends: readonly string[];
  outputs: readonly Output[];
}>;

/** The transactions of a block. */
export type BlockBody = Readonly<{ height: number; transactions: readonly BlockTransaction[] }>;

/** A branch that fell out of the chain. */
export type LostBranch = Readonly<{ tip: Link; fork_height: number }>;

/** Most transactions that are followed; blocks beyond are not read. */
export const MAX_LOST = 16_384;

/** Blocks of the new chain in which lost transactions are looked for, from the reorganisation on. */
export const FOLLOWED_BLOCKS = 240;

type LostTransaction = Readonly<{
  transaction: BlockTransaction;
  confirmations: number;
  branch: LostBranch;
}>;

type Pending = { branch: LostBranch; blocks_read: number; new_blocks_unread: number };

/** What is known of lost branches; each function that changes it says so. */
export type LostTransactions = {
  /** By txid: those that are in no new block. */
  byId: Map<string, LostTransaction>;
  /** The txid that spends an outpoint. */
  spenders: Map<string, string>;
  /** Branches that were not reported yet. */
  pending: Pending[];
  /** Height of the new chain up to which they are followed. */
  untilHeight: number;
};

/** Nothing is lost. */
export const nothingLost = (): LostTransactions => ({
  byId: new Map(),
  spenders: new Map(),
  pending: [],
  untilHeight: 0,
});

/** A copy that can be changed. */
export const copyOfLost = ({
  byId,
  spenders,
  pending,
  untilHeight,
}: LostTransactions): LostTransactions => ({
  byId: new Map(byId),
  spenders: new Map(spenders),
  pending: pending.map((one) => ({ ...one })),
  untilHeight,
});

/**
 * Takes in a branch that fell out, and as many of its blocks as could be read, ascending. Changes `lost`.
 *
 * @param bodies undefined for a block that could not be read
 */
export function loseBranch(
  lost: LostTransactions,
  branch: LostBranch,
  bodies: readonly (BlockBody | undefined)[],
): void {
  let blocks_read = 0;
  for (const body of bodies) {
    if (body === undefined || lost.byId.size + body.transactions.length > MAX_LOST) continue;
    blocks_read++;
    const confirmations = branch.tip.height - body.height + 1;
    for (const transaction of body.transactions) {
      lost.byId.set(transaction.txid, { transaction, confirmations, branch });
      for (const outpoint of transaction.spends) lost.spenders.set(outpoint, transaction.txid);
    }
  }
  lost.pending = [...lost.pending, { branch, blocks_read, new_blocks_unread: 0 }].slice(
    -MAX_DROPPED_BRANCHES,
  );
  lost.untilHeight = branch.fork_height + FOLLOWED_BLOCKS;
}

/**
 * Looks for lost transactions in a new block: those that are in it are lost no more, and those of which it spends
 * an outpoint by another transaction are spent twice. Changes `lost`.
 *
 * @param body undefined where the block could not be read
 */
export function followBlock(
  lost: LostTransactions,
  height: number,
  body: BlockBody | undefined,
): DoubleSpend[] {
  if (lost.byId.size === 0 && lost.pending.length === 0) return [];
  if (body === undefined) {
    for (const one of lost.pending) one.new_blocks_unread++;
    return [];
  }
  for (const { txid } of body.transactions) forget(lost, txid);
  const found = body.transactions.flatMap((one) => doubleSpendsOf(lost, one, height));
  if (height >= lost.untilHeight && lost.pending.length === 0) {
    lost.byId.clear();
    lost.spenders.clear();
  }
  return found.slice(0, MAX_DOUBLE_SPENDS);
}

function forget(lost: LostTransactions, txid: string): void {
  const known = lost.byId.get(txid);
  if (known === undefined) return;
  lost.byId.delete(txid);
  for (const outpoint of known.transaction.spends) {
    if (lost.spenders.get(outpoint) === txid) lost.spenders.delete(outpoint);
  }
}

/** The lost transactions that another one has replaced, each once. */
function doubleSpendsOf(
  { spenders, byId }: LostTransactions,
  by: BlockTransaction,
  new_height: number,
): DoubleSpend[] {
  const replaced = new Map<string, string>();
  for (const outpoint of by.spends) {
    const txid = spenders.get(outpoint);
    if (txid === undefined) continue;
    spenders.delete(outpoint);
    if (!replaced.has(txid)) replaced.set(txid, outpoint);
  }
  return [...replaced].flatMap(([txid, outpoint]) => {
    const lost = byId.get(txid);
    const [spent_txid = "", vout] = outpoint.split(":");
    if (lost === undefined) return [];
    return [
      {
        spent_txid,
        spent_vout: Number(vout),
        lost_txid: txid,
        confirmations: lost.confirmations,
        new_txid: by.txid,
        new_height,
        lost_tip: lost.branch.tip.hash,
        fork_height: lost.branch.fork_height,
        ...comparePayments(lost.transaction.outputs, by.outputs),
      },
    ];
  });
}

/** What the scripts that one transaction pays get less by another one, and what goes elsewhere in its place. */
function comparePayments(
  before: readonly Output[],
  after: readonly Output[],
): Pick<DoubleSpend, "paid" | "withdrawn" | "redirected"> {
  const [had, has] = [sumsOf(before), sumsOf(after)];
  let [paid, withdrawn, redirected] = [0, 0, 0];
  for (const [script, value] of had) {
    const less = value - (has.get(script) ?? 0);
    if (less <= 0) continue;
    paid += value;
    withdrawn += less;
  }
  for (const [script, value] of has) redirected += Math.max(0, value - (had.get(script) ?? 0));
  return { paid, withdrawn, redirected };
}

function sumsOf(outputs: readonly Output[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { script, value } of outputs) sums.set(script, (sums.get(script) ?? 0) + value);
  return sums;
}

/** The branches that were not reported yet, with what is in no new block of them. Changes `lost`. */
export function takeDropped(lost: LostTransactions): Dropped[] {
  const { pending } = lost;
  lost.pending = [];
  return pending.map(({ branch: { tip, fork_height }, blocks_read, new_blocks_unread }) => {
    const txids = [...lost.byId].flatMap(([txid, { branch }]) =>
      branch.tip.hash === tip.hash ? [txid] : [],
    );
    return {
      ...{ lost_tip: tip.hash, fork_height, blocks: Math.max(1, tip.height - fork_height) },
      ...{ blocks_read, new_blocks_unread, count: txids.length },
      txids: txids.slice(0, MAX_DROPPED_NAMED),
    };
  });
}
