/** Bounds the number of causes: evicts the mildest first, and keeps a sum of what was evicted (design, section 6). */
import { type DefenseEvent, SCALE } from "@dgb-shield/contract";
import { activeUntil, worstFirst } from "./cause.js";
import { OWN_SOURCE } from "../events/make-event.js";
import { type Cause, MAX_CAUSES, type Memory } from "../memory/model.js";

/** Places kept free: for the overflow itself, also where a source uses its name, and for the sums of evicted causes. */
const RESERVED = 5;
/** Most causes beside those. */
const MAX_REPORTED = MAX_CAUSES - RESERVED;
const OVERFLOW = "event_overflow";
const REST_OF_LATCHED = "evicted_latches";
const REST_OF_OTHERS = "evicted_causes";

/** What was found beside the bounded memory. */
export type Bounded = Readonly<{
  memory: Memory;
  overflow: Readonly<{ type: string; summary: string; severity: number }> | undefined;
}>;

/**
 * Bounds the memory to 251 causes. Where there are more, the mildest go, latched or not: what is
 * left of them is one cause as bad as the worst and as lasting as the longest, one for the latched
 * ones and one for the others, so that no flood of events can end what was there.
 */
export function bounded(memory: Memory): Bounded {
  const reported = memory.causes.filter((cause) => !isOwn(cause));
  if (reported.length <= MAX_REPORTED) return { memory, overflow: undefined };
  const ordered = reported.toSorted(worstFirst);
  const evicted = [
    ...memory.causes.filter((cause) => isRest(cause)),
    ...ordered.slice(MAX_REPORTED),
  ];
  const isLatched = ({ lifetime_ms }: Cause) => lifetime_ms === null;
  const causes = [
    ...ordered.slice(0, MAX_REPORTED),
    ...memory.causes.filter((cause) => isOwn(cause) && !isRest(cause)),
    ...restOf(evicted.filter(isLatched), REST_OF_LATCHED),
    ...restOf(
      evicted.filter((cause) => !isLatched(cause)),
      REST_OF_OTHERS,
    ),
  ];
  // [ELEVATED event_overflow] more causes than the memory holds
  const summary = `more than ${MAX_REPORTED} causes at once`;
  // As severe as what was evicted: a flood of mild causes is no critical one by itself.
  const severity = Math.max(SCALE.elevated, ...evicted.map(({ event }) => event.severity));
  return { memory: { ...memory, causes }, overflow: { type: OVERFLOW, summary, severity } };
}

const RESTS: readonly string[] = [REST_OF_LATCHED, REST_OF_OTHERS];

const isOurs = ({ source, type }: DefenseEvent): boolean =>
  source === OWN_SOURCE && type === OVERFLOW;
const isRest = ({ event, current }: Cause): boolean =>
  current && isOurs(event) && RESTS.includes(event.event_id);
const isOwn = (cause: Cause): boolean =>
  isRest(cause) ||
  (cause.current && isOurs(cause.event) && cause.event.event_id === OVERFLOW && !cause.event.local);

/** Sums several causes up in one. */
function restOf(evicted: readonly Cause[], event_id: string): Cause[] {
  const [worst] = evicted.toSorted(worstFirst);
  const [longest] = evicted.toSorted((a, b) => activeUntil(b) - activeUntil(a));
  if (worst === undefined || longest === undefined) return [];
  const { severity, observed_at_ms } = worst.event;
  const event: DefenseEvent = {
    event_id,
    type: OVERFLOW,
    severity,
    source: OWN_SOURCE,
    observed_at_ms,
    expires_at_ms: longest.event.expires_at_ms,
    local: evicted.every((cause) => cause.event.local),
    summary: `what is left of causes beyond ${MAX_REPORTED}, the mildest`,
  };
  const raised_sequence = Math.max(...evicted.map((cause) => cause.raised_sequence));
  return [{ ...longest, event, raised_sequence, current: true }];
}
