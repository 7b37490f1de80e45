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
import { depthOf } from "./internal/depth.js";
import { shortPath } from "./internal/path.js";
import type { Refusal } from "./internal/refusal.js";
import type { Outcome } from "./outcome.js";
import { COMPONENT } from "./request.js";
import type { UniqueSignal } from "./signals.js";

/** Levels that a response puts around a signal it carries: itself, `evidence`, `signals`. */
const LEVELS_AROUND_A_SIGNAL = 3;

type Verdict = Pick<DqsnResponse, "decision" | "risk" | "reason_codes">;

/** What a response is made of. */
export type Aggregation = Readonly<{
  requestId: string;
  inputSignals: number;
  unique: readonly UniqueSignal[];
  outcome: Outcome;
}>;

/** The response to a valid request. */
export function respond(settings: Settings, aggregation: Aggregation): DqsnResponse {
  const { requestId, inputSignals, unique, outcome } = aggregation;
  const texts = unique.map(({ text }) => text);
  const dedup = { input_signals: inputSignals, unique_signals: unique.length };
  const contextHash = hashOf(settings, texts, { ...outcome, dedup });
  const build = (forward: string, signals: JsonValue): DqsnResponse =>
    envelope(requestId, contextHash, outcome, {
      dedup,
      config_fingerprint: settings.fingerprint,
      forward,
      signals,
    });

  if (settings.forward === "full" && fitsWhole(unique, build("full", []))) {
    return build(
      "full",
      unique.map((signal) => signal.envelope),
    );
  }
  return build("digest", { count: unique.length, sha256: sha256Hex(`[${texts.join(",")}]`) });
}

/** The response to a refused request; consumers must treat it as BLOCK. */
export function errorResponse(
  settings: Settings,
  requestId: string,
  refusal: Refusal,
): DqsnResponse {
  const error = { code: refusal.code, path: shortPath(refusal.path) };
  const verdict: Verdict = {
    decision: "ERROR",
    risk: { score: 1, tier: "CRITICAL" },
    reason_codes: [refusal.code],
  };
  const contextHash = hashOf(settings, [], { ...verdict, error });
  const evidence = { config_fingerprint: settings.fingerprint, error };
  return envelope(requestId, contextHash, verdict, evidence);
}

/**
 * SHA-256 of the canonical form of `{component, config_fingerprint, contract_version, output,
 * signals}`. It is put together from canonical parts, because it may be larger than a payload.
 */
function hashOf(settings: Settings, signals: readonly string[], output: JsonObject): string {
  const head = `"component":"${COMPONENT}","config_fingerprint":"${settings.fingerprint}"`;
  const rest = `"output":${canonicalize(output)},"signals":[${signals.join(",")}]`;
  return sha256Hex(`{${head},"contract_version":${CONTRACT_VERSION},${rest}}`);
}

function fitsWhole(unique: readonly UniqueSignal[], withoutSignals: DqsnResponse): boolean {
  const deepest = Math.max(...unique.map((signal) => depthOf(signal.envelope)));
  const bytes = unique.reduce(
    (sum, { text }) => sum + utf8Length(text) + 1,
    utf8Length(canonicalize(withoutSignals)) - 1,
  );
  return (
    deepest + LEVELS_AROUND_A_SIGNAL <= LIMITS.max_full_response_depth &&
    bytes <= LIMITS.max_full_response_bytes
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
