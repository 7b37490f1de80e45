/** JSON Schemas of the routes, for generators of OpenAPI; they describe, and check nothing (design section 4.2: exporters). */
import { type JsonObject, LIMITS, toJsonSchema } from "@dgb-shield/contract";

const response = (): JsonObject => toJsonSchema("DqsnResponse");

const errors = (...statuses: number[]): JsonObject =>
  Object.fromEntries(statuses.map((status) => [status, response()]));

const results = (): JsonObject => ({
  type: "object",
  required: ["now_ms", "results"],
  additionalProperties: false,
  properties: {
    now_ms: { type: "integer", minimum: 0 },
    results: {
      type: "array",
      minItems: 1,
      maxItems: LIMITS.maxSignals,
      items: {
        type: "object",
        required: ["accepted"],
        additionalProperties: false,
        properties: {
          accepted: { type: "boolean" },
          code: { type: "string" },
          path: { type: "string" },
          detail: { type: "string" },
          ahead_ms: { type: "integer", minimum: 1 },
        },
      },
    },
  },
});

/** The part of a route that Fastify and generators of OpenAPI read. */
type RouteSchema = Readonly<{
  summary: string;
  consumes?: string[];
  body?: JsonObject;
  response: JsonObject;
}>;

/** Makes the schemas by route, new objects each time: generators add to what they are given. */
export const createRouteSchemas = (): Readonly<
  Record<"evaluate" | "signals" | "network", RouteSchema>
> => ({
  evaluate: {
    summary: "Evaluates a Shield Contract v3 request",
    consumes: ["application/json"],
    body: toJsonSchema("DqsnRequest"),
    response: { 200: response(), ...errors(400, 401, 403, 408, 413, 415, 422, 500, 503) },
  },
  signals: {
    summary: "Takes one v2 signal or a batch of them into the network state",
    consumes: ["application/json"],
    body: {
      oneOf: [
        toJsonSchema("SignalV2"),
        {
          type: "array",
          minItems: 1,
          maxItems: LIMITS.maxSignals,
          items: toJsonSchema("SignalV2"),
        },
      ],
    },
    response: {
      200: results(),
      207: results(),
      422: results(),
      ...errors(400, 401, 403, 408, 413, 415, 500, 503),
    },
  },
  network: {
    summary: "The network view now",
    response: { 200: toJsonSchema("NetworkView"), ...errors(401, 403, 500, 503) },
  },
});
