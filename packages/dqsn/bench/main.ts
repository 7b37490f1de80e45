/** `pnpm bench`: what an evaluation and the network view cost. */
import { benchEvaluate } from "./evaluate.js";
import { benchNetworkState } from "./network-state.js";

benchEvaluate();
benchNetworkState();
