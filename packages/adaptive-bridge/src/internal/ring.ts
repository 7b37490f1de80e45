/** A queue of fixed capacity that gives up its oldest item for a new one. */

export class Ring<T> {
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

  /** Adds `item`; true when the oldest one had to go. */
  push(item: T): boolean {
    if (this.#length === this.#capacity) {
      this.#slots[this.#head] = item;
      this.#head = (this.#head + 1) % this.#capacity;
      return true;
    }
    this.#slots[(this.#head + this.#length) % this.#capacity] = item;
    this.#length++;
    return false;
  }

  /** Removes the oldest item. */
  shift(): T | undefined {
    const item = this.#slots[this.#head];
    if (this.#length === 0) return undefined;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#capacity;
    this.#length--;
    return item;
  }
}
