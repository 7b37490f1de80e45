/** Takes a v2 signal or a batch of them from a request's body into a network state (design section 4.2: exporters). */
import {
  checkTimeMs,
  type JsonValue,
  LIMITS,
  parseStrictJson,
  type Result,
  type TimeReading,
} from "@dgb-shield/contract";
import {
  type NetworkState,
  type RequestErrorCode,
  type SignalErrorCode,
  signalToEnvelope,
} from "../../index.js";
import { isRejection, tryStep } from "../../internal/rejection.js";
import { guarded } from "../shared/guarded.js";
import { wallMsOf } from "../shared/clock.js";
import type { Grant } from "./ports.js";

/** The result of one signal; `ahead_ms` as in `IngestResult`. */
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
  | Readonly<{ ok: false; code: RequestErrorCode | "DQSN_ERROR_CLOCK_INVALID" }>;

/** The network, the time and the grant of the sender. */
export type Intake = Readonly<{
  network: Pick<NetworkState, "ingest">;
  /** The reading of the clock; undefined when it failed. */
  reading: TimeReading | undefined;
  grant: Grant | null;
}>;

/**
 * Takes one signal (an object) or 1–64 (an array). Status 200: all were accepted; 207: some; 422: none.
 *
 * @returns the results, or the code of a body that is rejected as a whole
 */
export function takeSignals(body: Uint8Array, intake: Intake): Taken {
  const { reading, grant, network } = intake;
  const nowMs = wallMsOf(reading);
  // [503] without a time nothing could expire
  if (reading === undefined || checkTimeMs(nowMs) !== undefined) {
    return { ok: false, code: "DQSN_ERROR_CLOCK_INVALID" };
  }
  const parsed = parse(body);
  if (!parsed.ok) return parsed;
  const signals = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  if (signals.length === 0) return { ok: false, code: "DQSN_ERROR_NO_SIGNALS" };
  if (signals.length > LIMITS.maxSignals) return { ok: false, code: "DQSN_ERROR_SIGNAL_TOO_MANY" };
  const results = signals.map((signal) => take(signal, { network, reading, grant }));
  return { ok: true, status: statusOf(results), answer: { now_ms: nowMs, results } };
}

type Taker = Readonly<{
  network: Pick<NetworkState, "ingest">;
  reading: TimeReading;
  grant: Grant | null;
}>;

function take(signal: JsonValue, { network, reading, grant }: Taker): SignalResult {
  const checked = signalToEnvelope(signal);
  if (!checked.accepted) return checked;

  // The sender may not report for this node, operator or source.
  if (guarded(() => grant?.maySpeakFor?.(checked.signal)) !== true) {
    return { accepted: false, code: "DQSN_ERROR_REPORTER_FORBIDDEN", path: "/node_id" };
  }
  // The accepted signal is passed on as such, so that it is not checked a second time.
  return { ...network.ingest(checked, reading) };
}

function statusOf(results: readonly SignalResult[]): number {
  const accepted = results.filter((result) => result.accepted).length;
  if (accepted === results.length) return 200;
  return accepted === 0 ? 422 : 207;
}

function parse(body: Uint8Array): Result<JsonValue, RequestErrorCode> {
  const value = tryStep(() => ({ value: parseStrictJson(body) }));
  return isRejection(value) ? value : { ok: true, value: value.value };
}
