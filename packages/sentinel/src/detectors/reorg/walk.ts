/** Follows a node's active chain by the linkage of the headers that it shows. */
import { type BlockHeader, type WatchedObservation } from "../../observation/observation.js";
import { type Fork, forkOf, hashesByHeight, isBlock, type Link, stretchesOf } from "./fork.js";
import {
  filledWith,
  linksOf,
  newestOf,
  type RecentChain,
  upTo,
  withHeaders,
} from "./recent-chain.js";

/** Most tips whose place is unknown; the oldest is dropped first. */
const MAX_PENDING = 32;

/** A branch that was lost: its tip, and where it parts from the active chain. */
export type Lost = Fork & { tip: Link };

/** The chain as far as it is known. */
export type Path = Readonly<{
  recent: RecentChain;
  /** Tips that nothing yet links to the active chain, since a gap lies above them. */
  pending: readonly Link[];
  /**
   * Whether the node was silent, loading or syncing and has not come back to where it was: a node that starts
   * can show an earlier block of its chain first, and that is no loss.
   */
  is_resuming: boolean;
}>;

/** The chain after some headers, and the tips that they leave behind. */
export type Walked = Path & Readonly<{ lost: readonly Lost[] }>;

/** The headers of an observation; a tip that was read before the blocks gives way to the last of them. */
export function shownBy({ blocks, tip }: WatchedObservation): readonly BlockHeader[] {
  const last = blocks.at(-1);
  return last !== undefined && last.height >= tip.height ? blocks : [...blocks, tip];
}

/** The chain after the headers of an observation, and the tips that they leave behind. */
export function walk(before: Path, headers: readonly BlockHeader[]): Walked {
  const { recent, pending, is_resuming } = before;
  return stretchesOf(headers).reduce<Walked>(stepOver, { recent, pending, is_resuming, lost: [] });
}

function stepOver(walked: Walked, stretch: readonly BlockHeader[]): Walked {
  const [first, last] = [stretch[0], stretch.at(-1)];
  const tip = newestOf(walked.recent);
  if (first === undefined || last === undefined) return walked;
  const placed = walked.pending.length === 0 ? walked : place(walked, stretch);
  if (tip !== undefined && isBlock(tip, last.hash)) {
    const recent = stretch.length > 1 ? filledWith(placed.recent, stretch) : placed.recent;
    return { ...placed, recent, is_resuming: false };
  }
  const isOn = tip === undefined || first.previous_hash === tip.hash;
  const fork = isOn ? null : forkOf(linksOf(placed.recent), stretch);
  if (fork?.fork_height === last.height && placed.is_resuming) return placed;
  const isLost = fork !== null && tip !== undefined;
  const isUnlinked = tip !== undefined && !isOn && fork === null && first.height > tip.height + 1;
  const shared = Math.min(fork?.fork_height ?? Infinity, first.height - 1);
  return {
    recent: withHeaders(upTo(placed.recent, shared), stretch),
    pending: isUnlinked ? [...placed.pending, tip].slice(-MAX_PENDING) : placed.pending,
    is_resuming: false,
    lost: isLost ? [...placed.lost, { ...fork, tip }] : placed.lost,
  };
}

/** Finds where tips of before are, at whose heights there are headers now. */
function place(walked: Walked, stretch: readonly BlockHeader[]): Walked {
  const hashes = hashesByHeight(stretch);
  const shown = walked.pending.filter(({ height }) => hashes.has(height));
  if (shown.length === 0) return walked;
  const lost = shown
    .filter((link) => !isBlock(link, hashes.get(link.height)))
    .map((tip) => ({ tip, ...forkBelow(walked.recent, tip, stretch) }));
  return {
    ...walked,
    pending: walked.pending.filter((link) => !shown.includes(link)),
    lost: [...walked.lost, ...lost],
  };
}

function forkBelow(recent: RecentChain, tip: Link, stretch: readonly BlockHeader[]): Fork {
  const links = linksOf(upTo(recent, tip.height));
  const newest = links.at(-1);
  const fork = newest !== undefined && isBlock(newest, tip.hash) ? forkOf(links, stretch) : null;
  return fork ?? { fork_height: Math.max(0, tip.height - 1), depth: 1, is_exact: false };
}
