/** Series of the last days in fixed memory: one value a minute, the oldest overwritten. */

/** Length of a bucket, in milliseconds. */
export const STEP_MS = 60_000;
/** Buckets that are kept: seven days. */
export const BUCKETS = 10_080;

/** Values by bucket; NaN where there is none. */
export type Ring = Readonly<{
  set(bucket: number, value: number): void;
  add(bucket: number, value: number): void;
  at(bucket: number): number;
}>;

/** Creates a ring of numbers: 80 kB. */
export function createRing(): Ring {
  const values = new Float64Array(BUCKETS).fill(NaN);
  const owners = new Float64Array(BUCKETS).fill(-1);
  const placeOf = (bucket: number): number => bucket % BUCKETS;
  const set = (bucket: number, value: number): void => {
    const place = placeOf(bucket);
    // A bucket of before never takes the place of a later one.
    if ((owners[place] ?? -1) > bucket) return;
    owners[place] = bucket;
    values[place] = value;
  };
  const at = (bucket: number): number => {
    const place = placeOf(bucket);
    return owners[place] === bucket ? (values[place] ?? NaN) : NaN;
  };
  return Object.freeze({
    ...{ set, at },
    add: (bucket, value) => set(bucket, (Number.isNaN(at(bucket)) ? 0 : at(bucket)) + value),
  } satisfies Ring);
}

/** The bucket of a time. */
export const bucketOf = (ms: number): number => Math.floor(ms / STEP_MS);
