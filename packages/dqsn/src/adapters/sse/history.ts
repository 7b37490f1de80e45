/** Keeps the last changes within bounds of number and bytes, for clients that resume (design section 4.2: exporters). */

/** A bounded list of past events, numbered from 1. */
export type History = Readonly<{
  /** Adds an event; the oldest ones go where it finds no room. */
  add: (bytes: Buffer) => void;
  /** An event by its number; undefined when it has gone, or has not come. */
  get: (number: number) => Buffer | undefined;
  /** Number of the event that an id names, where every later one is still held; else undefined. */
  resumeFrom: (id: string) => number | undefined;
  /** Number of the last event; 0 before the first. */
  last: () => number;
  idOf: (number: number) => string;
  /** Bytes charged for the events. */
  bytes: () => number;
}>;

/** Bounds of a history; `epoch` distinguishes its ids from those of an earlier process. */
export type HistoryOptions = Readonly<{ maxEvents: number; maxBytes: number; epoch: number }>;

/** Creates an empty history. */
export function createHistory({ maxEvents, maxBytes, epoch }: HistoryOptions): History {
  const events = new Map<number, Buffer>();
  let last = 0;
  let held = 0;

  function dropOldest(): void {
    const number = last - events.size + 1;
    const bytes = events.get(number);
    events.delete(number);
    held -= bytes === undefined ? 0 : costOf(bytes);
  }

  return {
    add: (bytes) => {
      last++;
      events.set(last, bytes);
      held += costOf(bytes);
      while (events.size > 0 && (events.size > maxEvents || held > maxBytes)) dropOldest();
    },
    get: (number) => events.get(number),
    resumeFrom: (id) => {
      const [, of, text] = /^(\d{1,16})-(\d{1,16})$/.exec(id) ?? [];
      const number = Number(text);
      const missed = last - number;
      return Number(of) === epoch && missed >= 0 && missed <= events.size ? number : undefined;
    },
    last: () => last,
    idOf: (number) => `${epoch}-${number}`,
    bytes: () => held,
  };
}

/** Bytes charged for a waiting event beside its own: its place in the queues of stream and socket. */
const OVERHEAD_BYTES = 512;

/** Gives the bytes charged for an event while it is kept or waits. */
export const costOf = (bytes: Buffer): number => bytes.length + OVERHEAD_BYTES;
