/** Takes a v2 signal or a batch of them from a request's body into a network state (design section 4.2). */
import {
  checkTimeMs,
  ContractError,
  type ContractErrorCode,
  type JsonValue,
  LIMITS,
  parseStrictJson,
  type TimeReading,
} from "@dgb-shield/contract";
import {
  type NetworkState,
  type RequestErrorCode,
  type SignalErrorCode,
  signalToEnvelope,
} from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { wallMsOf } from "../shared/clock.js";
import type { Grant } from "./ports.js";

/** Outcome of one signal; `ahead_ms` as in `IngestResult`. */
export type SignalResult =
  | Readonly<{ accepted: true; ahead_ms?: number }>
  | Readonly<{
      accepted: false;
      code: SignalErrorCode | "DQSN_ERROR_REPORTER_FORBIDDEN";
      path: string;
    }>;

/** Answer to `POST /signals`: a result for each signal, in their order. */
export type SignalsAnswer = Readonly<{ now_ms: number; results: readonly SignalResult[] }>;

type Taken =
  | Readonly<{ ok: true; status: number; answer: SignalsAnswer }>
  | Readonly<{ ok: false; refused: RequestErrorCode | "DQSN_ERROR_CLOCK_INVALID" }>;

/** Where signals go, when, and what the sender was granted. */
export type Intake = Readonly<{
  network: Pick<NetworkState, "ingest">;
  /** What the clock gave; undefined when it failed. */
  reading: TimeReading | undefined;
  grant: Grant | null;
}>;

/**
 * Takes one signal (an object) or 1–64 (an array). Status 200: all were accepted; 207: some; 422: none.
 *
 * @returns the results, or why the body was refused as a whole
 */
export function takeSignals(body: Uint8Array, intake: Intake): Taken {
  const { reading, grant, network } = intake;
  const nowMs = wallMsOf(reading);
  // [503] without a time nothing could expire
  if (reading === undefined || checkTimeMs(nowMs) !== undefined) {
    return { ok: false, refused: "DQSN_ERROR_CLOCK_INVALID" };
  }
  const parsed = parse(body);
  if (!parsed.ok) return parsed;
  const signals = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  if (signals.length === 0) return { ok: false, refused: "DQSN_ERROR_NO_SIGNALS" };
  if (signals.length > LIMITS.maxSignals)
    return { ok: false, refused: "DQSN_ERROR_SIGNAL_TOO_MANY" };
  const results = signals.map((signal) => take(signal, { network, reading, grant }));
  return { ok: true, status: statusOf(results), answer: { now_ms: nowMs, results } };
}

type Taker = Readonly<{
  network: Pick<NetworkState, "ingest">;
  reading: TimeReading;
  grant: Grant | null;
}>;

function take(signal: JsonValue, { network, reading, grant }: Taker): SignalResult {
  // [REFUSE] not a valid v2 signal
  const checked = signalToEnvelope(signal);
  if (!checked.accepted) return checked;

  // [REFUSE] may not speak for this node, operator or source
  if (guarded(() => grant?.maySpeakFor?.(checked.signal)) !== true) {
    return { accepted: false, code: "DQSN_ERROR_REPORTER_FORBIDDEN", path: "/node_id" };
  }
  // What was accepted is handed on as such: it is not checked a second time.
  return { ...network.ingest(checked, reading) };
}

function statusOf(results: readonly SignalResult[]): number {
  const accepted = results.filter((result) => result.accepted).length;
  if (accepted === results.length) return 200;
  return accepted === 0 ? 422 : 207;
}

const CODE_OF_STRICT_JSON: ReadonlyMap<ContractErrorCode, RequestErrorCode> = new Map([
  ["payload_too_large", "DQSN_ERROR_PAYLOAD_TOO_LARGE"],
  ["depth_exceeded", "DQSN_ERROR_DEPTH_EXCEEDED"],
  ["duplicate_key", "DQSN_ERROR_DUPLICATE_KEY"],
  ["bad_number", "DQSN_ERROR_BAD_NUMBER"],
]);

function parse(
  body: Uint8Array,
): Readonly<{ ok: true; value: JsonValue }> | Readonly<{ ok: false; refused: RequestErrorCode }> {
  try {
    return { ok: true, value: parseStrictJson(body) };
  } catch (error) {
    const code = error instanceof ContractError ? CODE_OF_STRICT_JSON.get(error.code) : undefined;
    return { ok: false, refused: code ?? "DQSN_ERROR_INVALID_REQUEST" };
  }
}
