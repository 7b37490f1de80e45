/** The only way in for v2 signals: each becomes a v3 envelope and is checked as one (contract v3, section 9; DQSN v2, section 2). */
import {
  canonicalize,
  createEnvelope,
  DECISION_OF_LEVEL,
  type Envelope,
  type JsonObject,
  levelOfScore,
  LIMITS,
  parseStrictJson,
  type SignalV2,
  signalV2Schema,
  utf8Length,
  offencePath,
} from "@dgb-shield/contract";
import type { SignalErrorCode } from "./codes.js";
import { depthOf } from "./internal/depth.js";
import { attempt, isRefusal, type Refusal, refuse } from "./internal/refusal.js";
import { checkSignal } from "./signals.js";

/** A v2 signal that passed: itself, its canonical text, and the envelope it became. */
export type AcceptedSignal = Readonly<{
  accepted: true;
  signal: SignalV2;
  canonical: string;
  envelope: Envelope;
}>;

/** A refused v2 signal: a stable code, and the JSON Pointer of the first offence inside the signal. */
export type RefusedSignal = Readonly<{ accepted: false; code: SignalErrorCode; path: string }>;

/** Canonical bytes of one v2 signal: a full request of them stays within one payload. */
const MAX_SIGNAL_BYTES = LIMITS.max_payload_bytes / LIMITS.max_signals;

/** Levels that a request puts around a v2 signal: itself, `signals`, the envelope. */
const LEVELS_AROUND_EVIDENCE = 3;

/**
 * Turns a v2 signal into a v3 envelope and puts it through the check that every v3 signal passes, so
 * that no v2 caller can bypass v3 validation: an accepted signal's envelope is valid in any request.
 * Its component is the source, its decision follows from the severity by the one scale, its one
 * reason code is `<SOURCE>_<TYPE>`, and its evidence is the signal itself.
 *
 * @param signal anything; missing, unknown or out-of-range fields are refused, never repaired, and
 * so are more than 8,000 canonical bytes
 * @returns the accepted signal, or the refusal; never throws
 * @example
 * signalToEnvelope({ node_id: "a", source: "adn", type: "lockdown", severity: 2 })
 * // { accepted: false, code: "DQSN_ERROR_SIGNAL_INVALID", path: "/severity" }
 */
export function signalToEnvelope(signal: unknown): AcceptedSignal | RefusedSignal {
  const adapted = attempt(() => adapt(signal));
  return isRefusal(adapted) ? refused(adapted.code, adapted.path) : adapted;
}

/** A refusal of a v2 signal. */
export const refused = (code: SignalErrorCode, path: string): RefusedSignal => ({
  accepted: false,
  code,
  path,
});

function adapt(input: unknown): AcceptedSignal | Refusal {
  const canonical = canonicalize(input);
  if (utf8Length(canonical) > MAX_SIGNAL_BYTES) return refuse("DQSN_ERROR_PAYLOAD_TOO_LARGE", "");
  const parsed = signalV2Schema.safeParse(parseStrictJson(canonical));
  if (!parsed.success) return refuse("DQSN_ERROR_SIGNAL_INVALID", offencePath(parsed.error));
  if (depthOf(parsed.data) + LEVELS_AROUND_EVIDENCE > LIMITS.max_depth) {
    return refuse("DQSN_ERROR_DEPTH_EXCEEDED", "/metadata");
  }
  const envelope = checkSignal(envelopeOf(parsed.data), "", undefined);
  if (isRefusal(envelope)) return refuse(envelope.code, "");
  return { accepted: true, signal: parsed.data, canonical, envelope };
}

function envelopeOf(signal: SignalV2): Envelope {
  return createEnvelope({
    component: signal.source,
    request_id: signal.node_id,
    decision: DECISION_OF_LEVEL[levelOfScore(signal.severity)],
    score: signal.severity,
    reason_codes: [`${signal.source}_${signal.type}`.toUpperCase()],
    evidence: signal as JsonObject,
  });
}
