/** Evaluation of a Shield Contract v3 request: validate, deduplicate, combine, forward (design section 4.1). */
import {
  canonicalize,
  type DqsnResponse,
  type ParsedList,
  parseJsonList,
} from "@dgb-shield/contract";
import { type DqsnConfig, parseConfig, type Settings } from "./config.js";
import { checkConstraints } from "./constraints.js";
import { tryStep, isRejection, type Rejection } from "../internal/rejection.js";
import { combineDecisions } from "./decision.js";
import { checkRequest, requestIdOf, UNKNOWN_REQUEST_ID } from "./request.js";
import { errorResponse, respond } from "./response.js";
import { checkSignals, deduplicate } from "./signals.js";

/** An evaluator with its configuration. */
export type Dqsn = Readonly<{
  /**
   * Evaluates a request held in memory. Total: anything but a valid request is answered ERROR,
   * which a consumer must treat as BLOCK.
   *
   * @param request anything
   * @returns the response; never throws
   */
  evaluate: (request: unknown) => DqsnResponse;
  /**
   * Evaluates a request as JSON text or its UTF-8 bytes, at most 512,000; see `evaluate`.
   *
   * @returns the response; never throws
   */
  evaluateText: (text: string | Uint8Array) => DqsnResponse;
  /** SHA-256 of the canonical effective configuration, 64 lower-case hexadecimal digits. */
  configFingerprint: string;
}>;

/**
 * Creates an evaluator. It is pure: the same request and configuration give the same
 * response on any machine, in whatever order the signals arrive.
 *
 * @param config see `DqsnConfig`; absent fields take their defaults
 * @throws DqsnConfigError `invalid_config` for a malformed configuration
 * @example createDqsn().evaluate({}).reason_codes // ["DQSN_ERROR_SCHEMA_VERSION"]
 */
export function createDqsn(config: DqsnConfig = {}): Dqsn {
  const settings = parseConfig(config);
  return Object.freeze({
    evaluate: (request: unknown) => evaluate(settings, request),
    evaluateText: (text: string | Uint8Array) => evaluateText(settings, text),
    configFingerprint: settings.fingerprint,
  });
}

/** Writes an object as text first, so that what is checked is what is used. */
function evaluate(settings: Settings, request: unknown): DqsnResponse {
  const text = tryStep(() => canonicalize(request));
  if (isRejection(text)) return errorResponse(settings, UNKNOWN_REQUEST_ID, text);
  return evaluateText(settings, text);
}

function evaluateText(settings: Settings, text: string | Uint8Array): DqsnResponse {
  const parsed = tryStep(() => parseJsonList(text, "signals"));
  if (isRejection(parsed)) return errorResponse(settings, UNKNOWN_REQUEST_ID, parsed);
  const answer = tryStep(() => evaluateRequest(settings, parsed));
  return isRejection(answer) ? errorResponse(settings, requestIdOf(parsed.value), answer) : answer;
}

function evaluateRequest(
  settings: Settings,
  { value, itemText }: ParsedList,
): DqsnResponse | Rejection {
  const request = checkRequest(value);
  if (isRejection(request)) return request;

  const checked = checkSignals(request.signals, { settings, itemText });
  if (isRejection(checked)) return checked;

  const unique = deduplicate(checked.valid);
  if (isRejection(unique)) return unique;

  const unmet = checkConstraints(request.constraints, unique);
  if (unmet !== undefined) return unmet;

  const outcome = combineDecisions(unique, checked.invalid);
  if (isRejection(outcome)) return outcome;

  return respond(settings, {
    requestId: request.request_id,
    inputSignals: request.signals.length,
    unique,
    outcome,
  });
}
