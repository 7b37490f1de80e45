/** An operator's word on one finding: it silences that one and nothing newer (design: layer 1). */
import { idSchema, levelOfScore, offencePath, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { SentinelSetup, SentinelState } from "./state.js";

const orderSchema = z.strictObject({
  operator: idSchema,
  reason: z.string().min(1).max(512),
  until_ms: timeMsSchema.optional(),
});

/** Who silences a finding, why, and until when (absent: as long as the finding lasts). */
export type AcknowledgementOrder = z.infer<typeof orderSchema>;

/** Why an acknowledgement was refused. Codes are stable. */
export type AcknowledgementCode = "invalid_order" | "unknown_finding" | "until_in_past";

/** What became of an acknowledgement; `path` is the JSON Pointer of a malformed order's offence. */
export type AcknowledgementResult =
  { accepted: true } | { accepted: false; code: AcknowledgementCode; path: string };

/** A state after an order, changed only where the order was accepted. */
export type AcknowledgedStep = { state: SentinelState; result: AcknowledgementResult };

/** An order as it was given: not yet checked. */
export type GivenOrder = { findingId: string; order: unknown; nowMs: number };

/**
 * Silences one active finding. A latched one is closed: what its detector finds from now on is new.
 * A finding that is not active cannot be silenced in advance.
 *
 * @param given the finding's id, the order, and the operator's time
 */
export function acknowledge(
  setup: SentinelSetup,
  state: SentinelState,
  { findingId, order, nowMs }: GivenOrder,
): AcknowledgedStep {
  const { success, data, error } = orderSchema.safeParse(order);
  // [REFUSE] the order cannot be read
  if (!success) return refused(state, "invalid_order", offencePath(error));
  // [REFUSE] there is no time to record
  if (!timeMsSchema.safeParse(nowMs).success) return refused(state, "invalid_order", "");
  const finding = state.findings.find(({ finding_id }) => finding_id === findingId);
  // [REFUSE] there is no such finding
  if (finding === undefined) return refused(state, "unknown_finding", "");
  const { operator, reason, until_ms = null } = data;
  // [REFUSE] it would end before it begins
  if (until_ms !== null && until_ms <= nowMs) return refused(state, "until_in_past", "/until_ms");
  const level = levelOfScore(finding.severity);
  const acknowledgements = [
    ...state.acknowledgements.filter(({ finding_id }) => finding_id !== findingId),
    { finding_id: findingId, operator, reason, acknowledged_at_ms: nowMs, until_ms, level },
  ];
  const detectors = closed(setup, state, finding.detector, findingId);
  return { state: { ...state, acknowledgements, detectors }, result: { accepted: true } };
}

function closed(
  setup: SentinelSetup,
  { detectors }: SentinelState,
  name: string,
  findingId: string,
): SentinelState["detectors"] {
  const detector = setup.detectors.find((one) => one.name === name);
  const before = detectors[name];
  if (detector?.acknowledge === undefined || before === undefined) return detectors;
  return { ...detectors, [name]: detector.acknowledge(before, findingId) };
}

const refused = (
  state: SentinelState,
  code: AcknowledgementCode,
  path: string,
): AcknowledgedStep => ({ state, result: { accepted: false, code, path } });
