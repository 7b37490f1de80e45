/** DQSN over REST, as a Fastify plugin: evaluate, take signals in, show the picture (design section 4.2). */
import type { IncomingMessage } from "node:http";
import { LIMITS } from "@dgb-shield/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Dqsn, LiveNetwork } from "../index.js";
import { guarded } from "./guarded.js";
import { createAnswers, type HttpErrorCode, HttpRefusal, statusOf } from "./http/answers.js";
import type { Action, Authorize, Grant, StreamPort } from "./http/ports.js";
import { readBody } from "./http/read-body.js";
import { routeSchemas } from "./http/schemas.js";
import { takeSignals } from "./http/take-signals.js";

export { HTTP_ERROR_CODES, type HttpErrorCode } from "./http/answers.js";
export type { Action, Attempt, Authorize, Grant, StreamPort } from "./http/ports.js";
export type { SignalResult, SignalsAnswer } from "./http/take-signals.js";

/** Options of `dqsnRoutes`. */
export type DqsnRoutesOptions = Readonly<{
  dqsn: Pick<Dqsn, "evaluateText" | "configFingerprint">;
  network: Pick<LiveNetwork, "ingest" | "view">;
  /**
   * Decides who may do what, before a body is read. There is no default: who wants an open endpoint
   * has to write that down. DQSN cannot tell a liar from a reporter; this port can.
   */
  authorize: Authorize;
  /** Serves `GET /network/stream`, for instance a stream of `./sse`. */
  stream?: StreamPort;
  /** Milliseconds since 1970-01-01T00:00:00Z; the system's clock by default. */
  clock?: () => number;
  /** Milliseconds that a request's body may take to arrive (10,000). */
  bodyTimeoutMs?: number;
}>;

declare module "fastify" {
  interface FastifyRequest {
    /** What `authorize` granted to this request. */
    dqsnGrant: Grant | null;
  }
}

/**
 * The plugin: `POST /evaluate`, `POST /signals`, `GET /network` and, with a stream,
 * `GET /network/stream`. Whatever is refused is answered with an ERROR response of the contract and a
 * fitting status; an unforeseen failure with 500 and `DQSN_ERROR_INTERNAL`, without its cause.
 *
 * @example
 * await app.register(dqsnRoutes, { prefix: "/dqsn", dqsn, network, authorize });
 */
export async function dqsnRoutes(app: FastifyInstance, options: DqsnRoutesOptions): Promise<void> {
  const { dqsn, network, authorize, clock = Date.now, bodyTimeoutMs = 10_000 } = options;
  if (typeof authorize !== "function") {
    throw new TypeError("dqsnRoutes needs authorize: say who may evaluate, report and look");
  }
  const answers = createAnswers(dqsn);

  app.decorateRequest("dqsnGrant", null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    (request: FastifyRequest, payload: IncomingMessage) =>
      readBody(payload, {
        declaredBytes: request.headers["content-length"],
        maxBytes: LIMITS.max_payload_bytes,
        timeoutMs: bodyTimeoutMs,
      }),
  );
  // The schemas describe; the strict parser and the core check.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));

  const refuse = (reply: FastifyReply, code: HttpErrorCode): FastifyReply => {
    if (code === "DQSN_ERROR_PAYLOAD_TOO_LARGE" || code === "DQSN_ERROR_BODY_TIMEOUT") {
      void reply.header("connection", "close");
    }
    if (code === "DQSN_ERROR_UNAUTHENTICATED") void reply.header("www-authenticate", "Bearer");
    return reply.code(statusOf(code)).send(answers.refusal(code));
  };
  app.setErrorHandler((error, _, reply) => refuse(reply, answers.codeOf(error)));
  app.setNotFoundHandler((_, reply) => refuse(reply, "DQSN_ERROR_NOT_FOUND"));
  app.addHook("onRequest", async (_, reply) => {
    void reply.header("cache-control", "no-store");
  });

  const permit = (action: Action) => async (request: FastifyRequest) => {
    // [401] nobody has said that this caller may
    const { headers, ip, method, url } = request;
    const grant = await authorize({ action, headers, ip, method, url });
    if (grant === undefined) throw new HttpRefusal("DQSN_ERROR_UNAUTHENTICATED");
    request.dqsnGrant = grant;

    // [415] a packed body could be any size
    const encoding = headers["content-encoding"];
    if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
      throw new HttpRefusal("DQSN_ERROR_CONTENT_ENCODING");
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
        nowMs: guarded(clock) ?? NaN,
        grant: request.dqsnGrant,
      });
      if ("refused" in taken) return refuse(reply, taken.refused);
      return reply.code(taken.status).send(taken.answer);
    },
  );

  app.get("/network", { schema: routeSchemas.network, onRequest: permit("view") }, (_, reply) => {
    const view = guarded(() => network.view(clock()));
    // [503] without a time nobody can say how old the picture is
    return view === undefined ? refuse(reply, "DQSN_ERROR_CLOCK_INVALID") : reply.send(view);
  });

  const { stream } = options;
  if (stream !== undefined) {
    app.get("/network/stream", { onRequest: permit("view") }, (request, reply) => {
      reply.hijack();
      stream.handle(request.raw, reply.raw);
    });
  }

  refuseOtherMethods(app, refuse, stream !== undefined);
  await Promise.resolve();
}

function refuseOtherMethods(
  app: FastifyInstance,
  refuse: (reply: FastifyReply, code: HttpErrorCode) => FastifyReply,
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
      // Refused before anything of a body is looked at.
      onRequest: (_, reply) => {
        void refuse(reply.header("allow", methods.join(", ")), "DQSN_ERROR_METHOD_NOT_ALLOWED");
      },
      handler: () => undefined,
    });
  }
}

const EMPTY = new Uint8Array();

/** A request without a body has none to read; it is refused as an empty text. */
const bytesOf = (body: unknown): Uint8Array => (body instanceof Uint8Array ? body : EMPTY);
