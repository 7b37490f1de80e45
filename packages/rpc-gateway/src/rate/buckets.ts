/** Token buckets: calls of each client and kind of method, at most so many a minute. */

/** Buckets of one gateway; at most one for each client and kind. */
export type Buckets = Readonly<{
  /**
   * Takes one call.
   *
   * @param key client and kind
   * @param perMinute what the policy allows now, at least 1
   * @param nowMs monotonic clock, milliseconds
   * @returns 0 where the call may run, else milliseconds until one may
   */
  take(key: string, perMinute: number, nowMs: number): number;
}>;

const MINUTE = 60_000;

/** A bucket holds what a minute brings; a rate that falls empties it to the new size. */
export function createBuckets(): Buckets {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(key, perMinute, nowMs) {
      const bucket = buckets.get(key) ?? { tokens: perMinute, atMs: nowMs };
      const elapsed = Math.max(0, nowMs - bucket.atMs);
      bucket.tokens = Math.min(perMinute, bucket.tokens + (elapsed * perMinute) / MINUTE);
      bucket.atMs = Math.max(bucket.atMs, nowMs);
      buckets.set(key, bucket);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      return Math.ceil(((1 - bucket.tokens) * MINUTE) / perMinute);
    },
  };
}
