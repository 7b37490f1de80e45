/** The expiry queue: signals by millisecond, the earliest first. */
import type { LiveSignal } from "./live-signal.js";
import { MinHeap } from "./min-heap.js";

/** Signals in lists by the millisecond of their time; all have one lifetime, so that the oldest expire first. */
export class ExpiryQueue {
  readonly #first = new Map<number, LiveSignal>();
  readonly #times = new MinHeap(this.#first);

  add(signal: LiveSignal): void {
    const first = this.#first.get(signal.timeMs);
    signal.before = undefined;
    signal.after = first;
    if (first !== undefined) first.before = signal;
    this.#first.set(signal.timeMs, signal);
    if (first === undefined) this.#times.push(signal.timeMs);
  }

  remove(signal: LiveSignal): void {
    const { before, after, timeMs } = signal;
    if (after !== undefined) after.before = before;
    if (before !== undefined) before.after = after;
    else if (after !== undefined) this.#first.set(timeMs, after);
    else this.#first.delete(timeMs);
  }

  /** The earliest time of a signal; Infinity without signals. */
  earliest(): number {
    return this.#times.least();
  }

  /** One of the signals of that time. */
  firstAt(timeMs: number): LiveSignal | undefined {
    return this.#first.get(timeMs);
  }
}
