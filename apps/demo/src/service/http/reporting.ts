/** Reports each request once: a line of the log, and its metrics. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpMetrics } from "./metrics.js";
import { type HttpLog, logRequest } from "./request-log.js";

/** What reports go to. */
export type Reporting = Readonly<{ log: HttpLog; metrics: HttpMetrics; monotonic: () => number }>;

/** Adds the reports to a server, before its guards. */
export function reportRequests(app: FastifyInstance, reporting: Reporting): void {
  app.addHook("onRequest", (request, reply, done) => {
    // The end of the connection counts too: a caller that has left is a request like any other.
    reply.raw.once("close", () => report(request, reply, reporting));
    done();
  });
}

function report(
  request: FastifyRequest,
  { raw }: FastifyReply,
  { log, metrics, monotonic }: Reporting,
): void {
  const { started, trace, code } = request.facts;
  const route = request.routeOptions.config.routeId ?? "other";
  const ms = Math.max(0, monotonic() - started);
  metrics.onAnswer(route, raw.statusCode, ms / 1_000);
  metrics.onBody(bytesOf(request));
  logRequest(log, {
    route,
    status: raw.statusCode,
    ms: Math.round(ms * 10) / 10,
    key_id: request.apiKey?.id ?? null,
    request_id: request.id,
    trace_id: trace.trace_id,
    ...(code === undefined ? {} : { code }),
    ...(raw.writableFinished ? {} : { aborted: true as const }),
  });
}

/** Bytes of a body that was read whole: what is declared, and parsed. */
function bytesOf({ body, headers }: FastifyRequest): number {
  const declared = Number(headers["content-length"] ?? 0);
  return body === undefined || !Number.isSafeInteger(declared) ? 0 : declared;
}
