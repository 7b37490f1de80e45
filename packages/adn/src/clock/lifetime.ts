/** Turns the end of an event into a lifetime that runs from its receipt (design, section 3). */
import type { DefenseEvent } from "@dgb-shield/contract";
import type { DefenseNodeConfig } from "../config.js";
import type { Now } from "./now.js";

/**
 * Computes how long an event is active from its receipt, in milliseconds; null where it latches.
 *
 * By a trusted clock it is active until its end: what has ended already gets a negative lifetime. By a clock that
 * is not trusted nothing has ended: the event is active as long as its own dates give, by either clock.
 */
export function lifetimeOf(
  { observed_at_ms, expires_at_ms }: DefenseEvent,
  { status, wall_ms }: Now,
  { event_ttl_ms, max_event_ttl_ms }: DefenseNodeConfig,
): number | null {
  if (expires_at_ms === null) return null;
  const left = wall_ms === undefined ? 0 : expires_at_ms - wall_ms;
  if (status === "trusted") return Math.min(left, max_event_ttl_ms);
  const longest = Math.max(left, expires_at_ms - observed_at_ms);
  return Math.min(longest > 0 ? longest : event_ttl_ms, max_event_ttl_ms);
}
