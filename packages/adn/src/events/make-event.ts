/** How defence events are made: bounded texts, stable ids, and an expiry unless they latch. */
import { type DefenseEvent, LIMITS, sha256Hex } from "@dgb-shield/contract";
import { DEFAULT_EVENT_TTL_MS } from "../config.js";

/** Options of the event makers. */
export type EventOptions = Readonly<{
  /** Milliseconds that an event counts unless renewed; default: 600,000. */
  event_ttl_ms?: number | undefined;
}>;

/** When an event made at `nowMs` expires. */
export const expiryOf = (nowMs: number, options: EventOptions): number =>
  nowMs + (options.event_ttl_ms ?? DEFAULT_EVENT_TTL_MS);

/** A summary that fits its field. */
export const summaryOf = (text: string): string => text.slice(0, 512).toWellFormed();

/** An id made of parts, the same for the same parts; hashed where it would be too long. */
export function idOf(...parts: readonly string[]): string {
  const id = parts.join(":");
  return id.length <= LIMITS.max_id_length ? id : `${parts[0] ?? ""}:${sha256Hex(id)}`;
}

/** Something critical that the node itself found. Where it comes from is unknown, so it is not local. */
export const nodeEvent = (
  { type, summary }: Readonly<{ type: string; summary: string }>,
  nowMs: number,
  options: EventOptions,
): DefenseEvent => ({
  event_id: type,
  type,
  severity: 1,
  source: "adn",
  observed_at_ms: nowMs,
  expires_at_ms: expiryOf(nowMs, options),
  local: false,
  summary: summaryOf(`${type} ${summary}`),
});
