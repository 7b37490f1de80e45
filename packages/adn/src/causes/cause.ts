/** Relates causes: until when one counts, which one it replaces, and which incident it is (design, section 6). */
import { type DefenseEvent, sha256Hex } from "@dgb-shield/contract";
import type { Cause } from "../memory/model.js";

/** Computes until when a cause is active, before its hold; Infinity where it latches. */
export const activeUntil = ({ received_at_ms, lifetime_ms }: Cause): number =>
  lifetime_ms === null ? Infinity : received_at_ms + lifetime_ms;

/** Computes until when a cause counts: the end of its hold; Infinity where it latches. */
export const countsUntil = (cause: Cause, hold_ms: number): number => activeUntil(cause) + hold_ms;

/** Ids of network views and of DQSN's answers: each replaces the one before. */
const WHOLE_NETWORK = /^(network_advisory|dqsn):[0-9a-f]{64}$/;

/**
 * Names the place that an event takes: a later event in the same place renews or replaces it. An
 * event of another source, or one that is local where the other is not, has a place of its own:
 * none can end, soften or take over what another source found.
 */
export function placeOf(event: DefenseEvent): string {
  return JSON.stringify([nameOf(event), event.source, event.local]);
}

/** Checks whether two events take one place. */
export const isSamePlace = (a: DefenseEvent, b: DefenseEvent): boolean =>
  a.source === b.source && a.local === b.local && nameOf(a) === nameOf(b);

function nameOf({ event_id, source, local }: DefenseEvent): string {
  const isWhole = source === "dqsn" && !local;
  return (isWhole ? WHOLE_NETWORK.exec(event_id)?.[1] : undefined) ?? event_id;
}

/**
 * Names the incident that an event reports, as a SHA-256. Another incident in the same place counts as new, and is
 * hidden by no order that was given before it: another type, another network view, a Sentinel
 * finding that was detected anew or by another detector, another malformed field.
 */
export function incidentOf(event: DefenseEvent): string {
  const { event_id, type, source, local, observed_at_ms, summary } = event;
  const isFinding = source === "sentinel" && type === "sentinel_alert";
  const detected = isFinding ? [observed_at_ms, summary.split(":", 1)[0] ?? ""] : [];
  const found = source === "adn" ? [summary] : [];
  return sha256Hex(JSON.stringify([event_id, type, source, local, ...detected, ...found]));
}

/** Orders causes, the worst first: by severity, then by how long it counts, then in a fixed order. */
export function worstFirst(a: Cause, b: Cause): number {
  const [endA, endB] = [activeUntil(a), activeUntil(b)];
  return (
    b.event.severity - a.event.severity ||
    (endA === endB ? 0 : endB - endA) ||
    compare(a.event.event_id, b.event.event_id) ||
    compare(a.event.source, b.event.source) ||
    Number(a.event.local) - Number(b.event.local) ||
    a.raised_sequence - b.raised_sequence
  );
}

/** Checks whether one cause makes another superfluous: at least as bad, for at least as long, and as new. */
export const covers = (a: Cause, b: Cause): boolean =>
  a.event.severity >= b.event.severity &&
  activeUntil(a) >= activeUntil(b) &&
  a.raised_sequence >= b.raised_sequence &&
  (a.event.local || !b.event.local);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
