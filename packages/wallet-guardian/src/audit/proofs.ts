/** Proofs of inclusion and of consistency, made and verified (RFC 9162, sections 2.1.3 and 2.1.4). */
import { nodeHash } from "./hashes.js";
import { type HashStore, rangeHash, splitOf } from "./hash-store.js";

/** A tree that was signed, or is to be: how many leaves, and their root. */
export type TreeHead = Readonly<{ size: number; root: string }>;

/**
 * Reads the proof that a leaf is in the tree over the first `size` leaves.
 *
 * @param index from 0 on, below `size`
 * @returns at most 53 hashes, the leaf's neighbour first
 * @throws RangeError for an index that is not in the tree
 */
export async function inclusionProof(
  store: HashStore,
  index: number,
  size: number,
): Promise<readonly string[]> {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError("not in the tree");
  const path: Promise<string>[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push(rangeHash(store, middle, to));
      to = middle;
    } else {
      path.push(rangeHash(store, from, middle));
      from = middle;
    }
  }
  return (await Promise.all(path)).reverse();
}

/**
 * Reads the proof that the tree over the first `size` leaves begins with the first `earlier` ones unchanged.
 *
 * @param earlier from 1 on, at most `size`
 * @throws RangeError for other sizes
 */
export async function consistencyProof(
  store: HashStore,
  earlier: number,
  size: number,
): Promise<readonly string[]> {
  if (!isCount(earlier) || !isCount(size) || earlier < 1 || earlier > size)
    throw new RangeError("not a part of the tree");
  const path: Promise<string>[] = [];
  let [from, to] = [0, size];
  while (earlier < to) {
    const middle = from + splitOf(to - from);
    if (earlier <= middle) {
      path.push(rangeHash(store, middle, to));
      to = middle;
    } else {
      path.push(rangeHash(store, from, middle));
      from = middle;
    }
  }
  // Of a tree that was complete its reader has the hash: it is the earlier root.
  if (from > 0) path.push(rangeHash(store, from, to));
  return (await Promise.all(path)).reverse();
}

/**
 * Verifies that a leaf is in a tree.
 *
 * @returns false for anything that is no proof of it; never throws
 */
export function verifyInclusion(
  leaf: string,
  index: number,
  { size, root }: TreeHead,
  proof: readonly string[],
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (![leaf, root, ...proof].every(isHash)) return false;
  let [hash, place, last] = [leaf, index, size - 1];
  for (const other of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(other, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else hash = nodeHash(hash, other);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && hash === root;
}

/**
 * Verifies that a tree begins with an earlier one.
 *
 * @returns false for anything that is no proof of it; never throws
 */
export function verifyConsistency(
  earlier: TreeHead,
  later: TreeHead,
  proof: readonly string[],
): boolean {
  const sizes = isCount(earlier.size) && isCount(later.size) && earlier.size >= 1;
  if (!sizes || earlier.size > later.size) return false;
  if (![earlier.root, later.root, ...proof].every(isHash)) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root === later.root;
  const isWhole = Number.isInteger(Math.log2(earlier.size));
  const [first, ...rest] = isWhole ? [earlier.root, ...proof] : proof;
  if (first === undefined) return false;
  let [place, last] = [earlier.size - 1, later.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [before, after] = [first, first];
  for (const other of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      [before, after] = [nodeHash(other, before), nodeHash(other, after)];
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else after = nodeHash(after, other);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && before === earlier.root && after === later.root;
}

const half = (count: number): number => Math.floor(count / 2);
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (text: unknown): boolean => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
