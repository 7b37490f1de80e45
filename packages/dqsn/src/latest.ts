/** Which of two signals is the later one, whatever the order in which they arrived (DQSN v2, section 2). */
import type { SignalV2 } from "@dgb-shield/contract";
import { compareBytes } from "./internal/byte-order.js";

/** A signal with what orders it. */
export type TimedSignal = Readonly<{
  signal: SignalV2;
  canonical: string;
  /** `observed_at`, or the time of arrival where that is absent; milliseconds. */
  timeMs: number;
}>;

/** Signals of one node, source and type replace each other. */
export const slotOf = ({ node_id, source, type }: SignalV2): string =>
  `${source} ${type} ${node_id}`;

/** Whether `a` is later than `b`: by time, then by canonical bytes. */
const isLater = (a: TimedSignal, b: TimedSignal): boolean =>
  a.timeMs === b.timeMs ? compareBytes(a.canonical, b.canonical) > 0 : a.timeMs > b.timeMs;

/** Puts a signal under its key unless a later one is there. */
export function keepLatest<T extends TimedSignal>(
  held: Map<string, T>,
  key: string,
  entry: T,
): void {
  const other = held.get(key);
  if (other === undefined || isLater(entry, other)) held.set(key, entry);
}
