/** Turns of the processes that share a SQLite ledger: the lock is left free now and then. */

/**
 * Groups follow each other for so long; then the lock is left free for a moment, in which processes
 * that wait for it get their turn. Much longer where no other process was seen to write for a while.
 */
const TURN_MS = 10;
const PAUSE_MS = 6;
const LONELY_TURN_MS = 100;
const LONELY_PAUSE_MS = 2;
const SEEN_MS = 1_000;

/** Whose turn it is. */
export type Turns = ReturnType<typeof createTurns>;

/** Whose turn it is: leaves the lock free now and then. */
export function createTurns() {
  let begunMs = -Infinity;
  let endedMs = -Infinity;
  let seenMs = -Infinity;
  let version: number | null = null;
  return {
    /** Begins a group: checks whether another connection has written since the last one. */
    begin(current: number): void {
      const nowMs = performance.now();
      if (version !== null && current !== version) seenMs = nowMs;
      version = current;
      if (nowMs - endedMs >= LONELY_PAUSE_MS) begunMs = nowMs;
    },
    /** A group has ended. */
    end(): void {
      endedMs = performance.now();
    },
    /** How long the lock is still to be left free before the next group. */
    pauseMs(): number {
      const isLonely = endedMs - seenMs > SEEN_MS;
      if (endedMs - begunMs < (isLonely ? LONELY_TURN_MS : TURN_MS)) return 0;
      const pauseMs = isLonely ? LONELY_PAUSE_MS : PAUSE_MS;
      return Math.max(0, Math.ceil(endedMs + pauseMs - performance.now()));
    },
  };
}
