/** Estimates how far the own clock is from the server's (design section 4.2: exporters). */

/** An estimate from samples. */
export type ClockSkew = Readonly<{
  /**
   * Takes a sample: own wall clock minus the server's, which transport makes larger and never smaller.
   *
   * @param atMs monotonic time of the sample
   */
  add: (skewMs: number, atMs: number) => void;
  /** The smallest sample of the last one or two half minutes; undefined without any. */
  valueAt: (atMs: number) => number | undefined;
}>;

const SPAN_MS = 30_000;

/** Creates an estimate without samples; it keeps two numbers, however many samples come. */
export function createClockSkew(): ClockSkew {
  let span = -Infinity;
  let current: number | undefined;
  let previous: number | undefined;

  function moveTo(atMs: number): void {
    const now = Math.floor(atMs / SPAN_MS);
    if (now <= span) return;
    previous = now === span + 1 ? current : undefined;
    current = undefined;
    span = now;
  }

  return {
    add: (skewMs, atMs) => {
      if (!Number.isFinite(skewMs)) return;
      moveTo(atMs);
      current = Math.min(current ?? Infinity, skewMs);
    },
    valueAt: (atMs) => {
      moveTo(atMs);
      return current === undefined || previous === undefined
        ? (current ?? previous)
        : Math.min(current, previous);
    },
  };
}
