/** Writes the evidence of the process that watches, in the statement that renews its lease. */
import type { Leadership } from "../../../pipeline/index.js";
import { type Lease, RENEW_MS, type Taken } from "../lease.js";
import { essenceOf, type Shared, writeDecision, writeShown } from "./document.js";

/** Milliseconds after which what people are shown is written anew though nothing was observed. */
const SHOWN_MS = 15_000;

/** The writing of one process, from when it began to watch. */
export type Publisher = Readonly<{
  /** Number of the evidence as it is now. */
  generation(): number;
  /** Notes that something was observed or ordered. */
  changed(): void;
  /**
   * Renews the lease, and writes the evidence where it changed or a second has passed.
   *
   * @returns false where the lease is another process's
   */
  publish(leadership: Leadership): Promise<boolean>;
}>;

/**
 * Creates a publisher.
 *
 * @param taken what the lease began with
 * @param monotonic milliseconds
 */
export function createPublisher(lease: Lease, taken: Taken, monotonic: () => number): Publisher {
  /** A moment of both clocks, the database's not later than it was then. */
  let anchor = { database: taken.now_ms, own: monotonic() };
  let { generation } = taken;
  let essence: string | null = null;
  let [writtenMs, shownMs] = [-Infinity, -Infinity];
  let isChanged = true;

  /** Raises the number where a decision could be another one by what is known now. */
  function number(shared: Shared): boolean {
    const now = essenceOf(shared);
    if (now === essence) return false;
    essence = now;
    generation += 1;
    return true;
  }

  async function write(shared: Shared, composedMs: number): Promise<number | null> {
    const isShown = isChanged || composedMs - shownMs >= SHOWN_MS;
    isChanged = false;
    const written = await lease.renew({
      generation,
      as_of_ms: Math.floor(anchor.database + composedMs - anchor.own),
      decision: writeDecision(shared),
      shown: isShown ? writeShown(shared) : undefined,
    });
    writtenMs = composedMs;
    if (isShown) shownMs = composedMs;
    return written;
  }

  return Object.freeze({
    generation: () => generation,
    changed() {
      isChanged = true;
    },
    async publish(leadership) {
      const composedMs = monotonic();
      const shared = await leadership.share();
      const isOther = shared !== null && number(shared);
      const isDue = composedMs - writtenMs >= RENEW_MS;
      if (!isOther && !isDue) return true;
      const database = shared === null ? await lease.renew() : await write(shared, composedMs);
      if (shared === null) writtenMs = composedMs;
      if (database !== null) anchor = { database, own: monotonic() };
      return database !== null;
    },
  } satisfies Publisher);
}
