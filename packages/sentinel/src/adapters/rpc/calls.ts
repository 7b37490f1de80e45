/** The calls of one poll: each answer checked as a recording's, or the failure that ends the poll. */
import type { NodeRpc, RpcCall, RpcFailure } from "@dgb-shield/chain/rpc";
import type { Failure } from "../../observation/observation.js";
import type { RawLine } from "../../recording/raw-lines.js";

/** Ends a poll: a call that it cannot do without failed, or an answer contradicts another one. */
export class PollError extends Error {
  override readonly name = "PollError";
  readonly failure: Failure;

  constructor(failure: Failure, detail: string) {
    super(detail);
    this.failure = failure;
  }
}

/** An answer in the form of a recording's line, or why there is none. */
export type Answer =
  Readonly<{ ok: true; line: RawLine }> | Readonly<{ ok: false; failure: RpcFailure }>;

/** A call and its answer as a line of a recording would have them. */
const lineOf = ({ method, params = [] }: RpcCall, result: unknown): RawLine => ({
  seq: 0,
  time: 0,
  label: "live",
  method,
  params: [...params],
  result,
  line: 0,
});

/** Calls several methods in one request. */
export async function callAll(rpc: NodeRpc, calls: readonly RpcCall[]): Promise<Answer[]> {
  const results = await rpc.batch(calls);
  return results.map((result, i) => {
    const call = calls[i] ?? { method: "unknown" };
    return result.ok ? { ok: true, line: lineOf(call, result.value) } : result;
  });
}

/**
 * Calls several methods that the poll cannot do without.
 *
 * @throws PollError for the first that failed
 */
export async function need(rpc: NodeRpc, calls: readonly RpcCall[]): Promise<RawLine[]> {
  const answers = await callAll(rpc, calls);
  return answers.map(lineOrThrow);
}

/** The line of an answer; throws PollError where there is none. */
export function lineOrThrow(answer: Answer): RawLine {
  if (answer.ok) return answer.line;
  const { kind, code, detail } = answer.failure;
  throw new PollError({ kind, code }, detail);
}

/** The line of an answer; undefined where there is none. */
export const lineOrNone = (answer: Answer | undefined): RawLine | undefined =>
  answer?.ok === true ? answer.line : undefined;

/** An answer that contradicts another one, or that is not what was requested. */
export const contradiction = (detail: string): PollError =>
  new PollError({ kind: "garbage", code: null }, detail);

/** The error that ends a poll: whatever else went wrong, an answer could not be read. */
export const pollError = (error: unknown): PollError =>
  error instanceof PollError
    ? error
    : contradiction(error instanceof Error ? error.message : String(error));
