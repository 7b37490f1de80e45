/** Waits until there is more to do, or for a time; ends every wait when stopped. */
import { ignoreErrors } from "../../internal/with-timeout.js";
import type { Timers } from "../../ports.js";

export class WakeableTimer {
  readonly #timers: Timers;
  #resume: () => void = () => undefined;
  #isIdle = false;
  #hasMore = false;
  #stopped = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Drops earlier wakes; a later one ends the next `untilMore`, also when it comes before that is called. */
  lookAgain(): void {
    this.#hasMore = false;
  }

  /** Ends `untilMore`, and no pause. */
  wake(): void {
    this.#hasMore = true;
    if (this.#isIdle) this.#resume();
  }

  /** Ends every wait, now and later. */
  stop(): void {
    this.#stopped = true;
    this.#resume();
  }

  async untilMore(): Promise<void> {
    if (this.#hasMore || this.#stopped) return;
    this.#isIdle = true;
    await new Promise<void>((resolve) => (this.#resume = resolve));
    this.#isIdle = false;
  }

  /** Waits `ms` milliseconds, or until `sooner` settles. */
  async pause(ms: number, sooner?: Promise<unknown>): Promise<void> {
    if (this.#stopped) return;
    let cancel = (): void => undefined;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
      void sooner?.then(() => resolve());
      try {
        cancel = this.#timers.after(ms, resolve);
      } catch {
        // Timers that fail are tried again when there is more to do.
        this.#isIdle = true;
      }
    });
    this.#isIdle = false;
    ignoreErrors(cancel);
  }
}
