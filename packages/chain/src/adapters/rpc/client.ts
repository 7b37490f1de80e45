/** A client of one node's JSON-RPC: one connection, calls in series, never an exception. */
import { Client } from "undici";
import { z } from "zod";
import { type HttpAnswer, readAnswer, readAnswers, type RpcResult } from "./answer.js";
import { credentialsOf, type RpcAuth } from "./auth.js";
import { failure, failureOfError } from "./failure.js";

/** Options of `createNodeRpc`. */
export type NodeRpcOptions = Readonly<{
  /** `http://` or `https://`, host, port and, where wanted, a wallet's path; no user and no password. */
  url: string;
  auth?: RpcAuth;
  /** For one call or batch, in milliseconds; 100–600,000, default 30,000. */
  timeout_ms?: number;
  /** Largest answer that is read, in bytes; default 64 MiB. */
  max_response_bytes?: number;
}>;

/** A method with its positional parameters. */
export type RpcCall = Readonly<{ method: string; params?: readonly unknown[] }>;

/** Calls of a client since its start. */
export type RpcStatistics = Readonly<{ calls: number; requests: number; failures: number }>;

/** A client of one node. */
export type NodeRpc = Readonly<{
  /** The node's address, without a path. */
  origin: string;
  /** Calls a method. Never rejects. */
  call(method: string, params?: readonly unknown[], options?: CallOptions): Promise<RpcResult>;
  /** Calls several methods in one request, answered in their order. Never rejects. */
  batch(calls: readonly RpcCall[], options?: CallOptions): Promise<RpcResult[]>;
  statistics(): RpcStatistics;
  /** Ends the connection; calls under way and later ones fail. */
  close(): Promise<void>;
}>;

/** How one call is made. */
export type CallOptions = Readonly<{ timeout_ms?: number }>;

/** How long an idle connection stays open, in milliseconds. */
const IDLE_MS = 2_000;

/** Most calls of one batch: a node executes them one after the other. */
export const MAX_BATCH = 1_000;

const optionsSchema = z.strictObject({
  url: z.string().refine(isNodeUrl, {
    error: "no http:// or https:// address without user and password",
  }),
  auth: z
    .union([
      z.strictObject({ cookie_file: z.string().min(1) }),
      z.strictObject({ user: z.string().min(1), password: z.string() }),
    ])
    .optional(),
  timeout_ms: z.int().min(100).max(600_000).default(30_000),
  max_response_bytes: z.int().min(1_024).max(1_073_741_824).default(67_108_864),
});

/**
 * Makes a client of one node. All requests go over one connection, one after the other, so that a node never
 * spends more than one of its RPC threads on it. Redirects are not followed and no proxy is used. After HTTP
 * 401 the cookie file is read again and the request repeated once: a node writes a new cookie at each start.
 *
 * @throws RangeError where an option is invalid; the text names it
 * @example
 * const rpc = createNodeRpc({ url: "http://127.0.0.1:14022", auth: { cookie_file: "/var/lib/digibyte/.cookie" } });
 * const tip = await rpc.call("getbestblockhash");
 */
export function createNodeRpc(options: NodeRpcOptions): NodeRpc {
  const { url, auth, timeout_ms, max_response_bytes } = checkOptions(options);
  const { origin, pathname } = new URL(url);
  const credentials = credentialsOf(auth);
  const client = new Client(origin, {
    pipelining: 1,
    maxResponseSize: max_response_bytes,
    // A node that is stopped waits for its idle connections.
    keepAliveTimeout: IDLE_MS,
  });
  let nextId = 1;
  let last: Promise<unknown> = Promise.resolve();
  const counts = { calls: 0, requests: 0, failures: 0 };

  async function post(body: string, timeoutMs: number): Promise<HttpAnswer> {
    const answer = await postOnce(body, timeoutMs);
    return answer.status === 401 && credentials.renew() ? postOnce(body, timeoutMs) : answer;
  }

  async function postOnce(body: string, timeoutMs: number): Promise<HttpAnswer> {
    counts.requests++;
    const authorization = credentials.header();
    const { statusCode, body: stream } = await client.request({
      path: pathname,
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(authorization !== undefined && { authorization }),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: statusCode, body: await stream.text() };
  }

  /** After all requests before; its time runs from when it is sent. */
  function inSeries<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  async function send<T>(
    text: string | undefined,
    timeoutMs: number,
    read: (answer: HttpAnswer) => T,
    failed: (result: RpcResult) => T,
  ): Promise<T> {
    if (text === undefined) {
      const detail = "the parameters are no JSON";
      return failed({ ok: false, failure: failure("garbage", detail, { executed: "no" }) });
    }
    try {
      return read(await inSeries(() => post(text, timeoutMs)));
    } catch (error) {
      return failed({ ok: false, failure: failureOfError(error) });
    }
  }

  function counted<T extends RpcResult | RpcResult[]>(result: T): T {
    const all: readonly RpcResult[] = Array.isArray(result) ? result : [result];
    counts.calls += all.length;
    counts.failures += all.filter(({ ok }) => !ok).length;
    return result;
  }

  return Object.freeze({
    origin,
    async call(method, params = [], { timeout_ms: own = timeout_ms } = {}) {
      const id = nextId++;
      const text = textOf({ jsonrpc: "1.0", id, method, params });
      return counted(
        await send(
          text,
          own,
          (answer) => readAnswer(answer, id),
          (result) => result,
        ),
      );
    },
    async batch(calls, { timeout_ms: own = timeout_ms } = {}) {
      if (calls.length === 0) return [];
      if (calls.length > MAX_BATCH) {
        const detail = `more than ${MAX_BATCH} calls in one batch: make several`;
        const result = {
          ok: false,
          failure: failure("garbage", detail, { executed: "no" }),
        } as const;
        return counted(calls.map(() => result));
      }
      const ids = calls.map(() => nextId++);
      const text = textOf(
        calls.map(({ method, params = [] }, i) => ({ jsonrpc: "1.0", id: ids[i], method, params })),
      );
      const each = (result: RpcResult) => calls.map(() => result);
      return counted(await send(text, own, (answer) => readAnswers(answer, ids), each));
    },
    statistics: () => ({ ...counts }),
    close: () => client.destroy(),
  } satisfies NodeRpc);
}

function isNodeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (
    (protocol === "http:" || protocol === "https:") &&
    [username, password, search, hash].every((part) => part === "")
  );
}

function checkOptions(options: NodeRpcOptions): z.infer<typeof optionsSchema> {
  const { success, data, error } = optionsSchema.safeParse(options);
  if (success) return data;
  // Never the value: a URL may carry a password.
  const [issue] = error.issues;
  throw new RangeError(`${issue?.path.join(".") ?? "options"}: ${issue?.message ?? "invalid"}`);
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
