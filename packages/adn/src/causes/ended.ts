/** Keeps what ended, in case the clock that ended it was wrong (design, section 6). */
import { activeUntil } from "./cause.js";
import { type Cause, MAX_ENDED } from "../memory/model.js";

/**
 * Selects the ended causes worth keeping: none that ended earlier than another and was milder,
 * and at most 64, the worst. One that takes the place of another counts as new as that one.
 */
export function keptEnded(ended: readonly Cause[]): Cause[] {
  const latestFirst = ended.toSorted(
    (a, b) => activeUntil(b) - activeUntil(a) || b.event.severity - a.event.severity,
  );
  const kept: Cause[] = [];
  for (const cause of latestFirst) {
    const index = kept.findIndex((other) => isAsBad(other, cause));
    const other = kept[index];
    if (other === undefined) kept.push(cause);
    else kept[index] = { ...other, raised_sequence: newest(other, cause) };
  }
  return kept.toSorted((a, b) => b.event.severity - a.event.severity).slice(0, MAX_ENDED);
}

const isAsBad = ({ event }: Cause, other: Cause): boolean =>
  event.severity >= other.event.severity && (event.local || !other.event.local);

const newest = (a: Cause, b: Cause): number => Math.max(a.raised_sequence, b.raised_sequence);
