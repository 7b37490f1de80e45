/** JSON Schemas of the routes, for generators of OpenAPI; they describe, and check nothing (design section 4.2). */
import { type JsonObject, LIMITS, toJsonSchema } from "@dgb-shield/contract";

const response = toJsonSchema("DqsnResponse");
const signal = toJsonSchema("SignalV2");
const view = toJsonSchema("NetworkView");

const errors = (...statuses: number[]): JsonObject =>
  Object.fromEntries(statuses.map((status) => [status, response]));

const results: JsonObject = {
  type: "object",
  required: ["now_ms", "results"],
  additionalProperties: false,
  properties: {
    now_ms: { type: "integer", minimum: 0 },
    results: {
      type: "array",
      minItems: 1,
      maxItems: LIMITS.max_signals,
      items: {
        type: "object",
        required: ["accepted"],
        additionalProperties: false,
        properties: {
          accepted: { type: "boolean" },
          code: { type: "string" },
          path: { type: "string" },
        },
      },
    },
  },
};

/** What Fastify, and a generator of OpenAPI, reads of a route. */
type RouteSchema = Readonly<{
  summary: string;
  consumes?: string[];
  body?: JsonObject;
  response: JsonObject;
}>;

/** Schemas by route. */
export const routeSchemas: Readonly<Record<"evaluate" | "signals" | "network", RouteSchema>> =
  Object.freeze({
    evaluate: {
      summary: "Evaluates a Shield Contract v3 request",
      consumes: ["application/json"],
      body: toJsonSchema("DqsnRequest"),
      response: { 200: response, ...errors(400, 401, 408, 413, 415, 422, 500) },
    },
    signals: {
      summary: "Takes one v2 signal or a batch of them into the network picture",
      consumes: ["application/json"],
      body: {
        oneOf: [
          signal,
          { type: "array", minItems: 1, maxItems: LIMITS.max_signals, items: signal },
        ],
      },
      response: {
        200: results,
        207: results,
        422: results,
        ...errors(400, 401, 408, 413, 415, 500, 503),
      },
    },
    network: {
      summary: "The network picture now",
      response: { 200: view, ...errors(401, 500, 503) },
    },
  });
