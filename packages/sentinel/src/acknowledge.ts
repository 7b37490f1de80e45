/** Applies an operator's order to silence one finding, and nothing newer. */
import { has } from "./internal/own.js";
import type { ORDER_CODES } from "./codes.js";
import { idSchema, levelOfScore, parseOwn, type TimeReading } from "@dgb-shield/contract";
import { z } from "zod";
import { advance } from "./clock/clock.js";
import { type ClockState, LONGEST_POLL_MS } from "./clock/clock-state.js";
import { errorText } from "./internal/error-text.js";
import { observedAtSchema } from "./observation/observation.js";
import type { Memory } from "./observe.js";
import type { SentinelSetup, SentinelState } from "./state.js";

const orderSchema = z.strictObject({
  operator: idSchema,
  reason: z.string().min(1).max(512),
  until_ms: observedAtSchema.optional(),
});

/** How much of an order is read. */
const ORDER_BOUNDS = { maxDepth: 2, maxEntries: 16 } as const;

/** Who silences a finding, why, and until when (absent: as long as the finding lasts). */
export type AcknowledgementOrder = z.infer<typeof orderSchema>;

/** Why an acknowledgement was rejected. Codes are stable. */
export type AcknowledgementCode = Extract<
  (typeof ORDER_CODES)[number],
  "invalid_order" | "unknown_finding" | "until_in_past"
>;

/**
 * The result of an acknowledgement. `path` is the JSON Pointer of a malformed order's first error, `/now_ms` for
 * the time of the call; `detail` names what is wrong and the remedy.
 */
export type AcknowledgementResult =
  { accepted: true } | { accepted: false; code: AcknowledgementCode; path: string; detail: string };

/** A memory after an order, changed only where the order was accepted. */
export type AcknowledgedStep = { memory: Memory; result: AcknowledgementResult };

/** An order as it was given: not yet checked. */
export type GivenOrder = { findingId: string; order: unknown; reading: TimeReading };

/**
 * Silences one active finding. A latched one is closed: what its detector finds from now on is new.
 * A finding that is not active cannot be silenced in advance. The operator's time moves no clock: it limits
 * how long the order lasts, and a wrong one prolongs nothing.
 *
 * @param given the finding's id, the order, and the operator's time
 */
export function acknowledge(
  setup: SentinelSetup,
  memory: Memory,
  { findingId, order, reading }: GivenOrder,
): AcknowledgedStep {
  const { state } = memory;
  const read = parseOwn(orderSchema, order, ORDER_BOUNDS);
  // [REJECT invalid_order] the order cannot be read
  if (!read.ok) {
    const detail = errorText(orderSchema, order, read.path);
    return rejected(memory, "invalid_order", { path: read.path, detail });
  }
  const peeked = advance({ state: state.clock, live: memory.live }, reading);
  // The reading gives no time to record.
  if (!has(peeked, "state")) {
    return rejected(memory, "invalid_order", { path: "/now_ms", detail: peeked.detail });
  }
  const finding = state.findings.find(({ finding_id }) => finding_id === findingId);
  // [REJECT unknown_finding] no active finding has this id
  if (finding === undefined) {
    const detail = "no active finding has this id: take the id of one in the last report";
    return rejected(memory, "unknown_finding", { path: "", detail });
  }
  const { operator, reason, until_ms = null } = read.value;
  const nowMs = peeked.state.wall_ms;
  // [REJECT until_in_past] the order would end before it begins
  if (until_ms !== null && until_ms <= nowMs) {
    const detail = `${until_ms} is not after the time of the order, ${nowMs}: give a later time, or none`;
    return rejected(memory, "until_in_past", { path: "/until_ms", detail });
  }
  const acknowledgement = {
    finding_id: findingId,
    operator,
    reason,
    acknowledged_at_ms: nowMs,
    until_ms,
    until_most_ms: until_ms === null ? null : endOf(until_ms - nowMs, state.clock, peeked.state),
    level: levelOfScore(finding.severity),
  };
  const others = state.acknowledgements.filter(({ finding_id }) => finding_id !== findingId);
  const acknowledgements = [...others, acknowledgement];
  const detectors = closed(setup, state, finding.detector, findingId);
  const next = { ...memory, state: { ...state, acknowledgements, detectors } };
  return { memory: next, result: { accepted: true } };
}

/** Where an order ends on the running time: counted from now, which is at most a poll after the last observation. */
const endOf = (lastsMs: number, last: ClockState, now: ClockState): number =>
  Math.min(now.times.most_ms, last.times.most_ms + LONGEST_POLL_MS) + lastsMs;

function closed(
  setup: SentinelSetup,
  { detectors }: SentinelState,
  name: string,
  findingId: string,
): SentinelState["detectors"] {
  const detector = setup.detectors.find((one) => one.name === name);
  const before = Object.hasOwn(detectors, name) ? detectors[name] : undefined;
  if (detector?.acknowledge === undefined || before === undefined) return detectors;
  return { ...detectors, [name]: detector.acknowledge(before, findingId) };
}

const rejected = (
  memory: Memory,
  code: AcknowledgementCode,
  where: Readonly<{ path: string; detail: string }>,
): AcknowledgedStep => ({ memory, result: { accepted: false, code, ...where } });
