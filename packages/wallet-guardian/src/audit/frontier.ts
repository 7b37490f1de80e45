/** The right edge of a growing tree: what is enough to add leaves and to have the root (RFC 9162, section 2.1.1). */
import { EMPTY_ROOT, nodeHash } from "./hashes.js";

/** A tree of which only the roots of its complete subtrees are kept, at most 53. */
export type Frontier = Readonly<{
  size(): number;
  /** Adds a leaf by its hash. */
  add(leaf: string): void;
  /** Root over all leaves that were added. */
  root(): string;
  /** Roots of the complete subtrees, the largest first: one for each 1 in the binary form of the size. */
  peaks(): readonly string[];
}>;

/**
 * Creates the right edge of a tree.
 *
 * @param size number of leaves
 * @param peaks the roots of its complete subtrees, as `peaks` of another one gave them
 */
export function createFrontier(size = 0, peaks: readonly string[] = []): Frontier {
  const roots = [...peaks];
  let leaves = size;
  return Object.freeze({
    size: () => leaves,
    add(leaf) {
      let hash = leaf;
      for (let rest = leaves; rest % 2 === 1; rest = (rest - 1) / 2) {
        hash = nodeHash(roots.pop() ?? "", hash);
      }
      roots.push(hash);
      leaves++;
    },
    root: () => rootOf(roots),
    peaks: () => [...roots],
  } satisfies Frontier);
}

function rootOf(peaks: readonly string[]): string {
  const last = peaks.at(-1);
  if (last === undefined) return EMPTY_ROOT;
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}
