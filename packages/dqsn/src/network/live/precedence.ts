/** Precedence of the signals of one slot, in whatever order they arrived (design section 4.2: slots). */
import type { SignalV2 } from "@dgb-shield/contract";
import { compareBytes } from "../../internal/byte-order.js";

/** The keys of the order: the date, then the severity, then the canonical text. */
export type Dated = Readonly<{
  /** `observed_at`, or the time of arrival where that is absent. */
  dateMs: number;
  /** Integer of 10⁻⁶. */
  severity: number;
  canonical: string;
}>;

/** The key of a slot: signals of one operator, node, source and type replace each other. */
export const slotOf = ({
  source,
  type,
  node_id,
  operator,
}: Pick<SignalV2, "node_id" | "source" | "type"> & { operator?: string | undefined }): string =>
  JSON.stringify(
    operator === undefined ? [source, type, node_id] : [source, type, node_id, operator],
  );

/** Whether `a` has precedence over `b`: the later one, of one date the worse one, then by canonical bytes. */
function isLater(a: Dated, b: Dated): boolean {
  if (a.dateMs !== b.dateMs) return a.dateMs > b.dateMs;
  if (a.severity !== b.severity) return a.severity > b.severity;
  return compareBytes(a.canonical, b.canonical) > 0;
}

/**
 * Whether a signal that arrives takes the place of the held one. A held one whose date is still to come
 * outranks nothing that is worse.
 */
export const supersedes = (arriving: Dated, held: Dated, nowMs: number): boolean =>
  isLater(arriving, held) || (held.dateMs > nowMs && arriving.severity > held.severity);

/** Puts a signal under its key unless one that counts before it is there. */
export function keepLatest<T extends Dated>(held: Map<string, T>, key: string, entry: T): void {
  const other = held.get(key);
  if (other === undefined || isLater(entry, other)) held.set(key, entry);
}
