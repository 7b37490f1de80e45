/** Routes that are not JSON with a key: probes, metrics, the document, the event stream. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import { z } from "zod";
import type { ApiKey, Keyring } from "../keys/key.js";
import type { Readiness, Service } from "../service.js";
import { addressOf, type RouteId } from "./access.js";
import { documented } from "./documentation.js";
import type { EventStream } from "./events/event-stream.js";
import { bearerOf } from "./guards.js";
import { HttpProblem, type ProblemCode } from "./problems.js";
import { tipKeyAnswer } from "./schemas/evidence.js";
import { jwksAnswer, liveAnswer, readinessAnswer } from "./schemas/status.js";

/** What these routes need. */
export type SpecialParts = Readonly<{
  service: Service;
  stream: EventStream;
  registry: Registry;
  keyring: Pick<Keyring, "authenticate" | "problem">;
  clock: () => number;
}>;

type Described = Readonly<{
  id: RouteId;
  tag: string;
  summary: string;
  description?: string;
  problems?: readonly ProblemCode[];
  answers: Readonly<Record<number, object>>;
}>;

/** Options of a route as Fastify takes them. */
function optionsOf({ answers, problems = [], ...rest }: Described) {
  return {
    ...addressOf(rest.id),
    config: { routeId: rest.id },
    schema: documented({ ...rest, problems, schemas: {} }, answers),
  };
}

const text = (type: string, description: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
});

/** Adds the routes. */
export function addSpecialRoutes(app: FastifyInstance, parts: SpecialParts): void {
  addProbes(app, parts);
  app.route({
    ...optionsOf({
      id: "GET /metrics",
      tag: "health",
      summary: "Metrics of the service, for Prometheus",
      answers: { 200: text("text/plain", "Prometheus text format") },
    }),
    handler: async (_, reply) =>
      reply.type(parts.registry.contentType).send(await parts.registry.metrics()),
  });
  app.route({
    ...optionsOf({
      id: "GET /v1/openapi.json",
      tag: "service",
      summary: "This document",
      answers: { 200: z.looseObject({}) },
    }),
    handler: () => app.swagger(),
  });
  app.route({
    ...optionsOf({
      id: "GET /v1/jwks",
      tag: "service",
      summary: "The keys that verify tokens (RFC 7517)",
      description: "A signer pins its keys; this is for comparing them, not for trusting them.",
      answers: { 200: jwksAnswer },
    }),
    handler: () => ({ keys: parts.service.jwks() }),
  });
  app.route({
    ...optionsOf({
      id: "GET /v1/chain/statement/key",
      tag: "evidence",
      summary: "The key that signs statements of the tip",
      description:
        "A verifier pins the keyring of its operator; this is for comparing keys, not for trusting them.",
      problems: ["no_tip_key"],
      answers: { 200: tipKeyAnswer },
    }),
    handler: () => {
      const key = parts.service.tipKey();
      if (key === null) throw new HttpProblem("no_tip_key");
      return key;
    },
  });
  addEvents(app, parts);
}

function addProbes(app: FastifyInstance, { service, keyring }: SpecialParts): void {
  app.route({
    ...optionsOf({
      id: "GET /livez",
      tag: "health",
      summary: "Whether the process answers",
      answers: { 200: liveAnswer },
    }),
    handler: () => ({ live: true }),
  });
  // Probes come without a key: one check at a time answers all of them.
  let running: Promise<Readiness> | undefined;
  const readiness = (): Promise<Readiness> => {
    running ??= service.readiness().finally(() => (running = undefined));
    return running;
  };
  app.route({
    ...optionsOf({
      id: "GET /readyz",
      tag: "health",
      summary: "Whether requests can be served, and which check fails where they cannot",
      answers: { 200: readinessAnswer, 503: readinessAnswer },
    }),
    handler: async (request, reply) => {
      const { ready: isSound, checks } = await readiness();
      const problem = keyring.problem();
      const ready = isSound && problem === null;
      const keys = { name: "keys", ok: problem === null, detail: problem ?? "readable" };
      const shown = [...checks, keys].map(({ name, ok, detail }) => ({
        name,
        ok,
        ...(maySeeDetails(request.apiKey) ? { detail } : {}),
      }));
      return reply.code(ready ? 200 : 503).send({ ready, checks: shown });
    },
  });
}

const maySeeDetails = (key: ApiKey | undefined): boolean =>
  key !== undefined && key.wallets === null && ["operator", "reader"].includes(key.role);

function addEvents(app: FastifyInstance, { stream, keyring, clock }: SpecialParts): void {
  app.route({
    ...optionsOf({
      id: "GET /v1/events",
      tag: "service",
      summary: "Follow the service's events",
      description:
        "Server-Sent Events. Each record of the ledger is one event, whose `id` is its place there: `Last-Event-ID` resumes behind it, with any process and after any restart, for up to 100,000 records. `reset` says that it cannot, so that the state must be read anew. `payment` is a decision, `alert` what the Guardian found; the others have the kinds of records: `claim`, `commit`, `replace`, `release`, `freeze`, `unfreeze`, `destination`, `policy`, `import`, `clock_accepted`, `adopted`, `pruned`. Events without an id are of the moment, and do not come again: `status` (also at the begin of a stream), `layer`, and `heartbeat` every 15 seconds. A key that is bound to wallets sees events that name one of them. A reader that reads too slowly is cut off, and resumes.",
      problems: ["too_many_streams", "closing", "ledger_busy", "ledger_unavailable"],
      answers: { 200: text("text/event-stream", "events, each a JSON object") },
    }),
    async handler(request, reply) {
      const key = request.apiKey as ApiKey;
      const token = bearerOf(request);
      await stream.join({
        key,
        last_id: lastIdOf(request),
        response: reply.raw,
        headers: { ...(reply.getHeaders() as Record<string, string>), connection: "close" },
        isAllowed: () => isAsWide(keyring.authenticate(token, clock()), key),
      });
      reply.hijack();
    },
  });
}

/** Whether a key still counts, for the same wallets: one that was narrowed joins anew. */
const isAsWide = (now: ApiKey | null | undefined, key: ApiKey): boolean =>
  now?.id === key.id && JSON.stringify(now.wallets) === JSON.stringify(key.wallets);

function lastIdOf({ headers }: FastifyRequest): string | undefined {
  const id = headers["last-event-id"];
  return typeof id === "string" ? id : undefined;
}
