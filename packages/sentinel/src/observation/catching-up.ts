/** Whether a node is behind the best header that it reports: its tip is then no sign of the chain's pace. */
import type { WatchedObservation } from "./observation.js";

/** Headers come before their blocks: a node that keeps up is this many behind at most. */
const KEEPING_UP_BLOCKS = 6;

/** Whether a node still fetches blocks whose headers it has, or its source still shows blocks that it has. */
export const isCatchingUp = ({ tip, more, best_header_height }: WatchedObservation): boolean =>
  more === true ||
  (best_header_height !== undefined && best_header_height - tip.height > KEEPING_UP_BLOCKS);
