/** Whether memory grows: heap after garbage collection, by its slope. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Bytes of the heap that are in use, after a garbage collection. */
export function heapBytes(): number {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  return process.memoryUsage().heapUsed;
}

/** A reading of the heap after so many polls. */
export type HeapReading = Readonly<{ polls: number; bytes: number }>;

/** Bytes that each poll adds, by least squares over the later half of the readings. */
export function bytesPerPoll(readings: readonly HeapReading[]): number {
  const later = readings.slice(readings.length >> 1);
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [meanOf(later.map(({ polls }) => polls)), meanOf(later.map((one) => one.bytes))];
  const above = later.reduce((sum, { polls, bytes }) => sum + (polls - x) * (bytes - y), 0);
  const below = later.reduce((sum, { polls }) => sum + (polls - x) ** 2, 0);
  return above / below;
}
