/** Finds the one event that a sink cannot take while it takes others (design, section 9). */

/** Failures of an event offered alone before the first test of the sink with another event; doubles from there. */
const FIRST_TEST = 2;
/** Failures before an event that was never delivered serves for that test. */
const TEST_BY_NEXT = 8;
/** Failures right after the sink took another event, until an event is set aside. */
const ACCUSATIONS = 3;

/** What to offer: the head of what waits, or one other event, whose delivery is a test of the sink alone. */
export type Offer<T> = Readonly<{ items: readonly T[]; isTest: boolean }>;

/** What follows from an outcome: wait as usual, go on at once, or give the head up. */
export type Step = "wait" | "go_on" | "set_aside";

type Settled = Readonly<{ done: number; refused: number }>;

type Suspect<T> = { readonly item: T; failures: number; accusations: number; isTaking: boolean };

/**
 * Narrows what is offered from the second failure in a row on, down to the head alone. Where the head goes on failing, an event that
 * the sink took before is offered again: only where the sink takes it, time and again, is the head the cause, and set
 * aside. A sink that takes nothing is down, and keeps everything.
 */
export class Isolation<T> {
  #size = Infinity;
  #failuresInARow = 0;
  #suspect: Suspect<T> | null = null;
  #isTesting = false;
  #hasOther = false;
  #taken: T | undefined;

  /** What to offer of what waits, oldest first. */
  choose(waiting: readonly T[]): Offer<T> {
    const [head] = waiting;
    if (this.#suspect !== null && this.#suspect.item !== head) this.#clear();
    if (this.#suspect === null) return { items: waiting.slice(0, this.#size), isTest: false };
    const other = this.#taken ?? waiting[1];
    this.#hasOther = other !== undefined;
    if (this.#isTesting && other !== undefined) return { items: [other], isTest: true };
    return { items: waiting.slice(0, 1), isTest: false };
  }

  /** Records how many of what was offered were settled, from its head, and how many of those were refused. */
  conclude({ items, isTest }: Offer<T>, { done, refused }: Settled): Step {
    if (done > 0 && refused === 0) this.#taken = items[done - 1];
    if (isTest) return this.#tested(done > 0 && refused === 0);
    if (done > 0) return this.#advanced();
    this.#failuresInARow++;
    return this.#failed(items);
  }

  #tested(isTaking: boolean): Step {
    this.#isTesting = false;
    if (this.#suspect !== null) this.#suspect.isTaking = isTaking;
    return isTaking ? "go_on" : "wait";
  }

  #advanced(): Step {
    this.#clear();
    this.#failuresInARow = 0;
    this.#size = Math.max(2, this.#size * 2);
    return "go_on";
  }

  #failed(items: readonly T[]): Step {
    const [head] = items;
    if (head === undefined) return "wait";
    if (items.length > 1) {
      if (this.#failuresInARow > 1) this.#size = Math.ceil(items.length / 2);
      return "wait";
    }
    this.#size = 1;
    const suspect = (this.#suspect ??= {
      item: head,
      failures: 0,
      accusations: 0,
      isTaking: false,
    });
    suspect.failures++;
    if (suspect.isTaking) suspect.accusations++;
    // [DROP set_aside] it fails time and again, right after the sink took another event
    if (suspect.accusations >= ACCUSATIONS) {
      this.#clear();
      return "set_aside";
    }
    this.#isTesting = this.#hasOther && this.#isTestDue(suspect);
    suspect.isTaking = false;
    return this.#isTesting ? "go_on" : "wait";
  }

  #isTestDue({ failures, accusations }: Suspect<T>): boolean {
    if (accusations > 0) return true;
    const isPowerOfTwo = (failures & (failures - 1)) === 0;
    return isPowerOfTwo && failures >= (this.#taken === undefined ? TEST_BY_NEXT : FIRST_TEST);
  }

  #clear(): void {
    this.#suspect = null;
    this.#isTesting = false;
  }
}
