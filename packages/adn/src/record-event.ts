/** Takes one event into the memory: renewal, worsening, latches, and what an operator released (design: layer 3). */
import { type DefenseEvent, defenseEventSchema, offencePath } from "@dgb-shield/contract";
import type { DefenseNodeConfig } from "./config.js";
import { nodeEvent } from "./events/make-event.js";
import { readPlain } from "./internal/plain.js";
import { type Cause, type DefenseSnapshot, MAX_CAUSES } from "./model.js";

/**
 * Takes in one event of unknown make. A malformed one is itself a critical event: an attacker, or
 * a broken reporter, must not go unseen by being unreadable.
 */
export function recordEvent(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  input: unknown,
): DefenseSnapshot {
  const event = readEvent(input);
  return "path" in event
    ? recordFinding(model, config, { type: "malformed_event", summary: `at ${event.path || "/"}` })
    : bounded(record(model, config, event), config);
}

/** Takes in something critical that the node itself found. */
export function recordFinding(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  finding: { type: string; summary: string },
): DefenseSnapshot {
  const event = nodeEvent(finding, model.time_ms, { event_ttl_ms: config.event_ttl_ms });
  return bounded(record(model, config, event), config);
}

function readEvent(input: unknown): DefenseEvent | { path: string } {
  const plain = readPlain(input);
  if (!plain.ok) return { path: plain.path };
  const parsed = defenseEventSchema.safeParse(plain.value);
  return parsed.success ? parsed.data : { path: offencePath(parsed.error) };
}

function record(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  given: DefenseEvent,
): DefenseSnapshot {
  if (isWaived(model, given)) return model;
  const former = model.causes.find(
    ({ event, current }) => current && event.event_id === given.event_id,
  );
  if (former !== undefined && isOutdated(given, former)) return model;
  const sequence = model.sequence + 1;
  const event = withLatchKept(withinLongestLife(given, model, config), former);
  const next: Cause = {
    event,
    received_at_ms: model.time_ms,
    raised_sequence: isRenewal(event, former, model) ? former.raised_sequence : sequence,
    counts_until_ms: event.expires_at_ms === null ? null : event.expires_at_ms + config.hold_ms,
    current: true,
  };
  const others = model.causes.filter((cause) => cause !== former);
  const lasting =
    former === undefined ? [] : lastingOut(former, next, model.time_ms + config.hold_ms);
  return { ...model, sequence, causes: [...others, ...lasting, next] };
}

/** Released by an operator, who saw this observation or a later one, and nothing milder. */
function isWaived({ waivers }: DefenseSnapshot, event: DefenseEvent): boolean {
  return waivers.some(
    (waiver) =>
      waiver.event_id === event.event_id &&
      event.observed_at_ms <= waiver.observed_until_ms &&
      event.severity <= waiver.severity,
  );
}

/** Observed before what is known, no worse, and no latch. A time that was in the future counts as receipt. */
function isOutdated(given: DefenseEvent, { event, received_at_ms }: Cause): boolean {
  if (given.expires_at_ms === null) return false;
  const knownAt = Math.min(event.observed_at_ms, received_at_ms);
  return given.observed_at_ms < knownAt && given.severity <= event.severity;
}

function withinLongestLife(
  event: DefenseEvent,
  { time_ms }: DefenseSnapshot,
  { max_event_ttl_ms }: DefenseNodeConfig,
): DefenseEvent {
  if (event.expires_at_ms === null) return event;
  return { ...event, expires_at_ms: Math.min(event.expires_at_ms, time_ms + max_event_ttl_ms) };
}

/** Only an operator ends a latch: a later report neither ends nor softens it, nor makes it local. */
function withLatchKept(event: DefenseEvent, former: Cause | undefined): DefenseEvent {
  if (former?.event.expires_at_ms !== null) return event;
  const worst = event.severity > former.event.severity ? event : former.event;
  return { ...worst, expires_at_ms: null, local: event.local && former.event.local };
}

function isRenewal(
  event: DefenseEvent,
  former: Cause | undefined,
  { time_ms }: DefenseSnapshot,
): former is Cause {
  if (former === undefined || event.severity > former.event.severity) return false;
  if (former.event.expires_at_ms === null) return true;
  return event.expires_at_ms !== null && time_ms < former.event.expires_at_ms;
}

/** What a replaced cause still counts for: a fall waits for the hold. */
function lastingOut(former: Cause, next: Cause, holdEndsMs: number): Cause[] {
  const endsMs = Math.min(former.counts_until_ms ?? holdEndsMs, holdEndsMs);
  const isCovered =
    next.event.severity >= former.event.severity &&
    (next.counts_until_ms === null || next.counts_until_ms >= endsMs);
  return isCovered ? [] : [{ ...former, counts_until_ms: endsMs, current: false }];
}

function bounded(model: DefenseSnapshot, config: DefenseNodeConfig): DefenseSnapshot {
  if (model.causes.length <= MAX_CAUSES) return model;
  const worstFirst = model.causes.toSorted(
    (a, b) => latchRank(b) - latchRank(a) || b.event.severity - a.event.severity,
  );
  const overflow = { type: "event_overflow", summary: `more than ${MAX_CAUSES} causes at once` };
  const causes = worstFirst.slice(0, MAX_CAUSES - 2);
  return recordFinding({ ...model, causes }, config, overflow);
}

const latchRank = ({ event }: Cause): number => (event.expires_at_ms === null ? 1 : 0);
