/** The HTTP server over a service (design, section 8). */
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { HTTP_SERVER_OPTIONS } from "@dgb-shield/dqsn/http";
import Fastify, { type FastifyHttpOptions, type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Keyring } from "../keys/key.js";
import type { Service } from "../service.js";
import { readStrictJson } from "./body.js";
import { addDashboard } from "./dashboard.js";
import { addDocumentation } from "./documentation.js";
import { createEventStream, STREAM_BOUNDS, type StreamBounds } from "./events/event-stream.js";
import { answerClientError, createFailureHandler, refuseOtherMethods } from "./failures.js";
import { addGuards, type Rates } from "./guards.js";
import { isLoopback } from "./hosts.js";
import { addJsonRoute, methodsByUrl } from "./json-routes.js";
import { createHttpMetrics } from "./metrics.js";
import { HttpProblem } from "./problems.js";
import { reportRequests } from "./reporting.js";
import type { HttpLog } from "./request-log.js";
import { jsonRoutes } from "./routes/index.js";
import { addSpecialRoutes } from "./special-routes.js";

/** What the server is made of. */
export type HttpServerParts = Readonly<{
  service: Service;
  keyring: Pick<Keyring, "authenticate" | "problem">;
  settings: HttpSettings;
  log: HttpLog;
  registry: Registry;
  /** Wall clock: milliseconds since 1970-01-01T00:00:00Z. */
  clock: () => number;
  /** Monotonic clock, milliseconds. */
  monotonic: () => number;
  /** Folder of the dashboard's files; without it there is no page. */
  dashboard?: string | null;
  /** Adds further routes, which have no part in the document. */
  extend?: (app: FastifyInstance) => void;
  /** Bounds of the event stream. */
  stream?: Partial<StreamBounds>;
}>;

/** Settings of the server: those of the configuration, with TLS files read. */
export type HttpSettings = Readonly<{
  /** Where it will listen: by it, loopback names are allowed. */
  host: string;
  tls: Readonly<{ cert: string | Buffer; key: string | Buffer }> | null;
  behind_proxy: boolean;
  /** Addresses and networks whose X-Forwarded-For is trusted. */
  trusted_proxies: readonly string[];
  allowed_hosts: readonly string[];
  allowed_origins: readonly string[];
  rate_limit: Rates;
}>;

/** Bytes of a body where a route names no other bound. */
const BODY_LIMIT = 16_384;
/** Bytes of all headers of a request. */
const MAX_HEADER_BYTES = 16_384;
/** Milliseconds that a connection without a request stays open. */
const KEEP_ALIVE_MS = 60_000;
/** Connections at once. */
const MAX_CONNECTIONS = 2_048;
/** Characters of an id in a path, %-escapes included: 128 characters of 4 bytes each. */
const MAX_PARAM_LENGTH = 1_536;
/** Milliseconds that answers under way have when the server ends. */
const CLOSE_MS = 500;

/**
 * Creates the server; it does not listen yet.
 *
 * @returns ready to `listen`, or to take requests by `inject`
 */
export async function createHttpServer(parts: HttpServerParts): Promise<FastifyInstance> {
  const { service, settings, log, registry, clock, monotonic } = parts;
  const stream = createEventStream(service, { ...STREAM_BOUNDS, ...parts.stream });
  const metrics = createHttpMetrics(registry, service, () => stream.stats());
  const failed = createFailureHandler(log, metrics);
  const app = Fastify({
    ...serverOptions(settings),
    frameworkErrors: (...failure) => void failed(...failure),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setErrorHandler(failed);
  app.setNotFoundHandler(() => {
    throw new HttpProblem("not_found");
  });
  // Schemas are checked by the routes, so that every offending field is named; they make the document here.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  readStrictJson(app);
  reportRequests(app, { log, metrics, monotonic });
  await addGuards(app, {
    keyring: parts.keyring,
    names: {
      allowed_hosts: settings.allowed_hosts,
      allowed_origins: settings.allowed_origins,
      is_loopback: isLoopback(settings.host),
      schemes:
        settings.tls !== null ? ["https"] : settings.behind_proxy ? ["http", "https"] : ["http"],
    },
    rates: settings.rate_limit,
    isSecure: settings.tls !== null || settings.behind_proxy,
    clock,
    monotonic,
  });
  await addDocumentation(app);
  await addDashboard(app, parts.dashboard ?? null);
  for (const route of jsonRoutes(service)) addJsonRoute(app, route, metrics);
  addSpecialRoutes(app, { ...parts, stream });
  parts.extend?.(app);
  refuseOtherMethods(app, methodsByUrl());
  endInTime(app, () => stream.close());
  await app.ready();
  return app;
}

function serverOptions({
  tls,
  behind_proxy,
  trusted_proxies,
}: HttpSettings): FastifyHttpOptions<Server> {
  const limits = { ...HTTP_SERVER_OPTIONS.http, maxHeaderSize: MAX_HEADER_BYTES };
  const shared: FastifyHttpOptions<Server> = {
    requestTimeout: HTTP_SERVER_OPTIONS.requestTimeout,
    maxRequestsPerSocket: HTTP_SERVER_OPTIONS.maxRequestsPerSocket,
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: behind_proxy ? [...trusted_proxies] : false,
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    forceCloseConnections: "idle",
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  };
  if (tls === null) return { ...shared, http: limits };
  const https = { ...limits, ...tls, minVersion: "TLSv1.2" };
  // A server over TLS is used as any other.
  return { ...shared, https } as FastifyHttpOptions<Server>;
}

/** Ends streams at once, and what is under way after a short time. */
function endInTime(app: FastifyInstance, endStreams: () => void): void {
  app.addHook("preClose", (done) => {
    endStreams();
    const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
    app.server.once("close", () => clearTimeout(timer));
    done();
  });
}
