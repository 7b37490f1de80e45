/** Puts a proxy in front of the RPC of real nodes: it counts what is called, and answers wrongly as a test wants. */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { startServer } from "./servers.js";

/** A node behind the proxy. */
export type ProxiedNode = Readonly<{ url: string; cookieFile: string }>;

/** One call of a request. */
export type ProxiedCall = Readonly<{ id: unknown; method: string; params?: unknown }>;

/** An HTTP answer as text. */
export type ProxiedAnswer = Readonly<{ status: number; body: string }>;

/** One request under way. */
export type Exchange = Readonly<{
  /** Requests before it, since the fault was set. */
  index: number;
  calls: readonly ProxiedCall[];
  response: ServerResponse;
  /** The honest answer: of the proxy's node, or of another one. */
  forward(node?: ProxiedNode): Promise<ProxiedAnswer>;
}>;

/** Answers a request, in whichever way; see `rpc-faults`. */
export type Fault = (exchange: Exchange) => Promise<void> | void;

/** A proxy that runs. */
export type RpcProxy = Readonly<{
  url: string;
  /** Answers by a fault from now on; without one, honestly. */
  use(fault?: Fault): void;
  /** Methods of each request since the start. */
  requests(): readonly (readonly string[])[];
  /** Most requests that were under way at once. */
  mostAtOnce(): number;
  close(): Promise<void>;
}>;

/**
 * Starts a proxy. It is known to each node by the node's own cookie, whatever its client sends.
 *
 * @param node answers where no fault is set
 */
export async function startRpcProxy(node: ProxiedNode): Promise<RpcProxy> {
  let fault: Fault = honest;
  let index = 0;
  let [underWay, most] = [0, 0];
  const requests: string[][] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request);
    const parsed = JSON.parse(text) as ProxiedCall | ProxiedCall[];
    const calls = Array.isArray(parsed) ? parsed : [parsed];
    requests.push(calls.map(({ method }) => method));
    const forward = (to: ProxiedNode = node) => post(to, text);
    await fault({ index: index++, calls, response, forward });
  }

  const server = await startServer((request, response) => {
    most = Math.max(most, ++underWay);
    response.on("close", () => underWay--);
    // A node that is down has no answer: the connection ends, as its own would.
    answer(request, response).catch(() => response.destroy());
  });
  return Object.freeze({
    url: server.url,
    use(next = honest) {
      fault = next;
      index = 0;
    },
    requests: () => requests,
    mostAtOnce: () => most,
    close: () => server.close(),
  } satisfies RpcProxy);
}

async function honest({ forward, response }: Exchange): Promise<void> {
  const { status, body } = await forward();
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

async function post({ url, cookieFile }: ProxiedNode, body: string): Promise<ProxiedAnswer> {
  const authorization = `Basic ${readFileSync(cookieFile).toString("base64")}`;
  const answer = await fetch(url, { method: "POST", headers: { authorization }, body });
  return { status: answer.status, body: await answer.text() };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
