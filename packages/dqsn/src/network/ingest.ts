/** The only way in for v2 signals: each becomes a v3 envelope and is checked as one (contract v3, section 9; DQSN v2, section 2). */
import {
  canonicalize,
  CONTRACT_VERSION,
  DECISION_OF_LEVEL,
  type Envelope,
  type JsonObject,
  levelOfScore,
  LIMITS,
  firstErrorPath,
  sha256Hex,
  type SignalV2,
  signalV2Schema,
  TIER_OF_LEVEL,
  utf8Length,
  withoutPrototypes,
} from "@dgb-shield/contract";
import type { SignalErrorCode } from "../codes.js";
import { depthOf } from "../internal/depth.js";
import { toMicros } from "../internal/micros.js";
import { tryStep, isRejection, type Rejection, reject } from "../internal/rejection.js";
import { nodeKeyOf } from "./severities.js";
import { checkSignal } from "../evaluate/signals.js";

/** A v2 signal that passed: itself, its canonical text, and the envelope it became. */
export type AcceptedSignal = Readonly<{
  accepted: true;
  signal: SignalV2;
  canonical: string;
  envelope: Envelope;
}>;

/** What the network picture keeps of an accepted signal. */
export type SignalFacts = Readonly<
  Pick<SignalV2, "node_id" | "source" | "type"> & {
    observed_at: number | undefined;
    operator: string | undefined;
    canonical: string;
    /** Severity as an integer of 10⁻⁶. */
    micros: number;
    /** Names its node and operator together. */
    nodeKey: string;
  }
>;

/**
 * A refused v2 signal: a stable code, the JSON Pointer of the first offence inside the signal, and for a
 * time that is none a text that says why.
 */
export type RejectedSignal = Readonly<{
  accepted: false;
  code: SignalErrorCode;
  path: string;
  detail?: string;
}>;

/** Canonical bytes of one v2 signal: a full request of them stays within one payload. */
const MAX_SIGNAL_BYTES = LIMITS.maxPayloadBytes / LIMITS.maxSignals;

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
export function signalToEnvelope(signal: unknown): AcceptedSignal | RejectedSignal {
  const adapted = tryStep(() => adapt(signal));
  return isRejection(adapted) ? rejectedSignal(adapted.code, adapted.path) : adapted;
}

/** A refusal of a v2 signal. */
export const rejectedSignal = (
  code: SignalErrorCode,
  path: string,
  detail?: string,
): RejectedSignal =>
  detail === undefined ? { accepted: false, code, path } : { accepted: false, code, path, detail };

/**
 * What was accepted, out of reach of whoever holds the result: its public parts can be written to, and
 * an object that merely looks like one has passed nothing.
 *
 * @returns undefined for anything that `signalToEnvelope` did not make
 */
export const factsOf = (value: unknown): SignalFacts | undefined => Accepted.factsOf(value);

class Accepted {
  readonly accepted = true;
  readonly signal: SignalV2;
  readonly canonical: string;
  readonly envelope: Envelope;
  readonly #facts: SignalFacts;

  constructor(signal: SignalV2, canonical: string, envelope: Envelope) {
    // An absent member is undefined whatever the prototype has: the signal has none.
    const { node_id, source, type, severity, observed_at, operator } = signal;
    this.signal = signal;
    this.canonical = canonical;
    this.envelope = envelope;
    const micros = toMicros(severity);
    const nodeKey = nodeKeyOf(node_id, operator);
    this.#facts = { node_id, source, type, observed_at, operator, canonical, micros, nodeKey };
  }

  static factsOf(value: unknown): SignalFacts | undefined {
    return typeof value === "object" && value !== null && #facts in value
      ? value.#facts
      : undefined;
  }
}

function adapt(input: unknown): AcceptedSignal | Rejection {
  const canonical = canonicalize(input);
  if (isTooLarge(canonical)) return reject("DQSN_ERROR_PAYLOAD_TOO_LARGE", "");
  // A canonical text is strict JSON, and no other code has the objects that are made of it.
  const parsed = signalV2Schema.safeParse(JSON.parse(canonical));
  if (!parsed.success) return reject("DQSN_ERROR_SIGNAL_INVALID", firstErrorPath(parsed.error));
  const signal = withoutPrototypes(parsed.data);
  if (depthOf(signal.metadata) + 1 + LEVELS_AROUND_EVIDENCE > LIMITS.maxDepth) {
    return reject("DQSN_ERROR_DEPTH_EXCEEDED", "/metadata");
  }
  const envelope = checkSignal(envelopeOf(signal, canonical), "", undefined);
  if (isRejection(envelope)) return reject(envelope.code, "");
  return new Accepted(signal, canonical, envelope);
}

/** A unit of a text is at most three bytes. */
const isTooLarge = (text: string): boolean =>
  text.length * 3 > MAX_SIGNAL_BYTES && utf8Length(text) > MAX_SIGNAL_BYTES;

/**
 * The envelope that `createEnvelope` would make. The canonical form of its content is put together from
 * that of the signal, which is known: so a signal is written once, not twice.
 */
function envelopeOf(signal: SignalV2, canonical: string): Envelope {
  const { source: component, severity: score } = signal;
  const level = levelOfScore(score);
  const decision = DECISION_OF_LEVEL[level];
  const tier = TIER_OF_LEVEL[level];
  const code = `${component}_${signal.type}`.toUpperCase();
  const content =
    `{"component":"${component}","contract_version":${CONTRACT_VERSION},"decision":"${decision}",` +
    `"evidence":${canonical},"reason_codes":["${code}"],"risk":{"score":${score},"tier":"${tier}"}}`;
  return {
    contract_version: CONTRACT_VERSION,
    component,
    request_id: signal.node_id,
    context_hash: sha256Hex(content),
    decision,
    risk: { score, tier },
    reason_codes: [code],
    // Not the signal itself: a result shares no object between its parts.
    evidence: JSON.parse(canonical) as JsonObject,
    meta: { fail_closed: true },
  };
}
