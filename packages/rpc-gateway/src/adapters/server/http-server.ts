/** The HTTP side of a gateway: strict requests in, answers out. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { errorAnswer } from "../../call/answer.js";
import { type Refusal, refused } from "../../codes.js";
import { isList, type Json } from "../../json/value.js";
import { parseJson } from "../../json/parse.js";
import { type CallAnswer, writeBatch, writeSingle } from "./answer-writer.js";
import { readBody } from "./body.js";
import type { CallRunner } from "./calls.js";
import { type Admitted, createGuard, httpStatusOf } from "./guard.js";
import type { Leaving } from "./read-answer.js";
import type { Site } from "./site.js";

/** Most bytes of a request's head. */
const MAX_HEAD = 16_384;

/** How long a head may take, and how long a connection without a request stays, in milliseconds. */
const HEAD_MS = 10_000;
const IDLE_MS = 30_000;

const NO_CALL = { id: null, dialect: "1" } as const;

// [REFUSE closing] the gateway ends
const CLOSING: Refusal = refused(
  "closing",
  "the gateway is being stopped: try again later",
).refusal;

/** Makes the server; `isClosing` ends new requests. */
export function createGatewayServer(site: Site, run: CallRunner, isClosing: () => boolean): Server {
  const guard = createGuard(site.config);
  const { max_body_bytes, body_timeout_ms, max_batch, max_connections } = site.config.limits;

  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: MAX_HEAD,
    headersTimeout: HEAD_MS,
    requestTimeout: HEAD_MS + body_timeout_ms,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: 1_000,
  });
  server.maxConnections = max_connections;
  server.on("request", (request, response) => serve(request, response, false));
  server.on("checkContinue", (request, response) => serve(request, response, true));
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { connection: "close" }).end();
  });
  server.on("clientError", (_error: Error, socket: Socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  return server;

  function serve(request: IncomingMessage, response: ServerResponse, expects: boolean): void {
    response.on("error", () => undefined);
    handle(request, response, expects).catch(() => {
      // An answer that has begun cannot be taken back: a broken connection shows that it is not whole.
      site.log({ event: "internal_error" });
      response.destroy();
    });
  }

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    expects: boolean,
  ): Promise<void> {
    if (isClosing()) return reject(response, CLOSING);
    const admitted = guard(request);
    if (!admitted.ok) return reject(response, admitted.refusal);
    if (expects) response.writeContinue();
    const body = await readBody(request, { maxBytes: max_body_bytes, timeoutMs: body_timeout_ms });
    if (!body.ok) return reject(response, body.refusal);
    const parsed = parseJson(body.value);
    if (!parsed.ok) return rejectCall(response, malformed(parsed.fault));
    if (!isList(parsed.value)) return single(parsed.value, admitted.value, response);
    if (parsed.value.length > max_batch) return rejectCall(response, TOO_MANY);
    if (parsed.value.length === 0) return void response.end("[]\n");
    await writeBatch(response, answersTo(parsed.value, admitted.value, response));
  }

  async function single(request: Json, by: Admitted, response: ServerResponse): Promise<void> {
    const { answer, done } = await run(request, by, leavingOf(response));
    try {
      await writeSingle(response, answer);
    } finally {
      done();
    }
  }

  /** One after the other, as a node executes a batch. */
  async function* answersTo(
    requests: readonly Json[],
    by: Admitted,
    response: ServerResponse,
  ): AsyncGenerator<CallAnswer> {
    const client = leavingOf(response);
    for (const request of requests) {
      // What the client no longer waits for is not begun.
      if (client.isGone) return;
      const { answer, done } = await run(request, by, client);
      try {
        yield answer;
      } finally {
        done();
      }
    }
  }

  function reject(response: ServerResponse, refusal: Refusal): void {
    site.log({ event: "refused", code: refusal.code });
    const status = httpStatusOf(refusal.code);
    const body = status === 401 ? "" : errorAnswer(NO_CALL, refusal).body;
    // The body was not read: what follows on this connection is not a request.
    response.writeHead(status, {
      connection: "close",
      ...(status === 401 && { "www-authenticate": 'Basic realm="jsonrpc"' }),
      ...(status === 405 && { allow: "POST" }),
      ...(body !== "" && { "content-type": "application/json" }),
    });
    response.end(body);
  }

  function rejectCall(response: ServerResponse, refusal: Refusal): void {
    site.log({ event: "refused", code: refusal.code });
    const { status, body } = errorAnswer(NO_CALL, refusal);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }
}

function malformed(fault: string): Refusal {
  // [REFUSE invalid_json] no JSON, or JSON that two readers could understand differently
  return refused("invalid_json", `the body is no strict JSON (${fault}): correct it`).refusal;
}

// [REFUSE batch_too_large] more calls than a batch may have
const TOO_MANY: Refusal = refused(
  "batch_too_large",
  "the batch has more calls than max_batch: make several",
).refusal;

/** Follows whether the client has gone before its answer was written. */
function leavingOf(response: ServerResponse): Leaving {
  const client: Leaving = { isGone: false, onGone: undefined };
  response.once("close", () => {
    if (response.writableFinished) return;
    client.isGone = true;
    client.onGone?.();
  });
  return client;
}
