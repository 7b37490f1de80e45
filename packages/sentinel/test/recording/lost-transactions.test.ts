import { describe, expect, it } from "vitest";
import {
  type BlockTransaction,
  copyOfLost,
  followBlock,
  FOLLOWED_BLOCKS,
  loseBranch,
  MAX_LOST,
  nothingLost,
  takeDropped,
} from "../../src/recording/lost-transactions.js";
import { hashOf } from "../support/chain.js";

const txid = (n: number) => n.toString(16).padStart(64, "0");
const COIN = `${txid(900)}:0`;
const OTHER = `${txid(900)}:1`;

/** A transaction of some outpoints that pays scripts. */
const pay = (n: number, spends: string[], paid: Record<string, number> = {}): BlockTransaction => ({
  txid: txid(n),
  spends,
  outputs: Object.entries(paid).map(([script, value]) => ({ script, value })),
});

const BRANCH = { tip: { hash: hashOf(12, "b"), height: 12 }, fork_height: 10 };

/** A lost branch of two blocks: transaction 1 in the first one, 2 in the second. */
function lostPair(first: BlockTransaction, second = pay(2, [OTHER])) {
  const lost = nothingLost();
  loseBranch(lost, BRANCH, [
    { height: 11, transactions: [first] },
    { height: 12, transactions: [second] },
  ]);
  return lost;
}

const block = (height: number, ...transactions: BlockTransaction[]) => ({ height, transactions });

describe("followBlock", () => {
  it("names both transactions of an outpoint that is spent twice, once", () => {
    const lost = lostPair(pay(1, [COIN], { shop: 100, change: 50 }));
    const again = pay(7, [COIN], { owner: 140, change: 5 });
    expect(followBlock(lost, 11, block(11, again))).toEqual([
      {
        ...{ spent_txid: txid(900), spent_vout: 0, lost_txid: txid(1), new_txid: txid(7) },
        ...{ confirmations: 2, new_height: 11, lost_tip: BRANCH.tip.hash, fork_height: 10 },
        ...{ paid: 150, withdrawn: 145, redirected: 140 },
      },
    ]);
    expect(followBlock(lost, 12, block(12, again))).toEqual([]);
  });

  it("finds nothing in a transaction that is in both branches", () => {
    const lost = lostPair(pay(1, [COIN]));
    expect(followBlock(lost, 11, block(11, pay(1, [COIN])))).toEqual([]);
    expect(followBlock(lost, 12, block(12, pay(8, [COIN])))).toEqual([]);
  });

  it("finds what spends several outpoints of one as one, of two as two", () => {
    const one = lostPair(pay(1, [COIN, `${COIN}1`]));
    expect(followBlock(one, 11, block(11, pay(7, [COIN, `${COIN}1`])))).toHaveLength(1);
    const two = lostPair(pay(1, [COIN]));
    expect(followBlock(two, 11, block(11, pay(7, [COIN, OTHER])))).toHaveLength(2);
  });

  it("goes on after the reorganisation, for so many blocks", () => {
    const late = (height: number) => {
      const lost = lostPair(pay(1, [COIN]));
      takeDropped(lost);
      followBlock(lost, height, block(height));
      return followBlock(lost, height + 1, block(height + 1, pay(7, [COIN])));
    };
    expect(late(10 + FOLLOWED_BLOCKS - 1)).toHaveLength(1);
    expect(late(10 + FOLLOWED_BLOCKS)).toEqual([]);
  });

  it("changes no copy", () => {
    const lost = lostPair(pay(1, [COIN]));
    followBlock(copyOfLost(lost), 11, block(11, pay(7, [COIN])));
    expect(followBlock(lost, 11, block(11, pay(7, [COIN])))).toHaveLength(1);
  });
});

describe("takeDropped", () => {
  it("counts and names what is in no new block, once", () => {
    const lost = lostPair(pay(1, [COIN]));
    followBlock(lost, 11, block(11, pay(2, [OTHER])));
    const [dropped] = takeDropped(lost);
    expect(dropped).toEqual({
      ...{ lost_tip: BRANCH.tip.hash, fork_height: 10, blocks: 2, blocks_read: 2 },
      ...{ new_blocks_unread: 0, count: 1, txids: [txid(1)] },
    });
    expect(takeDropped(lost)).toEqual([]);
  });

  it("says which blocks of either side were not read", () => {
    const lost = nothingLost();
    loseBranch(lost, BRANCH, [undefined, block(12, pay(2, [OTHER]))]);
    followBlock(lost, 11, undefined);
    expect(takeDropped(lost)).toMatchObject([
      { blocks: 2, blocks_read: 1, new_blocks_unread: 1, count: 1 },
    ]);
  });

  it("keeps branches apart, and leaves out a block that is too much", () => {
    const lost = lostPair(pay(1, [COIN]));
    const many = Array.from({ length: MAX_LOST }, (_, i) => pay(10_000 + i, []));
    const second = { tip: { hash: hashOf(13, "c"), height: 13 }, fork_height: 12 };
    loseBranch(lost, second, [block(13, ...many)]);
    expect(takeDropped(lost)).toMatchObject([
      { count: 2, blocks_read: 2 },
      { count: 0, blocks_read: 0, blocks: 1 },
    ]);
  });
});
