/** A binary min-heap of numbers, for expiry and for an operator's worst severity. */

const SPARE = 64;

/**
 * A binary min-heap over the keys of a map, with lazy deletion: a number that leaves the map stays in the
 * heap until it surfaces, or until more than half of the heap is stale.
 */
export class MinHeap {
  readonly #held: ReadonlyMap<number, unknown>;
  #keys: number[] = [];

  constructor(held: ReadonlyMap<number, unknown>) {
    this.#held = held;
  }

  /** Adds a number that has just entered the map. */
  push(key: number): void {
    if (this.#keys.length > 2 * this.#held.size + SPARE) {
      this.#keys = [...this.#held.keys()].sort((a, b) => a - b);
      return;
    }
    this.#rise(this.#keys.length, key);
  }

  /** The least number of the map; Infinity of an empty one. */
  least(): number {
    while (this.#keys.length > 0) {
      const key = this.#keys[0] as number;
      if (this.#held.has(key)) return key;
      this.#dropFirst();
    }
    return Infinity;
  }

  #dropFirst(): void {
    const last = this.#keys.pop() as number;
    if (this.#keys.length > 0) this.#sink(last);
  }

  #rise(from: number, key: number): void {
    const keys = this.#keys;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((keys[above] as number) <= key) break;
      keys[at] = keys[above] as number;
      at = above;
    }
    keys[at] = key;
  }

  #sink(key: number): void {
    const keys = this.#keys;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= keys.length) break;
      if (below + 1 < keys.length && (keys[below + 1] as number) < (keys[below] as number)) below++;
      if ((keys[below] as number) >= key) break;
      keys[at] = keys[below] as number;
      at = below;
    }
    keys[at] = key;
  }
}
