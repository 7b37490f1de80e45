/** Serves routes of JSON: checks what comes in, calls the handler, sends what it gives. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiKey } from "../keys/key.js";
import { addressOf, ROUTE_IDS } from "./access.js";
import { documented } from "./documentation.js";
import type { HttpMetrics } from "./metrics.js";
import { HttpProblem } from "./problems.js";
import type { Call, Route } from "./route.js";
import { parsed } from "./validate.js";

/** Adds a route to a server. */
export function addJsonRoute(app: FastifyInstance, route: Route, metrics: HttpMetrics): void {
  app.route({
    ...addressOf(route.id),
    config: { routeId: route.id },
    schema: documented(route, { 200: route.answer }),
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
    handler: async (request, reply) => {
      const answer = await route.handle(callOf(route, request));
      if (isDecision(route, answer)) metrics.onDecision(answer);
      return reply.send(answer);
    },
  });
}

/** @throws HttpProblem for what is malformed, and without a key: the guards have seen one */
function callOf({ schemas }: Route, request: FastifyRequest): Call<unknown, unknown, unknown> {
  const { apiKey: key, params, query, body } = request;
  if (key === undefined) throw new HttpProblem("unauthenticated");
  return {
    params: schemas.params && parsed(schemas.params, params, "path"),
    query: schemas.query && parsed(schemas.query, query, "query"),
    body: schemas.body && parsed(schemas.body, body, "body"),
    key,
    by: actorOf(key),
  };
}

/** Orders are given in the name of the key. */
const actorOf = ({ id, name }: ApiKey) => ({ operator: name, key_id: id });

type Decision = Parameters<HttpMetrics["onDecision"]>[0];

const isDecision = ({ id }: Route, answer: object): answer is Decision & object =>
  id === "PUT /v1/payments/{id}" && Object.hasOwn(answer, "final");

/** Methods of each path, as Fastify writes it. */
export function methodsByUrl(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const id of ROUTE_IDS) {
    const { method, url } = addressOf(id);
    found.set(url, [...(found.get(url) ?? []), method]);
  }
  return found;
}
