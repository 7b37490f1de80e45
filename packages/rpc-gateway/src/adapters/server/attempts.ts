/** What this process knows of its own attempts to pay. */

/** An attempt that is over, whatever became of it. */
export type EndedAttempt = Readonly<{
  /** Wall clock, milliseconds since 1970. */
  atMs: number;
  /** Process of the node that may have got the call; undefined where it cannot be told from others. */
  instance: string | undefined;
}>;

/** Attempts of one process. */
export type Attempts = Readonly<{
  /** Begins a payment; false where one of the same identity is under way. */
  begin(paymentId: string): boolean;
  end(paymentId: string): void;
  isUnderWay(paymentId: string): boolean;
  /** Nothing more will be sent for a reservation. */
  ended(handle: string, attempt: EndedAttempt): void;
  /** Undefined where this process did not try, or may still be trying. */
  endOf(handle: string): EndedAttempt | undefined;
  forget(handle: string): void;
}>;

/** Most handles that are kept, the newest. */
const MOST = 10_000;

/** Makes the record; it is in memory, and what it lacks is never proof of anything. */
export function createAttempts(): Attempts {
  const underWay = new Set<string>();
  const ends = new Map<string, EndedAttempt>();
  return {
    begin(id) {
      if (underWay.has(id)) return false;
      underWay.add(id);
      return true;
    },
    end: (id) => void underWay.delete(id),
    isUnderWay: (id) => underWay.has(id),
    ended(handle, attempt) {
      ends.set(handle, attempt);
      if (ends.size <= MOST) return;
      const [oldest] = ends.keys();
      if (oldest !== undefined) ends.delete(oldest);
    },
    endOf: (handle) => ends.get(handle),
    forget: (handle) => void ends.delete(handle),
  };
}
