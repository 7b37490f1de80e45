/** What this process knows of its own attempts to pay. */

/** Attempts of one process. */
export type Attempts = Readonly<{
  /** Begins a payment; false where one of the same identity is under way. */
  begin(paymentId: string): boolean;
  end(paymentId: string): void;
  isUnderWay(paymentId: string): boolean;
  /** Something is about to be sent for a reservation. */
  sent(handle: string, nowMs: number): void;
  /** Nothing more will be sent for it. */
  ended(handle: string): void;
  /** When it was sent; undefined where this process did not send it, or may still. */
  sentAtMs(handle: string): number | undefined;
  forget(handle: string): void;
}>;

/** Most handles that are kept, the newest. */
const MOST = 10_000;

/** Makes the record; it is in memory, and what it lacks is never proof of anything. */
export function createAttempts(): Attempts {
  const underWay = new Set<string>();
  const times = new Map<string, { sentAtMs: number; isOver: boolean }>();
  return {
    begin(id) {
      if (underWay.has(id)) return false;
      underWay.add(id);
      return true;
    },
    end: (id) => void underWay.delete(id),
    isUnderWay: (id) => underWay.has(id),
    sent(handle, nowMs) {
      times.set(handle, { sentAtMs: nowMs, isOver: false });
      if (times.size <= MOST) return;
      const [oldest] = times.keys();
      if (oldest !== undefined) times.delete(oldest);
    },
    ended(handle) {
      const attempt = times.get(handle);
      if (attempt !== undefined) attempt.isOver = true;
    },
    sentAtMs(handle) {
      const attempt = times.get(handle);
      return attempt?.isOver === true ? attempt.sentAtMs : undefined;
    },
    forget: (handle) => void times.delete(handle),
  };
}
