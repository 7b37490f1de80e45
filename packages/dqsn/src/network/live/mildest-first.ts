/** The mildest of some held signals at hand: which one a worse signal displaces (DQSN v2, section 2). */

/** What ranks a held signal among others. */
type Ranked = Readonly<{
  severity: number;
  timeMs: number;
  slotHash: string;
  /** Undefined while it is not live. */
  branch: unknown;
}>;

/** A signal as it was when it was noted; another severity or time makes the note stale. */
type Note<S> = Readonly<{ signal: S; severity: number; timeMs: number }>;

/** Room for stale notes beside those of live signals. */
const SPARE = 64;

/**
 * A binary heap of notes on signals: mildest first, of those the oldest, then by slot hash. A note whose
 * signal has changed or gone stays until it surfaces.
 */
export class MildestFirst<S extends Ranked> {
  readonly #notes: Note<S>[] = [];

  constructor(signals: Iterable<S>) {
    for (const signal of signals) this.note(signal);
  }

  /** Notes a signal that is new, or has changed. */
  note(signal: S): void {
    this.#rise({ signal, severity: signal.severity, timeMs: signal.timeMs });
  }

  /** Whether stale notes outnumber the live signals, so that it is better made anew. */
  isWorn(live: number): boolean {
    return this.#notes.length > 2 * live + SPARE;
  }

  /** Takes the first signal out if it is milder than `severity`. */
  take(severity: number): S | undefined {
    while (this.#notes.length > 0) {
      const first = this.#notes[0] as Note<S>;
      if (isFresh(first) && first.severity >= severity) return undefined;
      this.#dropFirst();
      if (isFresh(first)) return first.signal;
    }
    return undefined;
  }

  #dropFirst(): void {
    const last = this.#notes.pop() as Note<S>;
    if (this.#notes.length > 0) this.#sink(last);
  }

  #rise(note: Note<S>): void {
    const notes = this.#notes;
    let at = notes.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(note, notes[above] as Note<S>)) break;
      notes[at] = notes[above] as Note<S>;
      at = above;
    }
    notes[at] = note;
  }

  #sink(note: Note<S>): void {
    const notes = this.#notes;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= notes.length) break;
      const other = below + 1;
      if (other < notes.length && isBefore(notes[other] as Note<S>, notes[below] as Note<S>))
        below++;
      if (!isBefore(notes[below] as Note<S>, note)) break;
      notes[at] = notes[below] as Note<S>;
      at = below;
    }
    notes[at] = note;
  }
}

const isFresh = ({ signal, severity, timeMs }: Note<Ranked>): boolean =>
  signal.branch !== undefined && signal.severity === severity && signal.timeMs === timeMs;

const isBefore = (a: Note<Ranked>, b: Note<Ranked>): boolean =>
  isMilder(a, b, a.signal.slotHash < b.signal.slotHash);

/** Whether `a` is displaced before `b`; `ofEqual` decides between equal ones. */
function isMilder(a: Rank, b: Rank, ofEqual: boolean): boolean {
  if (a.severity !== b.severity) return a.severity < b.severity;
  return a.timeMs === b.timeMs ? ofEqual : a.timeMs < b.timeMs;
}

type Rank = Readonly<{ severity: number; timeMs: number }>;

/** The one of some signals that is displaced first. */
export function mildestOf<S extends Ranked>(signals: readonly S[]): S | undefined {
  let found: S | undefined;
  for (const signal of signals) {
    if (found === undefined || isMilder(signal, found, signal.slotHash < found.slotHash)) {
      found = signal;
    }
  }
  return found;
}
