/** Checks v2 signals: each becomes a v3 envelope and is checked as one (design section 4.2). */
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

/** What the network state keeps of an accepted signal. */
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
 * A rejected v2 signal: a stable code, the JSON Pointer of the first error inside the signal, and for a
 * malformed time a text with the reason.
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
 * Turns a v2 signal into a v3 envelope and checks it as every v3 signal is checked, so that no v2 caller
 * can bypass v3 validation: an accepted signal's envelope is valid in any request.
 * Its component is the source, its decision follows from the severity by the one scale, its one
 * reason code is `<SOURCE>_<TYPE>`, and its evidence is the signal itself.
 *
 * @param signal anything; missing, unknown or out-of-range fields are rejected, never repaired, and
 * so are more than 8,000 canonical bytes
 * @returns the accepted signal, or the rejection; never throws
 * @example
 * signalToEnvelope({ node_id: "a", source: "adn", type: "lockdown", severity: 2 })
 * // { accepted: false, code: "DQSN_ERROR_SIGNAL_INVALID", path: "/severity" }
 */
export function signalToEnvelope(signal: unknown): AcceptedSignal | RejectedSignal {
  const adapted = tryStep(() => adapt(signal));
  if (isRejection(adapted)) return rejectedSignal(adapted.code, adapted.path);
  Stamped.stamp(adapted, factsOf(adapted));
  return adapted;
}

/** Makes the rejection of a v2 signal. */
export const rejectedSignal = (
  code: SignalErrorCode,
  path: string,
  detail?: string,
): RejectedSignal =>
  detail === undefined ? { accepted: false, code, path } : { accepted: false, code, path, detail };

/** Lets a derived class add its private fields to an object that exists. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/**
 * Keeps the facts of an accepted signal in a private field of its result: public results can be changed, and a
 * look-alike has none. A class, because nothing else has private fields; a WeakMap would look each result up among
 * all that are alive, which makes an ingest up to a quarter slower. The result stays a plain object, from which no
 * caller reaches this class.
 */
class Stamped extends Given {
  readonly #facts: SignalFacts;

  private constructor(result: AcceptedSignal, facts: SignalFacts) {
    super(result);
    this.#facts = facts;
  }

  static stamp(result: AcceptedSignal, facts: SignalFacts): void {
    new Stamped(result, facts);
  }

  static factsOf(value: unknown): SignalFacts | undefined {
    return typeof value === "object" && value !== null && #facts in value
      ? value.#facts
      : undefined;
  }
}

/**
 * Reads a signal for the network state: a result of `signalToEnvelope` as it stands, anything else checked.
 *
 * @returns what the network state keeps of the signal, or the rejection; never throws
 */
export function readSignal(
  input: unknown,
): Readonly<{ ok: true; facts: SignalFacts }> | Readonly<{ ok: false; rejected: RejectedSignal }> {
  const known = Stamped.factsOf(input);
  if (known !== undefined) return { ok: true, facts: known };
  const adapted = tryStep(() => adapt(input));
  return isRejection(adapted)
    ? { ok: false, rejected: rejectedSignal(adapted.code, adapted.path) }
    : { ok: true, facts: factsOf(adapted) };
}

function factsOf({ signal, canonical }: AcceptedSignal): SignalFacts {
  // An absent member is undefined whatever `Object.prototype` has: the signal has no prototype.
  const { node_id, source, type, severity, observed_at, operator } = signal;
  const micros = toMicros(severity);
  const nodeKey = nodeKeyOf(node_id, operator);
  return { node_id, source, type, observed_at, operator, canonical, micros, nodeKey };
}

function adapt(input: unknown): AcceptedSignal | Rejection {
  const canonical = canonicalize(input);
  if (isTooLarge(canonical)) return reject("DQSN_ERROR_PAYLOAD_TOO_LARGE", "");
  // Canonical text is already strict JSON, and no caller holds a reference to the parsed value.
  const parsed = signalV2Schema.safeParse(JSON.parse(canonical));
  if (!parsed.success) return reject("DQSN_ERROR_SIGNAL_INVALID", firstErrorPath(parsed.error));
  const signal = withoutPrototypes(parsed.data);
  if (depthOf(signal.metadata) + 1 + LEVELS_AROUND_EVIDENCE > LIMITS.maxDepth) {
    return reject("DQSN_ERROR_DEPTH_EXCEEDED", "/metadata");
  }
  const envelope = checkSignal(envelopeOf(signal, canonical), "", undefined);
  if (isRejection(envelope)) return reject(envelope.code, "");
  return { accepted: true, signal, canonical, envelope };
}

/** Whether a text has too many UTF-8 bytes; a UTF-16 unit is at most three. */
const isTooLarge = (text: string): boolean =>
  text.length * 3 > MAX_SIGNAL_BYTES && utf8Length(text) > MAX_SIGNAL_BYTES;

/**
 * Makes the envelope that `createEnvelope` would make. The canonical form of its content is joined from that
 * of the signal, so that a signal is serialised once.
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
