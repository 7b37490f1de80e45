/** Mines the testnet's blocks at its target spacing, on one side or on several in turn. */
import type { Network } from "./network.js";
import type { TestnetNode } from "./node.js";
import type { TestnetEvents } from "./events.js";

/** A miner that runs. */
export type Miner = Readonly<{
  /** Mines on these nodes in turn from now on; on none: no block comes. Resolves once no earlier block is under way. */
  use(nodes: readonly TestnetNode[]): Promise<void>;
  close(): Promise<void>;
}>;

/** Starts mining on all nodes in turn. */
export function startMiner(network: Network, events: TestnetEvents): Miner {
  const spacingMs = network.chain.spacing_seconds * 1_000;
  const state = { nodes: network.all, turn: 0, dueMs: performance.now() + spacingMs };
  let busy: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const plan = (): void => {
    timer = setTimeout(
      () => {
        busy = step().finally(plan);
      },
      Math.max(0, state.dueMs - performance.now()),
    );
  };
  const step = async (): Promise<void> => {
    // By due times, not by intervals: the mean is the target's, and a pause is not caught up with.
    state.dueMs = Math.max(state.dueMs + spacingMs, performance.now());
    const node = state.nodes[state.turn++ % Math.max(1, state.nodes.length)];
    try {
      if (node !== undefined) await network.mine(node, 1);
    } catch (error) {
      events.add("node", `no block was mined: ${String(error)}`, {}, true);
    }
  };
  plan();
  return Object.freeze({
    async use(nodes) {
      state.nodes = nodes;
      await busy;
    },
    async close() {
      state.nodes = [];
      clearTimeout(timer);
      await busy;
      clearTimeout(timer);
    },
  } satisfies Miner);
}
