/** Counts in a window of bounded memory, by the node's time (design, section 6). */
import {
  type Bucket,
  type Counter,
  type Counts,
  type InputsMemory,
  MAX_BUCKETS,
  MAX_SEEN,
} from "./model.js";

/** A moment of the node's time, and the length of the window in milliseconds. */
export type Window = Readonly<{ time_ms: number; window_ms: number }>;

const COUNTERS: readonly Counter[] = [
  "refused_payments",
  "spikes",
  "freezes",
  "rpc_calls",
  "rpc_refused",
  "rpc_unauthorized",
];
const ZERO: Omit<Bucket, "at_ms"> = Object.freeze({
  refused_payments: 0,
  spikes: 0,
  freezes: 0,
  rpc_calls: 0,
  rpc_refused: 0,
  rpc_unauthorized: 0,
});
const MAX_COUNT = 2 ** 40;

/** Lets go what has left the window. A part goes once its beginning has left: it counts for the window at most. */
export const pruned = (inputs: InputsMemory, { time_ms, window_ms }: Window): InputsMemory => ({
  ...inputs,
  buckets: inputs.buckets.filter(({ at_ms }) => at_ms > time_ms - window_ms),
  seen: inputs.seen.filter(({ at_ms }) => at_ms > time_ms - window_ms),
});

/** Adds to the counts of now. Where there are more parts than the memory holds, the two oldest become one. */
export function counted(
  inputs: InputsMemory,
  counts: Counts,
  { time_ms, window_ms }: Window,
): InputsMemory {
  const part_ms = Math.ceil(window_ms / (MAX_BUCKETS - 2));
  const last = inputs.buckets.at(-1);
  const isOpen = last !== undefined && time_ms - last.at_ms < part_ms;
  const current = isOpen ? last : { at_ms: time_ms, ...ZERO };
  const former = isOpen ? inputs.buckets.slice(0, -1) : inputs.buckets;
  return { ...inputs, buckets: few([...former, sum(current, counts)]) };
}

function few(buckets: readonly Bucket[]): Bucket[] {
  const [first, second, ...others] = buckets;
  if (buckets.length <= MAX_BUCKETS || first === undefined || second === undefined)
    return [...buckets];
  return [{ ...sum(second, first), at_ms: second.at_ms }, ...others];
}

function sum(bucket: Bucket, counts: Counts): Bucket {
  const added = new Map(Object.entries(counts));
  const sums = COUNTERS.map((name) => [
    name,
    Math.min(MAX_COUNT, bucket[name] + (added.get(name) ?? 0)),
  ]);
  return { ...(Object.fromEntries(sums) as Omit<Bucket, "at_ms">), at_ms: bucket.at_ms };
}

/** Sums one counter over the window. */
export const totalOf = ({ buckets }: InputsMemory, name: Counter): number =>
  buckets.reduce((total, bucket) => total + bucket[name], 0);

/** Notes a payment as counted; undefined where it was already. */
export function firstSight(
  inputs: InputsMemory,
  key: string,
  { time_ms }: Window,
): InputsMemory | undefined {
  if (inputs.seen.some((one) => one.key === key)) return undefined;
  return { ...inputs, seen: [...inputs.seen, { key, at_ms: time_ms }].slice(-MAX_SEEN) };
}
