/** DQSN over REST, as a Fastify plugin: evaluate, take signals in, serve the network view (design section 4.2: exporters). */
import type { IncomingMessage } from "node:http";
import { LIMITS } from "@dgb-shield/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Dqsn, NetworkState } from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { createAnswers, type HttpErrorCode, HttpRejection, statusOf } from "./answers.js";
import { closeUnread } from "./close-unread.js";
import { names, readGrant } from "./grant.js";
import type { Action, Authorize, Grant, StreamPort } from "./ports.js";
import { readBody } from "./read-body.js";
import { createRouteSchemas } from "./schemas.js";
import { takeSignals } from "./take-signals.js";
import { bound, delayMs, ownOptions } from "../shared/options.js";
import { type Clock, systemClock, takeView } from "../shared/clock.js";

export { HTTP_ERROR_CODES, type HttpErrorCode } from "./answers.js";
export type { AccessRequest, Action, Authorize, Grant, StreamPort } from "./ports.js";
export type { SignalResult, SignalsAnswer } from "./take-signals.js";
export { type Speaker, speaksAs } from "../shared/speaker.js";

/**
 * Options for `Fastify(…)`: without them Fastify waits for a request's end for ever, and Node checks
 * its times every 30 seconds. Headers must have come after 10 seconds and a request after 30, checked
 * every second; one connection carries at most 1,000 requests. They apply to the whole server, so that the
 * plugin does not set them.
 *
 * @example const app = Fastify(HTTP_SERVER_OPTIONS);
 */
export const HTTP_SERVER_OPTIONS = Object.freeze({
  requestTimeout: 30_000,
  maxRequestsPerSocket: 1_000,
  http: Object.freeze({ headersTimeout: 10_000, connectionsCheckingInterval: 1_000 }),
});

/** Options of `dqsnRoutes`. */
export type DqsnRoutesOptions = Readonly<{
  dqsn: Pick<Dqsn, "evaluateText" | "configFingerprint">;
  network: Pick<NetworkState, "ingest" | "view">;
  /**
   * Grants access, before a body is read. It has no default, so that an open endpoint is always a decision in
   * writing: DQSN does not authenticate, this port does.
   */
  authorize: Authorize;
  /** Serves `GET /network/stream`, for instance a stream of `./sse`. */
  stream?: StreamPort;
  /** The time; the system's clocks by default. */
  clock?: Clock;
  /** Milliseconds that a request's body may take to arrive (10,000). */
  bodyTimeoutMs?: number;
  /** Bytes that all bodies may take while they are read (33,554,432); with more a request is answered 503. */
  maxBodyBytes?: number;
}>;

declare module "fastify" {
  interface FastifyRequest {
    /** The grant of `authorize` for this request. */
    dqsnGrant: Grant | null;
  }
}

/**
 * The plugin: `POST /evaluate`, `POST /signals`, `GET /network` and, with a stream,
 * `GET /network/stream`. Every rejection is answered with an ERROR response of the contract and a
 * fitting status; an unforeseen failure with 500 and `DQSN_ERROR_INTERNAL`, without its cause.
 *
 * @param options see `DqsnRoutesOptions`
 * @throws TypeError without `authorize`, or when a bound is not an integer from 1
 * @example
 * await app.register(dqsnRoutes, { prefix: "/dqsn", dqsn, network, authorize });
 */
