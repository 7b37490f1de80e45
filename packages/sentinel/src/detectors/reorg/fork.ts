/** Where two active chains of one node part, by the hashes that are known of them. */
import type { BlockHeader } from "../../observation/observation.js";

/**
 * Parts headers where one does not stand on the one below it: the chain changed while they were read.
 *
 * @param headers ascending by height; there may be gaps
 * @returns stretches in which every header that can stand on the one before does
 */
export function stretchesOf(headers: readonly BlockHeader[]): readonly (readonly BlockHeader[])[] {
  if (headers.length <= 1) return [headers];
  const starts = headers.flatMap((header, i) => {
    const below = headers[i - 1];
    if (below === undefined) return [0];
    return header.height === below.height + 1 && header.previous_hash !== below.hash ? [i] : [];
  });
  if (starts.length <= 1) return [headers];
  return starts.map((start, i) => headers.slice(start, starts[i + 1]));
}

/** A block of the active chain. */
export type Link = { hash: string; height: number };

/** Where the old tip's chain ends. */
export type Fork = {
  /** Last block that both chains share. */
  fork_height: number;
  /** Blocks of the old chain above it. */
  depth: number;
  /** False where the hashes at hand only show that it is at least this deep. */
  is_exact: boolean;
};

/**
 * The fork between the active chain as it was and as it is.
 *
 * @param recent the last known blocks of the old chain, ascending, its tip last; there may be gaps
 * @param fresh the known headers of the new chain, ascending, its tip last; there may be gaps
 * @returns null where the old tip is still in the active chain, or where nothing shows that it is not
 */
export function forkOf(recent: readonly Link[], fresh: readonly BlockHeader[]): Fork | null {
  const oldTip = recent.at(-1);
  const newTip = fresh.at(-1);
  if (oldTip === undefined || newTip === undefined || newTip.hash === oldTip.hash) return null;
  if (fresh[0]?.previous_hash === oldTip.hash) return null;
  const hashes = hashesByHeight(fresh);
  const comparable = recent.filter(({ height }) => hashes.has(height));
  const agreed = comparable.findLast(({ hash, height }) => hashes.get(height) === hash)?.height;
  const parted = comparable.find(({ hash, height }) => hashes.get(height) !== hash)?.height;
  if (parted !== undefined) return forkAt(oldTip, parted - 1, agreed === parted - 1);
  if (newTip.height >= oldTip.height) return null;
  return forkAt(oldTip, newTip.height, agreed === newTip.height);
}

function hashesByHeight(headers: readonly BlockHeader[]): Map<number, string> {
  const parents = headers.map((header) => [header.height - 1, header.previous_hash] as const);
  return new Map([...parents, ...headers.map(({ height, hash }) => [height, hash] as const)]);
}

const forkAt = (oldTip: Link, forkHeight: number, isExact: boolean): Fork => ({
  fork_height: Math.max(0, forkHeight),
  depth: oldTip.height - forkHeight,
  is_exact: isExact,
});
