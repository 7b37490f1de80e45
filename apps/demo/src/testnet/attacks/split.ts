/** Attack `split`: the site's nodes follow different branches, and both go on. */
import { type Attack, NOTHING } from "./attack.js";

/** Blocks of the two branches at once; more come at the chain's pace. */
const [OURS, THEIRS] = [8, 7];

/** Cuts node-1 off and mines on both sides. */
export const split: Attack = {
  summary: "node-1 loses all peers; it and the others mine branches of their own",
  expects: ["tip_divergence", "rule_split"],
  within_spacings: 20,
  async carryOut({ network, miner, step }) {
    const { first, second, rival, mine, isolate } = network;
    await miner.use([]);
    await isolate(first);
    step("node-1 has no peers any more");
    await mine(first, OURS);
    await mine(second, THEIRS);
    step(`${OURS} blocks were mined on node-1, ${THEIRS} others on node-2`);
    // Each side in turn: the branches stay about as long as each other.
    await miner.use([first, second, first, rival]);
    return NOTHING;
  },
};
