/** Attack `stall`: no block comes any more. */
import { type Attack, NOTHING } from "./attack.js";

/** Stops all miners. */
export const stall: Attack = {
  summary: "all miners stop",
  expects: ["block_stall"],
  within_spacings: 45,
  async carryOut({ miner, step }) {
    await miner.use([]);
    step("no node mines any more");
    return NOTHING;
  },
};
