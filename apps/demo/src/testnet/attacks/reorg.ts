/** Attack `reorg`: a longer branch, mined in secret, replaces the chain's last blocks. */
import { type Attack, NOTHING, type Stage } from "./attack.js";

/** Blocks that are replaced, and by how many. */
const [DEPTH, SECRET] = [6, 8];

/** Mines in secret on the rival, then connects it. */
export const reorg: Attack = {
  summary: `${DEPTH} blocks that all nodes follow are replaced by ${SECRET} that the rival mined in secret`,
  expects: ["reorg"],
  within_spacings: 20,
  async carryOut(stage) {
    const { network, miner, step } = stage;
    await miner.use([]);
    await network.isolate(network.rival);
    step("the rival has no peers any more");
    await network.mine(network.first, DEPTH);
    step(`${DEPTH} blocks were mined on node-1`);
    await network.mine(network.rival, SECRET);
    step(`${SECRET} blocks were mined on the rival, in secret`);
    await publish(stage);
    return NOTHING;
  },
};

/** Connects the rival, and waits until all nodes have taken its branch. */
export async function publish({ network, miner, step }: Stage): Promise<void> {
  await network.join();
  await network.agree();
  step("the rival has published its branch, and all nodes follow it");
  await miner.use(network.all);
}
