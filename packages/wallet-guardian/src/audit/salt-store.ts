/** Salts of the records in a tree, one each: what commits to their personal values until it is erased. */

/** Stores salts by the index of their leaves. Who has a salt can guess the values under it; so it is kept as the ledger is. */
export interface SaltStore {
  /** How many leaves have a place here. */
  count(): Promise<number>;
  /** Reads `count` salts from the index `from` on; null: none, or erased. Rejects where there are fewer places. */
  read(from: number, count: number): Promise<readonly (string | null)[]>;
  /**
   * Adds salts from the index `from` on; durable when it resolves. Places that are there keep what they have, so that of two processes
   * one decides.
   */
  append(from: number, salts: readonly (string | null)[]): Promise<void>;
  /** Erases the salts of indexes, for good; durable when it resolves. */
  erase(indexes: readonly number[]): Promise<void>;
  /** Removes the places from the index `size` on. */
  truncate(size: number): Promise<void>;
}

/**
 * Reads the salts of leaves, null for those that have no place.
 *
 * @param store null: there are none at all
 */
export async function saltsFrom(
  store: Pick<SaltStore, "count" | "read"> | null,
  from: number,
  count: number,
): Promise<readonly (string | null)[]> {
  const there = store === null ? 0 : Math.min(count, (await store.count()) - from);
  const found = store === null || there <= 0 ? [] : await store.read(from, there);
  return [...found, ...Array.from({ length: count - found.length }, () => null)];
}

/** Keeps salts in memory, for a ledger in memory and for tests. */
export function createMemorySaltStore(): SaltStore {
  const all: (string | null)[] = [];
  return Object.freeze({
    count: () => Promise.resolve(all.length),
    read(from, count) {
      return from + count > all.length
        ? Promise.reject(new RangeError(`there are ${all.length} salts`))
        : Promise.resolve(all.slice(from, from + count));
    },
    append(from, salts) {
      if (from > all.length) return Promise.reject(new RangeError(`there are ${all.length} salts`));
      all.push(...salts.slice(all.length - from));
      return Promise.resolve();
    },
    erase(indexes) {
      for (const index of indexes) if (index < all.length) all[index] = null;
      return Promise.resolve();
    },
    truncate(size) {
      all.length = Math.min(all.length, size);
      return Promise.resolve();
    },
  } satisfies SaltStore);
}
