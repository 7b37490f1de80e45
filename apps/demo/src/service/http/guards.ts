/** What a request passes before anything of its body is read: names, key, rate, role (design, section 8). */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiKey, Keyring } from "../keys/key.js";
import { ACCESS, type RouteId } from "./access.js";
import { requireReadable } from "./body.js";
import {
  crossOriginHeaders,
  PREFLIGHT_HEADERS,
  SECURITY_HEADERS,
  STRICT_TRANSPORT,
} from "./headers.js";
import { checkNames, type Names } from "./hosts.js";
import { HttpProblem } from "./problems.js";
import type { RequestFacts } from "./request-log.js";
import { continueTrace, traceparentOf } from "./trace.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The key that was presented, where it counts. */
    apiKey: ApiKey | undefined;
    facts: RequestFacts;
  }
  interface FastifyContextConfig {
    /** The route in the table of access; absent on pages of the documentation. */
    routeId?: RouteId;
  }
}

/** Requests in a minute. */
export type Rates = Readonly<{ per_key_per_minute: number; per_address_per_minute: number }>;

/** What the guards need. */
export type GuardParts = Readonly<{
  keyring: Pick<Keyring, "authenticate" | "problem">;
  names: Names;
  rates: Rates;
  /** Whether answers reach callers over TLS. */
  isSecure: boolean;
  clock: () => number;
  monotonic: () => number;
}>;

const MINUTE_MS = 60_000;
/** Keys, and addresses, of which requests are counted at once. */
const MAX_COUNTED = 10_000;

/** Adds the guards to a server, before its routes. */
export async function addGuards(app: FastifyInstance, parts: GuardParts): Promise<void> {
  await app.register(rateLimit, { global: false, cache: MAX_COUNTED });
  app.decorateRequest("apiKey", undefined);
  app.decorateRequest("facts", null as unknown as RequestFacts);
  const limit = createLimits(app, parts.rates);

  app.addHook("onRequest", async (request, reply) => {
    begin(request, reply, parts);
    const origin = checkNames(request.headers, parts.names);
    if (origin !== undefined) {
      void reply.headers(crossOriginHeaders(origin));
      if (isPreflight(request)) return reply.code(204).headers(PREFLIGHT_HEADERS).send();
    }
    request.apiKey = parts.keyring.authenticate(bearerOf(request), parts.clock());
    await limit(request, reply);
    // [404] before anything of a body is read
    if (request.is404) throw new HttpProblem("not_found");
    return undefined;
  });

  app.addHook("preParsing", (request, _reply, payload, done) => {
    const refusal = refusalOf(() => {
      authorize(request, parts.keyring);
      requireReadable(request);
    });
    done(refusal, payload);
  });
}

/** What a check throws; null where it passes. */
function refusalOf(check: () => void): HttpProblem | null {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof HttpProblem ? error : new HttpProblem("internal_error");
  }
}

function begin(request: FastifyRequest, reply: FastifyReply, parts: GuardParts): void {
  const trace = continueTrace(request.headers["traceparent"]);
  request.facts = { started: parts.monotonic(), trace };
  void reply.headers({
    ...SECURITY_HEADERS,
    "x-request-id": request.id,
    traceparent: traceparentOf(trace),
    ...(parts.isSecure ? { "strict-transport-security": STRICT_TRANSPORT } : {}),
  });
}

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === "OPTIONS" && headers["access-control-request-method"] !== undefined;

/** The token of a request; "" where there is none. */
export function bearerOf({ headers }: Pick<FastifyRequest, "headers">): string {
  const [, token = ""] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(headers.authorization ?? "") ?? [];
  return token;
}

/** Counts each key by itself, and callers without one by their address: neither can use up another's share. */
function createLimits(app: FastifyInstance, rates: Rates) {
  const limited = (max: number, keyGenerator: (request: FastifyRequest) => string) =>
    app.rateLimit({
      max,
      timeWindow: MINUTE_MS,
      keyGenerator,
      errorResponseBuilder: (_, { ttl }) => new HttpProblem("rate_limited", { retryAfterMs: ttl }),
    });
  const ofKey = limited(rates.per_key_per_minute, ({ apiKey }) => apiKey?.id ?? "");
  const ofAddress = limited(rates.per_address_per_minute, ({ ip }) => ip);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    // Probes of the host must not fail because others send too much.
    const { routeId } = request.routeOptions.config;
    if (routeId === "GET /livez" || routeId === "GET /readyz") return;
    const handler = request.apiKey === undefined ? ofAddress : ofKey;
    await handler.call(app, request, reply);
  };
}

/**
 * Checks that a key may call the route.
 *
 * @throws HttpProblem `keys_unavailable`, `unauthenticated`, `role_not_allowed`, `wallet_not_allowed`
 */
function authorize({ routeOptions, apiKey }: FastifyRequest, keyring: GuardParts["keyring"]): void {
  const { routeId } = routeOptions.config;
  if (routeId === undefined) return;
  const { roles, binding } = ACCESS[routeId];
  if (roles === "public") return;
  // [503] no key counts: which ones were revoked is not known
  if (apiKey === undefined && keyring.problem() !== null) throw new HttpProblem("keys_unavailable");
  // [401] no key, or one that does not count
  if (apiKey === undefined) throw new HttpProblem("unauthenticated");
  // [403] the key has another role
  if (!roles.includes(apiKey.role)) throw new HttpProblem("role_not_allowed");
  // [403] the key is of some wallets, and the route of the whole site
  if (binding === "site" && apiKey.wallets !== null) throw new HttpProblem("wallet_not_allowed");
}
