/** The OpenAPI 3.1 document, made from the routes' schemas. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
} from "fastify-type-provider-zod";
import type { z } from "zod";
import { ACCESS, type RouteId } from "./access.js";
import { DOCS_POLICY } from "./headers.js";
import { PROBLEMS, type ProblemCode } from "./problems.js";
import type { Route } from "./route.js";
import { problemSchema } from "./schemas/problem.js";

/** Version of the API; its paths begin with its first number. */
const API_VERSION = "1.0.0";

const DESCRIPTION =
  "Decides whether payments of a UTXO chain may leave. Whatever is not an answer of 200 that permits it permits nothing. Errors are RFC 9457 problems with a stable code.";

const TAGS = [
  ["service", "status, records, events"],
  ["payments", "evaluate, approve, claim, sign, broadcast, commit or release"],
  ["destinations", "addresses of accounts and wallets"],
  ["evidence", "what nodes and network show"],
  ["wallets", "limits and their use"],
  ["freezes", "what is held, and why"],
  ["incidents", "what went wrong, and its release"],
  ["governance", "what loosens is proposed, approved by others, and carried out once"],
  ["health", "probes and metrics"],
] as const;

/** What JSON Schema cannot say, or clients' generators cannot read. */
const JSON_CONFIG = {
  override: ({
    zodSchema,
    jsonSchema,
  }: {
    zodSchema: z.core.$ZodTypes;
    jsonSchema: Record<string, unknown>;
  }) => {
    const { pattern } = jsonSchema;
    // Classes of Unicode characters are read by few generators; the text of the field says the same.
    if (typeof pattern === "string" && pattern.includes("\\p{")) {
      delete jsonSchema["pattern"];
      Object.assign(jsonSchema, { minLength: 1, maxLength: 128 });
    }
    if (zodSchema._zod.def.type === "custom" && jsonSchema["type"] === undefined) {
      jsonSchema["type"] = "object";
    }
  },
} as const;

/** Adds the document, and the page that shows it at `/docs`, to a server, before its routes. */
export async function addDocumentation(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "DigiByte Quantum Shield",
        version: API_VERSION,
        description: DESCRIPTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      tags: TAGS.map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer", description: "a key of `shield keys`" },
        },
      },
    },
    transform: createJsonSchemaTransform({ skipList: [], zodToJsonConfig: JSON_CONFIG }),
    transformObject: (document) =>
      withoutUnused(createJsonSchemaTransformObject({ zodToJsonConfig: JSON_CONFIG })(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: DOCS_POLICY,
    theme: { title: "DigiByte Quantum Shield: HTTP API" },
    uiConfig: { validatorUrl: null, tryItOutEnabled: false, persistAuthorization: false },
  });
}

/** Removes components that nothing refers to: of those that are only sent, the form that is received, and the reverse. */
function withoutUnused<D extends object>(document: D): D {
  const all = (document as { components?: { schemas?: Record<string, unknown> } }).components
    ?.schemas;
  if (all === undefined) return document;
  const { components: own, ...rest } = document as D & { components: { schemas: object } };
  const used = new Set(referencesIn(rest));
  for (const name of used) for (const next of referencesIn(all[name])) used.add(next);
  const schemas = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => used.has(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { ...rest, components: { ...own, schemas } } as unknown as D;
}

const referencesIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name = ""]) => name,
  );

/** Problems of every route with a key. */
const COMMON: readonly ProblemCode[] = [
  "unauthenticated",
  "keys_unavailable",
  "role_not_allowed",
  "host_not_allowed",
  "origin_not_allowed",
  "rate_limited",
  "internal_error",
];
const OF_BODY: readonly ProblemCode[] = [
  "malformed_json",
  "incomplete_body",
  "body_too_large",
  "media_type",
];

/** Every problem that a route can answer with. */
function problemsOf({
  id,
  schemas,
  problems,
}: Pick<Route, "id" | "schemas" | "problems">): ProblemCode[] {
  const { roles, binding } = ACCESS[id];
  const takesAny = Object.keys(schemas).length > 0;
  return [
    ...new Set<ProblemCode>([
      ...(takesAny ? (["malformed_request", "unknown_field"] as const) : []),
      ...(schemas.body === undefined ? [] : OF_BODY),
      ...(roles === "public"
        ? (["host_not_allowed", "origin_not_allowed", "internal_error"] as const)
        : COMMON),
      ...(binding === "site" ? (["wallet_not_allowed"] as const) : []),
      ...problems,
    ]),
  ].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
}

/** What a route's operation is called by clients that are generated: `putPayment`, `claimPayment`. */
const operationId = (id: RouteId): string => {
  const [method = "", path = ""] = id.split(" ");
  const words = path
    .replace(/^\/v1/, "")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => (part === "{id}" ? "by_id" : part.replace(/\W/g, "_")));
  return [method.toLowerCase(), ...words].join("_");
};

/** The part of a route that the document is made from. */
export function documented(
  route: Pick<Route, "id" | "tag" | "summary" | "description" | "schemas" | "problems">,
  answers: Readonly<Record<number, object>>,
) {
  const { params, query, body } = route.schemas;
  const { roles } = ACCESS[route.id];
  const codes = problemsOf(route);
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  const problems = statuses.map((status) => [
    status,
    {
      description: codes.filter((code) => PROBLEMS[code].status === status).join(", "),
      content: { "application/problem+json": { schema: problemSchema } },
    },
  ]);
  return {
    operationId: operationId(route.id),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body, consumes: ["application/json"] }),
    security: roles === "public" ? [] : [{ key: [] }],
    "x-roles": roles === "public" ? [] : roles,
    response: { ...answers, ...(Object.fromEntries(problems) as object) },
  };
}
