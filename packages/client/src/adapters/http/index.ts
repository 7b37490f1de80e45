/** A typed client of the service's HTTP interface and of its events, for browsers and Node. */
export type {
  AnswerOf,
  CallOptions,
  Method,
  PathOf,
  Problem,
  ProblemCode,
  Schemas,
} from "./api-types.js";
export { type Call, createClient, type ShieldClient } from "./client.js";
export { ClientError, type ClientErrorCode, type ClientErrorFacts } from "./client-error.js";
export type { EventsOptions, ServiceEvent, StreamReset, StreamState } from "./events/types.js";
export type { Platform } from "./platform.js";
export type { ClientOptions } from "./settings.js";
