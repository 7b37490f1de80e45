/** Keeps a replaced cause until its hold is over (design, section 6). */
import { activeUntil, covers, isSamePlace } from "./cause.js";
import type { Cause } from "../memory/model.js";

/** Most replaced causes in one place that last out their holds. */
const MAX_LASTING = 8;

/** A cause, what replaces it, and all other causes. */
export type Replacement = Readonly<{ former: Cause; next: Cause; others: readonly Cause[] }>;

/** Adds what lasts of the replaced cause to the others: it ends now, and its hold begins. */
export function lastingOut({ former, next, others }: Replacement, nowMs: number): Cause[] {
  const passed = nowMs - former.received_at_ms;
  const lifetime_ms = Math.min(former.lifetime_ms ?? passed, passed);
  const last = { ...former, lifetime_ms, current: false };
  if (covers(next, last)) return [...others];
  const isBeside = ({ event, current }: Cause) => !current && isSamePlace(event, last.event);
  const beside = others.filter((cause) => isBeside(cause) && !covers(last, cause));
  return [...others.filter((cause) => !isBeside(cause)), ...few([...beside, last])];
}

/** Bounds their number: merges the two that end closest together into one as bad as the worse and as long as the longer. */
function few(lasting: readonly Cause[]): Cause[] {
  const byEnd = lasting.toSorted((a, b) => activeUntil(a) - activeUntil(b));
  if (byEnd.length <= MAX_LASTING) return byEnd;
  const gaps = byEnd.slice(1).map((cause, i) => activeUntil(cause) - endOf(byEnd[i]));
  const closest = gaps.indexOf(Math.min(...gaps));
  const [early, late] = [byEnd[closest], byEnd[closest + 1]];
  if (early === undefined || late === undefined) return byEnd;
  const others = byEnd.filter((cause) => cause !== early && cause !== late);
  return [...others, merged(early, late)];
}

const endOf = (cause: Cause | undefined): number => (cause === undefined ? 0 : activeUntil(cause));

function merged(early: Cause, late: Cause): Cause {
  const worse = early.event.severity > late.event.severity ? early : late;
  const { received_at_ms, lifetime_ms } = late;
  const raised_sequence = Math.max(early.raised_sequence, late.raised_sequence);
  const event = { ...worse.event, expires_at_ms: late.event.expires_at_ms };
  return { ...worse, event, received_at_ms, lifetime_ms, raised_sequence };
}
