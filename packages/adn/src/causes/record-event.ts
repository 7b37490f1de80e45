/** Records one event in the memory: renewal, worsening, latches, and what an operator released (design, section 6). */
import { type DefenseEvent, defenseEventSchema, parseOwn } from "@dgb-shield/contract";
import { activeUntil, incidentOf, isSamePlace } from "./cause.js";
import type { DefenseNodeConfig } from "../config.js";
import { nodeEvent, OWN_SOURCE } from "../events/make-event.js";
import { boundedReason, type Cause, type Memory } from "../memory/model.js";
import { describeExpectation } from "../internal/expectation.js";
import { FLAT } from "../internal/own-data.js";
import { lifetimeOf } from "../clock/lifetime.js";
import type { Now } from "../clock/now.js";
import { bounded } from "./overflow.js";
import { lastingOut } from "./supersede.js";

/** The configuration and the moment of a call. */
export type Call = Readonly<{ config: DefenseNodeConfig; now: Now }>;

/**
 * Records one event that may be malformed. A malformed one is itself a critical event: an attacker, or
 * a broken source, must not stay unseen by being unreadable.
 */
export function recordEvent(memory: Memory, input: unknown, call: Call): Memory {
  const read = parseOwn(defenseEventSchema, input, FLAT);
  if (read.ok) return limited(record(memory, { ...read.value }, call), call);
  // [FULL malformed_event] not a defense event
  return recordFinding(memory, call, {
    type: "malformed_event",
    summary: `at ${read.path || "/"}: ${describeExpectation(read.path, input)}`,
  });
}

/** Records a critical finding of the node itself. */
export const recordFinding = (
  memory: Memory,
  call: Call,
  finding: Readonly<{ type: string; summary: string }>,
): Memory => limited(record(memory, findingEvent({ ...finding, severity: 1 }, call), call), call);

const findingEvent = (
  finding: Readonly<{ type: string; summary: string; severity: number }>,
  { config, now }: Call,
): DefenseEvent => nodeEvent(finding, now.wall_ms ?? now.time_ms, config.event_ttl_ms);

/** Bounds the causes; an overflow is an event itself. */
function limited(memory: Memory, call: Call): Memory {
  const { memory: within, overflow } = bounded(memory);
  return overflow === undefined ? within : record(within, findingEvent(overflow, call), call);
}

function record(memory: Memory, given: DefenseEvent, { config, now }: Call): Memory {
  if (isWaived(memory, given)) return memory;
  const sequence = memory.sequence + 1;
  const fresh = causeOf(given, sequence, { config, now });
  const former = memory.causes.find(({ event, current }) => current && isSamePlace(event, given));
  if (former === undefined) return placed(memory, [fresh], sequence);
  const isOther = incidentOf(given) !== incidentOf(former.event);
  const isTrusted = now.status === "trusted";
  if (isTrusted && isOutdated(fresh, former)) {
    // Late and no worse: it ends nothing, but no order hides another incident.
    return isOther ? placed(memory, [{ ...former, raised_sequence: sequence }], sequence) : memory;
  }
  const isRenewal = isTrusted && !isOther && isCoveredBy(former, fresh, memory.settled_ms);
  const next = {
    ...(isTrusted && former.lifetime_ms !== null ? fresh : strictest(former, fresh)),
    raised_sequence: isRenewal ? former.raised_sequence : sequence,
  };
  const others = memory.causes.filter((cause) => cause !== former);
  const lasting = lastingOut({ former, next, others }, now.time_ms);
  return placed({ ...memory, causes: lasting }, [next], sequence);
}

/** Puts causes in the place of the current one there; what ended there is no longer the latest. */
function placed(memory: Memory, next: readonly [Cause], sequence: number): Memory {
  const [{ event: newest }] = next;
  const isReplaced = ({ event, current }: Cause) => current && isSamePlace(event, newest);
  return {
    ...memory,
    sequence,
    causes: [...memory.causes.filter((cause) => !isReplaced(cause)), ...next],
    ended: memory.ended.map((cause) => (isReplaced(cause) ? { ...cause, current: false } : cause)),
  };
}

function causeOf(given: DefenseEvent, sequence: number, { config, now }: Call): Cause {
  const { time_ms, wall_ms = time_ms } = now;
  const lifetime_ms = lifetimeOf(given, now, config);
  // A date from outside, by the node's time.
  const observedMs = given.observed_at_ms + (time_ms - wall_ms);
  const expires_at_ms = lifetime_ms === null ? null : Math.max(0, wall_ms + lifetime_ms);
  return {
    event: { ...given, expires_at_ms, summary: boundedReason(given.summary) },
    received_at_ms: time_ms,
    known_ms: Math.max(0, Math.min(observedMs, time_ms)),
    lifetime_ms,
    dated: now.status === "behind" ? "pending" : "receipt",
    reported: given.severity,
    raised_sequence: sequence,
    current: true,
  };
}

/** Checks whether an operator released this very observation, at this severity or a worse one. Own findings are always new. */
function isWaived({ waivers }: Memory, event: DefenseEvent): boolean {
  if (event.source === OWN_SOURCE) return false;
  const candidates = waivers.filter(
    ({ event_id, observed_at_ms }) =>
      event_id === event.event_id && observed_at_ms === event.observed_at_ms,
  );
  if (candidates.length === 0) return false;
  const incident = incidentOf(event);
  return candidates.some(
    (waiver) =>
      waiver.incident === incident &&
      event.severity <= waiver.severity &&
      (waiver.latched || event.expires_at_ms !== null),
  );
}

/** Checks for a late report: observed before what is known, no worse, and no latch. */
const isOutdated = (fresh: Cause, former: Cause): boolean =>
  fresh.lifetime_ms !== null &&
  fresh.known_ms < former.known_ms &&
  fresh.event.severity <= former.event.severity;

/** Checks for a renewal: no worse than a cause that is surely active, and no latch where that is none. */
function isCoveredBy(former: Cause, fresh: Cause, settledMs: number): boolean {
  if (fresh.event.severity > former.reported) return false;
  if (former.lifetime_ms === null) return true;
  if (fresh.lifetime_ms === null || former.dated !== "receipt") return false;
  return settledMs < activeUntil(former);
}

/**
 * Combines the worst of two reports in one place. Only an operator ends a latch: a later report neither
 * ends nor softens it. While the clock is not trusted no report softens another: which is the later
 * one is unknown.
 */
function strictest(former: Cause, fresh: Cause): Cause {
  const isWorse = fresh.event.severity >= former.event.severity;
  const worst = isWorse ? fresh : former;
  const longest = activeUntil(fresh) >= activeUntil(former) ? fresh : former;
  const { severity, summary } = worst.event;
  const { expires_at_ms } = longest.event;
  return {
    ...longest,
    event: { ...fresh.event, severity, summary, expires_at_ms },
    known_ms: Math.max(former.known_ms, fresh.known_ms),
    dated: [former.dated, fresh.dated].includes("pending") ? "pending" : longest.dated,
    reported: fresh.event.severity,
  };
}
