/** Why a call or a stream failed. */
import type { Problem, ProblemCode } from "./api-types.js";

/**
 * A problem of the service by its code, or: `timeout`: no answer in time. `unreachable`: no connection, or one that broke.
 * `unexpected_answer`: what answered is not the service, or not one that can be read. `invalid_option`: the client was made with
 * an option that cannot be used.
 */
export type ClientErrorCode =
  ProblemCode | "timeout" | "unreachable" | "unexpected_answer" | "invalid_option";

/** What an error carries besides its code. */
export type ClientErrorFacts = Readonly<{
  /** HTTP status; null without an answer. */
  status?: number | null;
  /** The whole problem; null where the answer was none. */
  problem?: Problem | null;
  /** Milliseconds after which the service takes the request again; null where it says nothing of that. */
  retry_after_ms?: number | null;
  /** Requests that were sent. */
  attempts?: number;
  cause?: unknown;
}>;

/** A call or a stream that failed. It never carries the key. Whatever its code, a payment is refused. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  readonly status: number | null;
  readonly problem: Problem | null;
  readonly retry_after_ms: number | null;
  readonly attempts: number;

  constructor(code: ClientErrorCode, message: string, facts: ClientErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = facts.status ?? null;
    this.problem = facts.problem ?? null;
    this.retry_after_ms = facts.retry_after_ms ?? null;
    this.attempts = facts.attempts ?? 0;
  }
}
