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

/** Digits that are kept of the hash of an older block: no two blocks of a chain have the same by chance. */
export const TAIL_DIGITS = 16;

/** A block of the active chain; of older ones the last digits of the hash alone. */
export type Link = { hash: string; height: number };

/** Whether a block has a hash, as far as its own is kept. */
export const isBlock = (link: Link, hash: string | undefined): boolean =>
  hash?.endsWith(link.hash) === true;

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
  if (oldTip === undefined || newTip === undefined || isBlock(oldTip, newTip.hash)) return null;
  if (isBlock(oldTip, fresh[0]?.previous_hash)) return null;
  const hashes = hashesByHeight(fresh);
  const comparable = recent.filter(({ height }) => hashes.has(height));
  const agreed = comparable.findLast((link) => isBlock(link, hashes.get(link.height)))?.height;
  const parted = comparable.find((link) => !isBlock(link, hashes.get(link.height)))?.height;
  if (parted !== undefined) return forkAt(oldTip, parted - 1, agreed === parted - 1);
  if (newTip.height >= oldTip.height) return null;
  return forkAt(oldTip, newTip.height, agreed === newTip.height);
}

/** The hashes that headers show: their own, and those that they stand on. */
export function hashesByHeight(headers: readonly BlockHeader[]): Map<number, string> {
  const parents = headers.map((header) => [header.height - 1, header.previous_hash] as const);
  return new Map([...parents, ...headers.map(({ height, hash }) => [height, hash] as const)]);
}

const forkAt = (oldTip: Link, forkHeight: number, isExact: boolean): Fork => ({
  fork_height: Math.max(0, forkHeight),
  depth: oldTip.height - forkHeight,
  is_exact: isExact,
});
