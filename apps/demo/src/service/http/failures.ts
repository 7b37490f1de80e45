/** Answers requests that fail: every one with a problem, none with anything of the failure itself. */
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { LedgerError } from "@dgb-shield/wallet-guardian";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApprovalError } from "../runtime/approvals/store.js";
import type { HttpMetrics } from "./metrics.js";
import { HttpProblem, type ProblemCode, problemOf, PROBLEMS } from "./problems.js";
import { type HttpLog, logCause, logFailure } from "./request-log.js";

const PROBLEM_OF_ERROR: ReadonlyMap<unknown, ProblemCode> = new Map([
  ["FST_ERR_CTP_BODY_TOO_LARGE", "body_too_large"],
  ["FST_ERR_CTP_INVALID_MEDIA_TYPE", "media_type"],
  ["FST_ERR_CTP_INVALID_CONTENT_LENGTH", "incomplete_body"],
  ["FST_ERR_CTP_EMPTY_JSON_BODY", "malformed_json"],
  ["FST_ERR_BAD_URL", "malformed_url"],
  ["FST_ERR_MAX_PARAM_LENGTH", "malformed_url"],
  ["FST_ERR_NOT_FOUND", "not_found"],
]);

/** Finds the problem that a failure stands for; undefined for one that nothing foresaw. */
function problemFor(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof LedgerError) {
    return new HttpProblem(error.code === "ledger_busy" ? "ledger_busy" : "ledger_unavailable");
  }
  if (error instanceof ApprovalError) return new HttpProblem(error.code);
  if (!(error instanceof Error)) return undefined;
  const code = PROBLEM_OF_ERROR.get(Object.getOwnPropertyDescriptor(error, "code")?.value);
  return code === undefined ? undefined : new HttpProblem(code);
}

/** Makes the answer to a failed request. */
export const createFailureHandler =
  (log: HttpLog, metrics: Pick<HttpMetrics, "onProblem">) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemFor(error) ?? new HttpProblem("internal_error");
    if (problem.code === "internal_error") logFailure(log, request, error);
    if (error instanceof LedgerError || error instanceof ApprovalError)
      logCause(log, request, error);
    metrics.onProblem(problem.code);
    const { status, headers, body } = problemOf(problem, request.id);
    // A request that no hook has seen has no facts.
    if (Object.hasOwn(request, "facts")) request.facts.code = problem.code;
    return reply
      .code(status)
      .headers(headers)
      .type("application/problem+json")
      .send(JSON.stringify(body));
  };

/** Answers methods that a path does not have, before anything of a body is read. */
export function refuseOtherMethods(
  app: FastifyInstance,
  methodsOf: ReadonlyMap<string, readonly string[]>,
): void {
  for (const [url, methods] of methodsOf) {
    app.route({
      method: app.supportedMethods.filter((method) => !methods.includes(method)),
      url,
      schema: { hide: true },
      // [405] the path has other methods
      onRequest: () => {
        throw new HttpProblem("method_not_allowed", { headers: { allow: methods.join(", ") } });
      },
      handler: () => undefined,
    });
  }
}

/** Answers what is no HTTP request, or came too slowly, and ends the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed || !socket.writable || error.code === "ECONNRESET")
    return void socket.destroy();
  const code = CODE_OF_CLIENT_ERROR.get(error.code ?? "") ?? "malformed_url";
  const { status, body } = problemOf(new HttpProblem(code), randomUUID());
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${PROBLEMS[code].title}\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

const CODE_OF_CLIENT_ERROR: ReadonlyMap<string, ProblemCode> = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", "request_timeout"],
  ["HPE_HEADER_OVERFLOW", "headers_too_large"],
]);
