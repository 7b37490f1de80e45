/** Which of two signals is the later one, whatever the order in which they arrived (DQSN v2, section 2). */
import type { SignalV2 } from "@dgb-shield/contract";
import { compareBytes } from "./internal/byte-order.js";

/** What orders signals: the time in milliseconds, then the canonical text. */
export type Timed = Readonly<{
  /** `observed_at`, or the time of arrival where that is absent. */
  timeMs: number;
  canonical: string;
}>;

/** Signals of one node, source and type replace each other. */
export const slotOf = ({
  node_id,
  source,
  type,
}: Pick<SignalV2, "node_id" | "source" | "type">): string => `${source} ${type} ${node_id}`;

/** Whether `a` is later than `b`: by time, then by canonical bytes. */
export const isLater = (a: Timed, b: Timed): boolean =>
  a.timeMs === b.timeMs ? compareBytes(a.canonical, b.canonical) > 0 : a.timeMs > b.timeMs;

/** Puts a signal under its key unless a later one is there. */
export function keepLatest<T extends Timed>(held: Map<string, T>, key: string, entry: T): void {
  const other = held.get(key);
  if (other === undefined || isLater(entry, other)) held.set(key, entry);
}
