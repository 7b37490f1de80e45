/** Attack `invalidate`: one node calls blocks invalid that the others follow, as after a rule change that not all have. */
import { type Attack } from "./attack.js";

/** How far below the tip the first block lies that node-2 calls invalid. */
const BELOW = 3;
/** Blocks that follow at once: those of the branch that node-2 refuses stay ahead. */
const [OTHERS, OWN] = [5, 6];

/** Has node-2 call the last blocks invalid, and mines on both branches. */
export const invalidate: Attack = {
  summary: "node-2 calls the last blocks invalid and mines a branch of its own",
  expects: ["rule_split", "rival_chain", "tip_divergence"],
  within_spacings: 20,
  async carryOut({ network, miner, step }) {
    const { first, second, rival, mine } = network;
    await miner.use([]);
    await network.agree();
    const height = (await second.rpc<number>("getblockcount")) - BELOW;
    const hash = await second.rpc<string>("getblockhash", height);
    await mine(first, OTHERS);
    await second.rpc("invalidateblock", hash);
    step(`node-2 calls block ${height} invalid, and all that follow it`, { hash, height });
    await mine(second, OWN);
    step(`${OTHERS} more blocks were mined on the branch that it refuses, ${OWN} on its own`);
    await miner.use([first, second, rival, second]);
    return { repair: () => second.rpc<undefined>("reconsiderblock", hash) };
  },
};
