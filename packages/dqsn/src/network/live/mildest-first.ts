/** Priority queue of live signals, the mildest first: the one that a worse signal displaces (design section 4.2: bounds). */

/** The rank of a live signal among others. */
type Ranked = Readonly<{
  severity: number;
  timeMs: number;
  slotHash: string;
  /** Undefined while it is not live. */
  branch: unknown;
}>;

/** A signal with its rank at the time of the entry; another severity or time makes the entry stale. */
type Entry<S> = Readonly<{ signal: S; severity: number; timeMs: number }>;

/** Room for stale entries beside those of live signals. */
const SPARE = 64;

/**
 * A binary heap with lazy deletion: mildest first, of those the oldest, then by slot hash. An entry whose
 * signal has changed or gone stays until it surfaces.
 */
export class MildestFirst<S extends Ranked> {
  readonly #entries: Entry<S>[] = [];

  constructor(signals: Iterable<S>) {
    for (const signal of signals) this.add(signal);
  }

  /** Adds a signal that is new or has changed. */
  add(signal: S): void {
    this.#rise({ signal, severity: signal.severity, timeMs: signal.timeMs });
  }

  /** Whether stale entries outnumber the live signals, so that a new queue is cheaper. */
  isWorn(live: number): boolean {
    return this.#entries.length > 2 * live + SPARE;
  }

  /** Removes and returns the first signal if it is milder than `severity`. */
  take(severity: number): S | undefined {
    while (this.#entries.length > 0) {
      const first = this.#entries[0] as Entry<S>;
      if (isFresh(first) && first.severity >= severity) return undefined;
      this.#dropFirst();
      if (isFresh(first)) return first.signal;
    }
    return undefined;
  }

  #dropFirst(): void {
    const last = this.#entries.pop() as Entry<S>;
    if (this.#entries.length > 0) this.#sink(last);
  }

  #rise(entry: Entry<S>): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(entry, entries[above] as Entry<S>)) break;
      entries[at] = entries[above] as Entry<S>;
      at = above;
    }
    entries[at] = entry;
  }

  #sink(entry: Entry<S>): void {
    const entries = this.#entries;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= entries.length) break;
      const other = below + 1;
      if (
        other < entries.length &&
        isBefore(entries[other] as Entry<S>, entries[below] as Entry<S>)
      )
        below++;
      if (!isBefore(entries[below] as Entry<S>, entry)) break;
      entries[at] = entries[below] as Entry<S>;
      at = below;
    }
    entries[at] = entry;
  }
}

const isFresh = ({ signal, severity, timeMs }: Entry<Ranked>): boolean =>
  signal.branch !== undefined && signal.severity === severity && signal.timeMs === timeMs;

const isBefore = (a: Entry<Ranked>, b: Entry<Ranked>): boolean =>
  isMilder(a, b, a.signal.slotHash < b.signal.slotHash);

/** Whether `a` is displaced before `b`; `ofEqual` decides between equal ones. */
function isMilder(a: Rank, b: Rank, ofEqual: boolean): boolean {
  if (a.severity !== b.severity) return a.severity < b.severity;
  return a.timeMs === b.timeMs ? ofEqual : a.timeMs < b.timeMs;
}

type Rank = Readonly<{ severity: number; timeMs: number }>;

/** Finds the signal that is displaced first. */
export function mildestOf<S extends Ranked>(signals: readonly S[]): S | undefined {
  let found: S | undefined;
  for (const signal of signals) {
    if (found === undefined || isMilder(signal, found, signal.slotHash < found.slotHash)) {
      found = signal;
    }
  }
  return found;
}
