/** The way to the node: requests that are streamed, and payments on connections of their own. */
import { credentialsOf } from "@dgb-shield/chain/rpc";
import { Client, type Dispatcher, Pool } from "undici";
import type { GatewayPorts } from "./ports.js";
import { type Moment, NEVER } from "./attempts.js";
import { type Leaving, readAnswer } from "./read-answer.js";
import type { NodeAnswer, NodeReply } from "./reply.js";

type NotOk = Extract<NodeReply, { ok: false }>;

/** What came back of a request that reads. */
export type NodeRead = Readonly<{ ok: true; answer: NodeAnswer }> | NotOk;

/** The way to one node. */
export type NodeLink = Readonly<{
  /** Sends a request whose repetition does no harm. */
  read(path: string, body: string, client: Leaving): Promise<NodeRead>;
  /** Sends a request once, on a new connection: a connection that is not made proves that nothing was sent. */
  once(path: string, body: string): Promise<NodeReply>;
  /**
   * Names the node's process as its cookie does, which each process makes for itself: a call that was made with one
   * cannot be executed by another. Undefined with a fixed password.
   */
  instance(): string | undefined;
  /** The same, read again. */
  currentInstance(): string | undefined;
  /** Calls it once, so that `lastDown` is kept while nothing else is called. */
  probe(): Promise<void>;
  /** When nothing listened at the node's address, last; `NEVER` where something always did. */
  lastDown(): Moment;
  close(): Promise<void>;
}>;

/** How long an idle connection stays open; a node that is stopped waits for it. */
const IDLE_MS = 2_000;

/** Errors of a connection that was never made. */
const NOT_SENT: ReadonlySet<unknown> = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The one of them by which the node's host says that no process listens. */
const DOWN = "ECONNREFUSED";

/** Statuses by which a node says that it did not take the request up. */
const NOT_TAKEN: ReadonlySet<number> = new Set([401, 403, 503]);

const PROBE = '{"id":0,"method":"uptime","params":[]}';

/** Makes the way to a node. */
export function createNodeLink(
  { url, auth }: GatewayPorts["node"],
  options: Readonly<{ connections: number; timeoutMs: number; now: () => Moment }>,
): NodeLink {
  const { origin } = new URL(url);
  const credentials = credentialsOf(auth);
  const hasCookie = auth !== undefined && "cookie_file" in auth;
  let lastDown = NEVER;
  const timeouts = { headersTimeout: options.timeoutMs, bodyTimeout: options.timeoutMs };
  const pool = new Pool(origin, {
    ...timeouts,
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
  });

  function requestOf(path: string, body: string, signal?: AbortSignal): Dispatcher.RequestOptions {
    const authorization = credentials.header();
    return {
      path,
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(authorization !== undefined && { authorization }),
      },
      body,
      ...(signal !== undefined && { signal }),
    };
  }

  async function send(
    by: Dispatcher,
    path: string,
    body: string,
    signal?: AbortSignal,
  ): Promise<NodeReply> {
    try {
      let answer = await by.request(requestOf(path, body, signal));
      if (answer.statusCode === 401 && credentials.renew()) {
        await answer.body.dump();
        answer = await by.request(requestOf(path, body, signal));
      }
      // A body that is dropped, or breaks off, emits an error: who reads it sees that.
      answer.body.on("error", () => undefined);
      if (!NOT_TAKEN.has(answer.statusCode)) {
        return { ok: true, status: answer.statusCode, body: answer.body };
      }
      await answer.body.dump();
      return { ok: false, executed: "no" };
    } catch (error) {
      return failedBy(error);
    }
  }

  function failedBy(error: unknown): NotOk {
    const code = codeOf(error);
    if (code === DOWN) lastDown = options.now();
    return { ok: false, executed: NOT_SENT.has(code) ? "no" : "unknown" };
  }

  async function read(path: string, body: string, client: Leaving): Promise<NodeRead> {
    try {
      let answer = await readAnswer(pool, requestOf(path, body), client);
      if (answer.status === 401 && credentials.renew()) {
        answer.destroy();
        answer = await readAnswer(pool, requestOf(path, body), client);
      }
      if (!NOT_TAKEN.has(answer.status)) return { ok: true, answer };
      answer.destroy();
      return { ok: false, executed: "no" };
    } catch (error) {
      return failedBy(error);
    }
  }

  return {
    read,
    async once(path, body) {
      const client = new Client(origin, { ...timeouts, pipelining: 0 });
      const reply = await send(client, path, body);
      if (!reply.ok) await client.destroy().catch(() => undefined);
      else void client.close().catch(() => undefined);
      return reply;
    },
    instance: () => (hasCookie ? credentials.header() : undefined),
    currentInstance() {
      if (!hasCookie) return undefined;
      credentials.renew();
      return credentials.header();
    },
    async probe() {
      const reply = await send(pool, "/", PROBE, AbortSignal.timeout(options.timeoutMs));
      if (reply.ok) reply.body.destroy();
    },
    lastDown: () => lastDown,
    close: () => pool.destroy(),
  };
}

function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return code;
  // Of several addresses tried, all must have failed before anything was sent.
  if (error instanceof AggregateError) {
    const codes = error.errors.map(codeOf);
    return codes.every((one) => NOT_SENT.has(one)) ? codes[0] : undefined;
  }
  return error.cause === undefined ? undefined : codeOf(error.cause);
}
