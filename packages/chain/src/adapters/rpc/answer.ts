/** Reads what a node answered to a call or to a batch. */
import { z } from "zod";
import { parseAnswer } from "./parse-answer.js";
import { failure, RPC_IN_WARMUP, type RpcFailure } from "./failure.js";

/** The result of a call. `value` is what the node gave: not checked any further. */
export type RpcResult =
  Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false; failure: RpcFailure }>;

/** An HTTP answer. */
export type HttpAnswer = Readonly<{ status: number; body: string }>;

const WORK_QUEUE = /work queue depth exceeded/i;

const answerSchema = z.object({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string() }).nullish(),
});

/** RPC errors of calls that were not executed: node starting, unknown method, malformed call. */
const NOT_EXECUTED: ReadonlySet<number> = new Set([
  RPC_IN_WARMUP,
  -32_700,
  -32_600,
  -32_601,
  -32_602,
]);

const failed = (given: RpcFailure): RpcResult => Object.freeze({ ok: false, failure: given });

/** The failure that an HTTP status alone stands for; undefined where the body must be read. */
function httpFailure({ status, body }: HttpAnswer): RpcFailure | undefined {
  if (status === 401 || status === 403) {
    return failure(
      "unauthorized",
      "the node refused user and password: check rpcauth or the cookie file",
      {
        code: status,
        executed: "no",
      },
    );
  }
  if (status === 503 || (status >= 500 && WORK_QUEUE.test(body))) {
    return failure(
      "overloaded",
      "the node is busy (work queue full): ask less often, or raise rpcworkqueue",
      {
        code: status,
        executed: "no",
      },
    );
  }
  return undefined;
}

/** Reads the answer to one call. */
export function readAnswer(answer: HttpAnswer, id: number): RpcResult {
  const known = httpFailure(answer);
  if (known !== undefined) return failed(known);
  const parsed = answerSchema.safeParse(parseAnswer(answer.body));
  if (!parsed.success) return failed(garbage(answer, "no JSON-RPC answer"));
  return resultOf(parsed.data, answer, id);
}

/** Reads the answers to a batch, in the order of its ids; each failure is of one call. */
export function readAnswers(answer: HttpAnswer, ids: readonly number[]): RpcResult[] {
  const known = httpFailure(answer);
  if (known !== undefined) return ids.map(() => failed(known));
  const list: unknown = parseAnswer(answer.body);
  if (!Array.isArray(list) || list.length !== ids.length) {
    const single = answerSchema.safeParse(list);
    const error = single.success ? single.data.error : undefined;
    const all = error ? rpcFailure(error) : garbage(answer, "no answer to the whole batch");
    return ids.map(() => failed(all));
  }
  const byId = new Map<unknown, z.infer<typeof answerSchema>>();
  for (const one of list) {
    const { success, data } = answerSchema.safeParse(one);
    if (success) byId.set(data.id, data);
  }
  return ids.map((id) => {
    const own = byId.get(id);
    return own === undefined
      ? failed(garbage(answer, "a call of the batch has no answer"))
      : resultOf(own, answer, id);
  });
}

function resultOf(
  { id, result, error }: z.infer<typeof answerSchema>,
  answer: HttpAnswer,
  expected: number,
): RpcResult {
  if (error !== null && error !== undefined) return failed(rpcFailure(error));
  if (id !== expected) return failed(garbage(answer, "an answer to another call"));
  if (result === undefined) return failed(garbage(answer, "neither a result nor an error"));
  return Object.freeze({ ok: true, value: result });
}

const rpcFailure = ({ code, message }: Readonly<{ code: number; message: string }>): RpcFailure =>
  failure("rpc", message, { code, executed: NOT_EXECUTED.has(code) ? "no" : "unknown" });

const garbage = ({ status }: HttpAnswer, what: string): RpcFailure =>
  failure("garbage", `${what} (HTTP ${status}): is this the RPC port of a node?`, { code: status });
