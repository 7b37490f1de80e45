/** The response: evidence, context_hash, and the digest that keeps every response a valid signal (design section 4.1). */
import {
  canonicalize,
  CONTRACT_VERSION,
  type DqsnResponse,
  type JsonObject,
  type JsonValue,
  LIMITS,
  sha256Hex,
  utf8Length,
} from "@dgb-shield/contract";
import type { Settings } from "./config.js";
import { depthOf } from "../internal/depth.js";
import type { Rejection } from "../internal/rejection.js";
import type { CombinedDecision } from "./decision.js";
import { COMPONENT } from "./request.js";
import type { ValidSignal } from "./signals.js";

/** Levels that a response puts around the evidence of a signal: itself, `evidence`, `signals`, the signal. */
const LEVELS_AROUND_EVIDENCE = 4;

/**
 * Characters of signals that fit whatever they are: 300,000 bytes at most, beside 134,000 of reason codes
 * and less than 2,000 of all else.
 */
const SURELY_FITTING_LENGTH = 100_000;

type Answer = Pick<DqsnResponse, "decision" | "risk" | "reason_codes">;

/** The parts of a response. */
export type Aggregation = Readonly<{
  requestId: string;
  inputSignals: number;
  unique: readonly ValidSignal[];
  outcome: CombinedDecision;
}>;

/** Answers a valid request. */
export function respond(settings: Settings, aggregation: Aggregation): DqsnResponse {
  const { requestId, inputSignals, unique, outcome } = aggregation;
  const signalsText = `[${unique.map(({ text }) => text).join(",")}]`;
  const dedup = { input_signals: inputSignals, unique_signals: unique.length };
  const contextHash = hashOf(settings, signalsText, { ...outcome, dedup });
  const build = (forward: string, signals: JsonValue): DqsnResponse =>
    envelope(requestId, contextHash, outcome, {
      dedup,
      config_fingerprint: settings.fingerprint,
      forward,
      signals,
    });

  if (settings.forward === "full" && fitsWhole(unique, signalsText, build("full", []))) {
    return build(
      "full",
      unique.map((signal) => signal.envelope),
    );
  }
  return build("digest", { count: unique.length, sha256: sha256Hex(signalsText) });
}

/** Answers a rejected request; consumers must treat it as BLOCK. */
export function errorResponse(
  settings: Settings,
  requestId: string,
  rejection: Rejection,
): DqsnResponse {
  const error = { code: rejection.code, path: shortPath(rejection.path) };
  const answer: Answer = {
    decision: "ERROR",
    risk: { score: 1, tier: "CRITICAL" },
    reason_codes: [rejection.code],
  };
  const contextHash = hashOf(settings, "[]", { ...answer, error });
  const evidence = { config_fingerprint: settings.fingerprint, error };
  return envelope(requestId, contextHash, answer, evidence);
}

/**
 * Hashes the canonical form of `{component, config_fingerprint, contract_version, output,
 * signals}`. It is joined from canonical parts, because it may be larger than a payload.
 */
function hashOf(settings: Settings, signals: string, output: JsonObject): string {
  const head = `"component":"${COMPONENT}","config_fingerprint":"${settings.fingerprint}"`;
  const rest = `"output":${canonicalize(output)},"signals":${signals}`;
  return sha256Hex(`{${head},"contract_version":${CONTRACT_VERSION},${rest}}`);
}

/** Whether the response can carry the signals; without them it has an empty list in their place. */
function fitsWhole(
  unique: readonly ValidSignal[],
  signalsText: string,
  withoutSignals: DqsnResponse,
): boolean {
  const deepest = Math.max(...unique.map((signal) => depthOf(signal.envelope.evidence)));
  return (
    deepest + LEVELS_AROUND_EVIDENCE <= LIMITS.maxFullResponseDepth &&
    (signalsText.length <= SURELY_FITTING_LENGTH ||
      utf8Length(canonicalize(withoutSignals)) - 2 + utf8Length(signalsText) <=
        LIMITS.maxFullResponseBytes)
  );
}

function envelope(
  requestId: string,
  contextHash: string,
  { decision, risk, reason_codes }: Answer,
  evidence: JsonObject,
): DqsnResponse {
  return {
    contract_version: CONTRACT_VERSION,
    component: COMPONENT,
    request_id: requestId,
    context_hash: contextHash,
    decision,
    risk,
    reason_codes,
    evidence,
    meta: { fail_closed: true },
  };
}

const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/;

/**
 * Cuts a JSON Pointer to its longest leading part that is printable ASCII and at most 256 characters:
 * the wrong field, or the nearest parent that can be named.
 */
function shortPath(path: string): string {
  let short = "";
  for (const token of path.split("/").slice(1)) {
    const longer = `${short}/${token}`;
    if (longer.length > LIMITS.maxPath || !PRINTABLE_ASCII.test(token)) break;
    short = longer;
  }
  return short;
}
