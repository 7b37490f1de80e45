/** The stored hashes of a tree, in levels of 256: enough to prove any record without reading the others. */
import { createFrontier, type Frontier } from "./frontier.js";
import { nodeHash } from "./hashes.js";

/** Hashes of one level that make one of the next. */
const TILE = 256;
const TILE_LEVELS = 8;

/**
 * Stores hashes: level 0 those of the leaves, level n those of the complete subtrees of 256ⁿ leaves, each in order. It
 * is no witness: who can change the ledger can change it. Roots that were signed show which of both was changed.
 */
export interface HashStore {
  /** How many hashes a level has. */
  count(level: number): Promise<number>;
  /** Reads `count` hashes of a level from the index `from` on; rejects where it has fewer. */
  read(level: number, from: number, count: number): Promise<readonly string[]>;
  /**
   * Appends hashes to a level that has `from` of them; durable when it resolves. Where another process has appended the
   * same meanwhile, nothing changes.
   */
  append(level: number, from: number, hashes: readonly string[]): Promise<void>;
  /** Removes leaves from the index `size` on, and what is above them. */
  truncate(size: number): Promise<void>;
}

/** Leaves that are read at once while an upper level is filled. */
const BATCH = 16;

/** Appends leaves, and fills upper levels as far as their tiles are complete; ends what an interrupted call began. */
export async function appendLeaves(
  store: HashStore,
  from: number,
  leaves: readonly string[],
): Promise<void> {
  if (leaves.length > 0) await store.append(0, from, leaves);
  await fillLevels(store);
}

/** Fills the upper levels as far as the tiles below are complete. */
async function fillLevels(store: HashStore): Promise<void> {
  for (let level = 1; ; level++) {
    const whole = Math.floor((await store.count(level - 1)) / TILE);
    if (whole === 0) return;
    for (let from = await store.count(level); from < whole; from += BATCH) {
      const tiles = Math.min(BATCH, whole - from);
      const below = await store.read(level - 1, from * TILE, tiles * TILE);
      const roots = Array.from({ length: tiles }, (_, at) =>
        combined(below.slice(at * TILE, (at + 1) * TILE)),
      );
      await store.append(level, from, roots);
    }
  }
}

/** The root over hashes whose number is a power of two. */
function combined(hashes: readonly string[]): string {
  let level = hashes;
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, at) =>
      nodeHash(level[2 * at] ?? "", level[2 * at + 1] ?? ""),
    );
  }
  return level[0] ?? "";
}

/**
 * Reads the hash of the subtree over 2^`height` leaves, the `index`-th of its kind.
 *
 * @throws what the store rejects with where the subtree is not complete
 */
async function subtreeHash(store: HashStore, height: number, index: number): Promise<string> {
  const level = Math.floor(height / TILE_LEVELS);
  const width = 2 ** (height % TILE_LEVELS);
  return combined(await store.read(level, index * width, width));
}

/** Reads the hash over the leaves `from` up to `to`, not included, of a tree: `from` is where a subtree begins. */
export async function rangeHash(store: HashStore, from: number, to: number): Promise<string> {
  const size = to - from;
  const split = splitOf(size);
  if (split * 2 === size || size === 1)
    return subtreeHash(store, Math.round(Math.log2(size)), from / size);
  const [left, right] = await Promise.all([
    rangeHash(store, from, from + split),
    rangeHash(store, from + split, to),
  ]);
  return nodeHash(left, right);
}

/** The largest power of two below a size of at least 2; of 1 it is a half. */
export function splitOf(size: number): number {
  let split = 0.5;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Reads the right edge of the tree over the first `size` leaves, to go on from there. */
export async function frontierOf(store: HashStore, size: number): Promise<Frontier> {
  const peaks: string[] = [];
  for (let from = 0; from < size;) {
    const width = splitOf(size - from + 1);
    peaks.push(await rangeHash(store, from, from + width));
    from += width;
  }
  return createFrontier(size, peaks);
}

/** Keeps hashes in memory, for a ledger in memory and for tests. */
export function createMemoryHashStore(): HashStore {
  const levels: string[][] = [];
  const at = (level: number): string[] => (levels[level] ??= []);
  return Object.freeze({
    count: (level) => Promise.resolve(at(level).length),
    async read(level, from, count) {
      const hashes = at(level).slice(from, from + count);
      if (hashes.length < count) throw new RangeError(`level ${level} has fewer hashes`);
      return Promise.resolve(hashes);
    },
    append(level, from, hashes) {
      at(level).splice(from, hashes.length, ...hashes);
      return Promise.resolve();
    },
    truncate(size) {
      for (const [level, hashes] of levels.entries()) {
        hashes.length = Math.min(hashes.length, Math.floor(size / TILE ** level));
      }
      return Promise.resolve();
    },
  } satisfies HashStore);
}
