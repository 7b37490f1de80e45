/** One list of chain tips, as the parts of `rival_chain` read it. */
import type { Times } from "../../clock/clock-state.js";
import type { ChainTip } from "../../observation/observation.js";

/** A block of a chain. */
export type Link = { hash: string; height: number };

/** A list, and what was known before it. */
export type ListStep = Readonly<{
  tips: readonly ChainTip[];
  /** The list's own active tip: the list is of one moment, if not that of the rest of the observation. */
  active: Link & Readonly<{ chainwork: string | undefined }>;
  /** Height of the active tip of the list before; null at the first one. */
  last_height: number | null;
  /** Tips that the node had and lost, and its tip. */
  own: readonly Link[];
  times: Times;
}>;
