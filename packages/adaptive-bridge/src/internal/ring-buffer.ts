/** A ring buffer: a queue of fixed capacity, in which a new item replaces the oldest. */

export class RingBuffer<T> {
  readonly #slots: (T | undefined)[] = [];
  readonly #capacity: number;
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds `item` as the newest; returns the oldest one where that was evicted. */
  push(item: T): T | undefined {
    const evicted = this.#length === this.#capacity ? this.shift() : undefined;
    this.#slots[(this.#head + this.#length) % this.#capacity] = item;
    this.#length++;
    return evicted;
  }

  /** Removes the oldest item. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#capacity;
    this.#length--;
    return item;
  }

  /** Puts `item` back as the oldest; false when there is no room. */
  unshift(item: T): boolean {
    if (this.#length === this.#capacity) return false;
    this.#head = (this.#head + this.#capacity - 1) % this.#capacity;
    this.#slots[this.#head] = item;
    this.#length++;
    return true;
  }
}
