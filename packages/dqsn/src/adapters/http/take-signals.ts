/** Takes a v2 signal or a batch of them from a request's body into a network state (design section 4.2). */
import { ContractError, type JsonValue, LIMITS, parseStrictJson } from "@dgb-shield/contract";
import {
  type LiveNetwork,
  type RequestErrorCode,
  type SignalErrorCode,
  signalToEnvelope,
} from "../../index.js";
import { guarded } from "../guarded.js";
import type { Grant } from "./ports.js";

/** What became of one signal. */
export type SignalResult =
  | Readonly<{ accepted: true }>
  | Readonly<{
      accepted: false;
      code: SignalErrorCode | "DQSN_ERROR_REPORTER_FORBIDDEN";
      path: string;
    }>;

/** Answer to `POST /signals`: a result for each signal, in their order. */
export type SignalsAnswer = Readonly<{ now_ms: number; results: readonly SignalResult[] }>;

type Taken =
  | Readonly<{ status: number; answer: SignalsAnswer }>
  | Readonly<{ refused: RequestErrorCode | "DQSN_ERROR_CLOCK_INVALID" }>;

/** Where signals go, when, and by whose leave. */
export type Intake = Readonly<{
  network: Pick<LiveNetwork, "ingest">;
  nowMs: number;
  grant: Grant | null;
}>;

/**
 * Takes one signal (an object) or 1–64 (an array). Status 200: all were accepted; 207: some; 422: none.
 *
 * @returns the results, or why the body was refused as a whole
 */
export function takeSignals(body: Uint8Array, intake: Intake): Taken {
  const { nowMs } = intake;
  // [503] without a time nothing could expire
  if (!Number.isSafeInteger(nowMs) || nowMs < 0) return { refused: "DQSN_ERROR_CLOCK_INVALID" };
  const parsed = parse(body);
  if ("refused" in parsed) return parsed;
  const signals = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  if (signals.length === 0) return { refused: "DQSN_ERROR_NO_SIGNALS" };
  if (signals.length > LIMITS.max_signals) return { refused: "DQSN_ERROR_SIGNAL_TOO_MANY" };
  const results = signals.map((signal) => take(signal, intake));
  return { status: statusOf(results), answer: { now_ms: nowMs, results } };
}

function take(signal: JsonValue, { network, nowMs, grant }: Intake): SignalResult {
  // [REFUSE] not a valid v2 signal
  const checked = signalToEnvelope(signal);
  if (!checked.accepted) return checked;

  // [REFUSE] may not speak for this node, operator or source
  if (guarded(() => grant?.maySpeakFor(checked.signal)) !== true) {
    return { accepted: false, code: "DQSN_ERROR_REPORTER_FORBIDDEN", path: "/node_id" };
  }
  return network.ingest(checked.signal, nowMs);
}

function statusOf(results: readonly SignalResult[]): number {
  const accepted = results.filter((result) => result.accepted).length;
  if (accepted === results.length) return 200;
  return accepted === 0 ? 422 : 207;
}

const CODE_OF_STRICT_JSON: Readonly<Record<string, RequestErrorCode>> = {
  payload_too_large: "DQSN_ERROR_PAYLOAD_TOO_LARGE",
  depth_exceeded: "DQSN_ERROR_DEPTH_EXCEEDED",
  duplicate_key: "DQSN_ERROR_DUPLICATE_KEY",
  bad_number: "DQSN_ERROR_BAD_NUMBER",
};

function parse(
  body: Uint8Array,
): Readonly<{ value: JsonValue }> | Readonly<{ refused: RequestErrorCode }> {
  try {
    return { value: parseStrictJson(body) };
  } catch (error) {
    const code = error instanceof ContractError ? CODE_OF_STRICT_JSON[error.code] : undefined;
    return { refused: code ?? "DQSN_ERROR_INVALID_REQUEST" };
  }
}
