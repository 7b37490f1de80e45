/** Whether the blocks that an observation shows link to one another and to the tip that was seen last. */
import { type BlockHeader, headersOf, type WatchedObservation } from "./observation.js";

/** Blocks of the active chain that an observation does not show. */
export type MissingBlocks = Readonly<{
  /** How many; at least so many where a block only contradicts the one below it. */
  count: number;
  /** Lowest height at which one is missing. */
  first_height: number;
  /** Whether the tip that was seen last fell out of the chain, so that the new blocks need not link to it. */
  isReorganised: boolean;
}>;

type Tip = Readonly<{ height: number; hash: string }>;

/**
 * The blocks between the tip that was seen last and the tip of an observation that are not among its blocks.
 *
 * @param last tip of the observation before; null for the first one, which has nothing to link to
 * @returns undefined where every block is shown
 */
export function missingBlocks(
  last: Tip | null,
  observation: WatchedObservation,
): MissingBlocks | undefined {
  const { blocks, tip } = observation;
  // The common cases: no new block, or one on top of the last.
  if (last !== null && blocks.length <= 1 && (blocks[0] ?? tip).hash === tip.hash) {
    if (tip.hash === last.hash || isAbove(tip, last)) return undefined;
  }
  const headers = headersOf(observation);
  const between = last === null ? undefined : missingBelow(last, headers, observation);
  return headers.reduce<MissingBlocks | undefined>((missing, header, i) => {
    const below = headers[i - 1];
    if (below === undefined || isAbove(header, below)) return missing;
    const count = Math.max(1, header.height - below.height - 1);
    return {
      count: count + (missing?.count ?? 0),
      first_height: missing?.first_height ?? Math.min(below.height + 1, header.height - 1),
      isReorganised: false,
    };
  }, between);
}

const isAbove = (header: BlockHeader, below: Tip): boolean =>
  header.previous_hash === below.hash && header.height === below.height + 1;

/** Blocks that are missing between the last tip, or where its branch forks off, and the first header. */
function missingBelow(
  last: Tip,
  headers: readonly BlockHeader[],
  observation: WatchedObservation,
): MissingBlocks | undefined {
  const [first] = headers;
  if (first === undefined || isAbove(first, last)) return undefined;
  if (headers.some(({ hash }) => hash === last.hash)) return undefined;
  const lost = lostTip(last, observation);
  const isReorganised = lost !== undefined || first.height <= last.height + 1;
  // The block below the first one, at the last tip's height or above, is not the last tip.
  const least = Math.max(0, first.height - last.height - (isReorganised ? 0 : 1));
  const fork = lost?.fork_height ?? null;
  const count = fork === null ? least : Math.max(0, first.height - fork - 1);
  return count === 0 ? undefined : { count, first_height: first.height - count, isReorganised };
}

/** Where the last tip's branch forks off, if the observation shows that it fell out of the chain. */
function lostTip(
  { hash, height }: Tip,
  { last_tip, tips }: WatchedObservation,
): Readonly<{ fork_height: number | null }> | undefined {
  if (last_tip?.hash === hash && last_tip.status === "lost") return last_tip;
  const branch = tips.find((tip) => tip.hash === hash);
  if (branch === undefined || branch.status === "active") return undefined;
  return { fork_height: height - branch.branchlen };
}
