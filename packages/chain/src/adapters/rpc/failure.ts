/** Why a call to a node failed. */
import type { RpcFailureKind } from "../../rpc-failure-kinds.js";

/** A failed call. */
export type RpcFailure = Readonly<{
  kind: RpcFailureKind;
  /** Code of the RPC error, or the HTTP status; null where there is neither. */
  code: number | null;
  /** What is wrong, at most 512 characters; without user, password and cookie. */
  detail: string;
  /** Whether the node may have executed the call: `no` where it certainly did not. */
  executed: "no" | "unknown";
}>;

/** RPC error of a node that is starting: the call was not executed. */
export const RPC_IN_WARMUP = -28;

const MAX_DETAIL = 512;

/** Makes a failure; `executed` is `unknown` but where the kind or the caller excludes it. */
export function failure(
  kind: RpcFailureKind,
  detail: string,
  given: Readonly<{ code?: number | null; executed?: RpcFailure["executed"] }> = {},
): RpcFailure {
  const { code = null, executed = "unknown" } = given;
  return Object.freeze({
    kind,
    code,
    detail: detail.slice(0, MAX_DETAIL).toWellFormed(),
    executed,
  });
}

/** Codes of system errors before anything was sent. */
const NOT_SENT: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const TIMEOUTS: ReadonlySet<unknown> = new Set([
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ABORT_ERR",
]);

/** The failure that an error of the HTTP client stands for. */
export function failureOfError(error: unknown): RpcFailure {
  const { name, code } = namesOf(error);
  if (name === "TimeoutError" || TIMEOUTS.has(code)) {
    return failure(
      "timeout",
      "the node did not answer in time: it is busy, or its address is wrong",
    );
  }
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return failure("garbage", "the answer is larger than max_response_bytes");
  }
  const isUnsent = NOT_SENT.has(code);
  return failure(
    "connection",
    `the node cannot be reached (${code ?? name ?? "unknown"}): start it, or correct its address`,
    { executed: isUnsent ? "no" : "unknown" },
  );
}

function namesOf(error: unknown): Readonly<{ name?: string; code?: string }> {
  if (!(error instanceof Error)) return {};
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return { name: error.name, code };
  return error.cause === undefined
    ? { name: error.name }
    : { name: error.name, ...namesOf(error.cause) };
}
