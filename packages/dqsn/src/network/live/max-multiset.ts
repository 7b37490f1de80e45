/** A multiset of integers with its maximum: the severities of one operator in one channel. */
import { MinHeap } from "./min-heap.js";

/** Most members that are searched one by one. */
const MOST_SEARCHED = 16;

/** A multiset of integers with its maximum: a short one is searched, a long one keeps a heap. */
export class MaxMultiset {
  #few: number[] | undefined = [];
  #many: Counted | undefined;

  add(value: number): void {
    if (this.#few === undefined) {
      this.#many?.add(value);
      return;
    }
    this.#few.push(value);
    if (this.#few.length <= MOST_SEARCHED) return;
    this.#many = new Counted(this.#few);
    this.#few = undefined;
  }

  /** Removes one of the members that equal `value`; there must be one. */
  remove(value: number): void {
    if (this.#few === undefined) {
      this.#many?.remove(value);
      return;
    }
    const last = this.#few.pop() as number;
    if (last !== value) this.#few[this.#few.indexOf(value)] = last;
  }

  get size(): number {
    return this.#few?.length ?? this.#many?.size ?? 0;
  }

  /** The maximum; 0 of an empty multiset. */
  greatest(): number {
    if (this.#few === undefined) return this.#many?.greatest() ?? 0;
    let greatest = 0;
    for (const value of this.#few) if (value > greatest) greatest = value;
    return greatest;
  }
}

/** How often each integer is there; the heap holds their negatives. */
class Counted {
  readonly #counts = new Map<number, number>();
  size = 0;
  readonly #heap = new MinHeap(this.#counts);

  constructor(values: readonly number[]) {
    for (const value of values) this.add(value);
  }

  add(value: number): void {
    this.size++;
    const count = this.#counts.get(-value);
    this.#counts.set(-value, (count ?? 0) + 1);
    if (count === undefined) this.#heap.push(-value);
  }

  remove(value: number): void {
    this.size--;
    const count = this.#counts.get(-value) ?? 0;
    if (count > 1) this.#counts.set(-value, count - 1);
    else this.#counts.delete(-value);
  }

  greatest(): number {
    const least = this.#heap.least();
    // Not -least: that would make -0 of 0.
    return least === Infinity ? 0 : 0 - least;
  }
}
