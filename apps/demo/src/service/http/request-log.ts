/** The log: one line a request, and never a body, an amount, an address, an id of an account, or a token. */
import type { FastifyRequest } from "fastify";
import { type DestinationStream, type Logger, pino } from "pino";
import { build as prettyStream } from "pino-pretty";
import type { ServiceConfig } from "../config/service-config.js";
import type { RouteId } from "./access.js";
import { createLogSink } from "./log-sink.js";
import type { ProblemCode } from "./problems.js";
import type { Trace } from "./trace.js";

/** Where the HTTP server writes what it has to report. */
export type HttpLog = Pick<Logger, "info" | "warn" | "error">;

/** Fields that no line of the log shows. */
const SECRET = [
  "authorization",
  "headers",
  "body",
  "token",
  "password",
  "address",
  "account_id",
  "user_id",
  "device_id",
  "amount",
];

/** Settings of the log. */
export type LogSettings = ServiceConfig["log"];

/** Standard error: one JSON object a line, or text for a person; each line is written before the call returns. */
const standardError = (format: LogSettings["format"]): DestinationStream =>
  format === "json"
    ? createLogSink(process.stderr, 2)
    : prettyStream({
        destination: 2,
        sync: true,
        colorize: process.stderr.isTTY,
        singleLine: true,
        ignore: "pid,hostname,service",
        translateTime: "SYS:standard",
      });

/**
 * Creates the service's log.
 *
 * @param settings least severe entry that is written, and its form
 * @param stream where to; standard error by default
 */
export const createLog = (
  { level, format }: LogSettings,
  stream: DestinationStream = standardError(format),
): Logger =>
  pino(
    {
      level,
      base: { service: "shield" },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: [...SECRET, ...SECRET.map((name) => `*.${name}`)], censor: "[left out]" },
      serializers: { err: failureOf, error: failureOf },
    },
    stream,
  );

/** What a request's line shows. */
export type RequestEntry = Readonly<{
  route: RouteId | "other";
  status: number;
  ms: number;
  key_id: string | null;
  request_id: string;
  trace_id: string;
  /** Of a request that was answered with a problem. */
  code?: ProblemCode;
  /** The caller has left before the answer was complete. */
  aborted?: true;
}>;

/** What is known of a request while it is answered. */
export type RequestFacts = {
  started: number;
  trace: Trace;
  code?: ProblemCode;
};

/** Writes a request's line. */
export function logRequest(log: HttpLog, entry: RequestEntry): void {
  if (entry.status >= 500) log.error(entry, "request");
  else log.info(entry, "request");
}

/** Writes why a request failed in a way that nothing foresaw. */
export const logFailure = (
  log: HttpLog,
  { id }: Pick<FastifyRequest, "id">,
  error: unknown,
): void => log.error({ request_id: id, failure: failureOf(error) }, "unexpected failure");

/** Writes why a ledger or approvals could not be used: their own words, a path, a code of the system; never a driver's text. */
export function logCause(
  log: HttpLog,
  { id }: Pick<FastifyRequest, "id">,
  { code, message, cause, facts }: StorageFailure,
): void {
  const own: unknown =
    cause instanceof Error ? Object.getOwnPropertyDescriptor(cause, "code")?.value : undefined;
  const errno = typeof own === "string" && /^[A-Z0-9_]{3,64}$/.test(own) ? { errno: own } : {};
  log.error(
    { request_id: id, facts: { code, detail: message, ...errno, ...facts } },
    "what the service keeps failed",
  );
}

type StorageFailure = Readonly<{
  code: string;
  message: string;
  cause?: unknown;
  facts?: Readonly<Record<string, unknown>>;
}>;

/** Lines of a stack that are shown. */
const MAX_FRAMES = 12;

/** A failure without its message, which may hold what a caller sent: its class, its code, and where it arose. */
function failureOf(error: unknown) {
  if (!(error instanceof Error)) return { name: typeof error };
  const code: unknown = Object.getOwnPropertyDescriptor(error, "code")?.value;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  return {
    name: error.constructor.name,
    ...(typeof code === "string" && /^\w{1,64}$/.test(code) ? { code } : {}),
    at: frames.slice(0, MAX_FRAMES).map((line) => line.trim().slice(0, 200)),
  };
}