export async function dqsnRoutes(app: FastifyInstance, options: DqsnRoutesOptions): Promise<void> {
  const own = ownOptions(options);
  const { dqsn, network, authorize, stream, clock = systemClock } = own;
  const bodyTimeoutMs = delayMs("bodyTimeoutMs", own.bodyTimeoutMs, 10_000);
  if (typeof authorize !== "function") {
    throw new TypeError(
      "dqsnRoutes needs authorize, a function that decides who may evaluate, report and look",
    );
  }
  const budget = { free: bound("maxBodyBytes", own.maxBodyBytes, 33_554_432) };
  const answers = createAnswers(dqsn);
  const routeSchemas = createRouteSchemas();

  app.decorateRequest("dqsnGrant", null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    (request: FastifyRequest, payload: IncomingMessage) =>
      readBody(payload, {
        declaredBytes: request.headers["content-length"],
        maxBytes: LIMITS.maxPayloadBytes,
        timeoutMs: bodyTimeoutMs,
        budget,
      }),
  );
  // The schemas only describe; the strict parser and the core check.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));

  const sendRejection = (reply: FastifyReply, code: HttpErrorCode): FastifyReply => {
    if (code === "DQSN_ERROR_BUSY") void reply.header("retry-after", "1");
    if (code === "DQSN_ERROR_UNAUTHENTICATED") void reply.header("www-authenticate", "Bearer");
    return reply.code(statusOf(code)).send(answers.rejection(code));
  };
  app.setErrorHandler((error, _, reply) => sendRejection(reply, answers.codeOf(error)));
  app.setNotFoundHandler((_, reply) => sendRejection(reply, "DQSN_ERROR_NOT_FOUND"));
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("cache-control", "no-store");
    // [404] before anything of a body is read
    if (request.is404) throw new HttpRejection("DQSN_ERROR_NOT_FOUND");
  });
  app.addHook("onSend", async (request, reply, payload) => closeUnread(request, reply, payload));

  const permit = (action: Action) => async (request: FastifyRequest) => {
    const { ip, method, url } = request;
    const headers = ownOptions(request.headers);
    const grant = readGrant(await authorize({ action, headers, ip, method, url }));
    // [401] no well-formed grant
    if (grant === undefined) throw new HttpRejection("DQSN_ERROR_UNAUTHENTICATED");
    // [403] a grant of something else
    if (!names(grant, action)) throw new HttpRejection("DQSN_ERROR_FORBIDDEN");
    request.dqsnGrant = grant;

    // [415] a packed body could be any size
    const encoding = headers["content-encoding"];
    if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
      throw new HttpRejection("DQSN_ERROR_CONTENT_ENCODING");
    }
  };

  app.post(
    "/evaluate",
    { schema: routeSchemas.evaluate, onRequest: permit("evaluate") },
    (request, reply) => {
      const response = dqsn.evaluateText(bytesOf(request.body));
      return reply.code(answers.statusOfResponse(response)).send(response);
    },
  );

  app.post(
    "/signals",
    { schema: routeSchemas.signals, onRequest: permit("ingest") },
    (request, reply) => {
      const taken = takeSignals(bytesOf(request.body), {
        network,
        reading: guarded(clock),
        grant: request.dqsnGrant,
      });
      if (!taken.ok) return sendRejection(reply, taken.code);
      return reply.code(taken.status).send(taken.answer);
    },
  );

  app.get("/network", { schema: routeSchemas.network, onRequest: permit("view") }, (_, reply) => {
    const view = takeView({ network, clock });
    // [503] without a time the age of the view is unknown
    return view === undefined ? sendRejection(reply, "DQSN_ERROR_CLOCK_INVALID") : reply.send(view);
  });

  if (stream !== undefined) {
    app.get("/network/stream", { onRequest: permit("view") }, (request, reply) => {
      reply.hijack();
      reply.raw.setHeader("connection", "close");
      stream.handle(request.raw, reply.raw);
    });
  }

  rejectOtherMethods(app, sendRejection, stream !== undefined);
  await Promise.resolve();
}

function rejectOtherMethods(
  app: FastifyInstance,
  sendRejection: (reply: FastifyReply, code: HttpErrorCode) => FastifyReply,
  streams: boolean,
): void {
  const allowed = {
    "/evaluate": ["POST"],
    "/signals": ["POST"],
    "/network": ["GET", "HEAD"],
    ...(streams ? { "/network/stream": ["GET", "HEAD"] } : {}),
  };
  for (const [url, methods] of Object.entries(allowed)) {
    app.route({
      method: app.supportedMethods.filter((method) => !methods.includes(method)),
      url,
      // Rejected before anything of a body is read.
      onRequest: (_, reply) => {
        void sendRejection(
          reply.header("allow", methods.join(", ")),
          "DQSN_ERROR_METHOD_NOT_ALLOWED",
        );
      },
      handler: () => undefined,
    });
  }
}

const EMPTY = new Uint8Array();

/** The bytes of a body; a request without one is rejected as an empty text. */
const bytesOf = (body: unknown): Uint8Array => (body instanceof Uint8Array ? body : EMPTY);
