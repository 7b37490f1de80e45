/** The response: evidence, context_hash, and the digest that keeps every response a valid signal (contract v3, sections 6, 7 and 8). */
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
import { shortPath } from "../internal/path.js";
import type { Rejection } from "../internal/rejection.js";
import type { Outcome } from "./decision.js";
import { COMPONENT } from "./request.js";
import type { ValidSignal } from "./signals.js";

/** Levels that a response puts around the evidence of a signal: itself, `evidence`, `signals`, the signal. */
const LEVELS_AROUND_EVIDENCE = 4;

/**
 * Characters of signals that fit whatever they are: 300,000 bytes at most, beside 134,000 of reason codes
 * and less than 2,000 of all else.
 */
const SURELY_FITTING_LENGTH = 100_000;

type Verdict = Pick<DqsnResponse, "decision" | "risk" | "reason_codes">;

/** What a response is made of. */
export type Aggregation = Readonly<{
  requestId: string;
  inputSignals: number;
  unique: readonly ValidSignal[];
  outcome: Outcome;
}>;

/** The response to a valid request. */
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

/** The response to a refused request; consumers must treat it as BLOCK. */
export function errorResponse(
  settings: Settings,
  requestId: string,
  refusal: Rejection,
): DqsnResponse {
  const error = { code: refusal.code, path: shortPath(refusal.path) };
  const verdict: Verdict = {
    decision: "ERROR",
    risk: { score: 1, tier: "CRITICAL" },
    reason_codes: [refusal.code],
  };
  const contextHash = hashOf(settings, "[]", { ...verdict, error });
  const evidence = { config_fingerprint: settings.fingerprint, error };
  return envelope(requestId, contextHash, verdict, evidence);
}

/**
 * SHA-256 of the canonical form of `{component, config_fingerprint, contract_version, output,
 * signals}`. It is put together from canonical parts, because it may be larger than a payload.
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
  { decision, risk, reason_codes }: Verdict,
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
