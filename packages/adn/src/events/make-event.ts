/** Makes defense events: bounded texts, stable ids, and an expiry unless they latch. */
import {
  advanceClock,
  type DefenseEvent,
  LIMITS,
  sha256Hex,
  type TimeReading,
} from "@dgb-shield/contract";
import { DEFAULT_EVENT_TTL_MS } from "../config.js";
import { ownValue } from "../internal/own-data.js";

/** Options of the event makers. */
export type EventOptions = Readonly<{
  /** Milliseconds that an event counts unless renewed: 1–2,592,000,000; default: 600,000. */
  event_ttl_ms?: number | undefined;
}>;

/** Source of the events that the node itself makes. */
export const OWN_SOURCE = "adn";

const MAX_TTL_MS = 30 * 86_400_000;

/** When events are made, and how long they count. */
export type Making = Readonly<{ now_ms: number; ttl_ms: number }>;

/**
 * Reads the clock and the options of a maker.
 *
 * @returns or the event of a reading that gives no time, or of options that cannot be read: it counts
 * for as long as the node lets any event count
 */
export function makingOf(
  reading: TimeReading,
  options: EventOptions | undefined,
): Readonly<{ making: Making; fault?: never } | { fault: DefenseEvent; making?: never }> {
  const checked = advanceClock(undefined, reading);
  if (!checked.ok) return { fault: lastingEvent(`time of an event: ${checked.detail}`) };
  const given = ownValue(options, "event_ttl_ms");
  const ttl_ms = given === undefined ? DEFAULT_EVENT_TTL_MS : given;
  if (!isTtl(ttl_ms)) {
    return { fault: lastingEvent("event_ttl_ms is no whole number of milliseconds up to 30 days") };
  }
  return { making: { now_ms: checked.wall_ms, ttl_ms } };
}

const isTtl = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MAX_TTL_MS;

const lastingEvent = (summary: string): DefenseEvent => ({
  ...nodeEvent({ type: "malformed_event", summary, severity: 1 }, 0, 1),
  expires_at_ms: Number.MAX_SAFE_INTEGER,
});

/** Cuts a summary to its field's length. */
export const summaryOf = (text: string): string => text.slice(0, 512).toWellFormed();

/** Joins parts to an id; hashes it where it would be too long. */
export function idOf(...parts: readonly string[]): string {
  const id = parts.join(":");
  return id.length <= LIMITS.maxIdLength ? id : `${parts[0] ?? ""}:${sha256Hex(id)}`;
}

/** Hashes what an event rests on (SHA-256): any change of it is another incident. */
export const restsOn = (...facts: readonly unknown[]): string => sha256Hex(JSON.stringify(facts));

/** Makes an event of what the node itself found. Its origin is unknown, so it is not local. */
export const nodeEvent = (
  { type, summary, severity }: Readonly<{ type: string; summary: string; severity: number }>,
  nowMs: number,
  ttlMs: number,
): DefenseEvent => ({
  event_id: type,
  type,
  severity,
  source: OWN_SOURCE,
  observed_at_ms: nowMs,
  expires_at_ms: nowMs + ttlMs,
  local: false,
  summary: summaryOf(`${type} ${summary}`),
});

/** Makes the event of unreadable input from another layer. */
export const malformed = (what: string, path: string, { now_ms, ttl_ms }: Making): DefenseEvent =>
  nodeEvent(
    { type: "malformed_event", summary: `${what} at ${path || "/"}`, severity: 1 },
    now_ms,
    ttl_ms,
  );
