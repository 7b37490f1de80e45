/** Makes requests by the OpenAPI document and against it: right ones, and every kind of wrong one. */
import type { Random } from "@dgb-shield/testkit/random";
import type { Document } from "./conforms.js";

/** A request, and the route of the document that it is made for. */
export type HostileRequest = Readonly<{
  route: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}>;

type Schema = Readonly<{
  $ref?: string;
  type?: string;
  anyOf?: readonly Schema[];
  enum?: readonly unknown[];
  const?: unknown;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  minimum?: number;
  pattern?: string;
}>;

const STRANGE: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.1,
    1e308,
    -0,
    2 ** 53,
    "",
    " ",
    "0",
    "-1",
    "1e3",
    "NaN",
    "1.123456789",
  ],
  ...[
    "x".repeat(200),
    "\u0000",
    "\u202e",
    "𝒳".repeat(128),
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>",
    "${7*7}",
  ],
  ...[
    [],
    {},
    [[]],
    { __proto__: null },
    { constructor: {} },
    { toString: 1 },
    "92233720368.54775808",
  ],
];
const IDS = [
  "h-1",
  "h-2",
  "h-3",
  "hot-1",
  "hot-2",
  "alice",
  "global",
  "%00",
  "%2e%2e",
  "a%2Fb",
  "%F0%9F%98%80",
  "x".repeat(129),
  "%zz",
  "%C3%28",
  "%20",
  "constructor",
  "__proto__",
];
const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "application/xml",
  "multipart/form-data; boundary=x",
  "",
];
const ORIGINS = ["null", "https://evil.example", "http://127.0.0.1:1", "file://"];
const TRACES = [
  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "00-0-0-0",
  "x".repeat(1_000),
];

/**
 * Makes one request.
 *
 * @param tokens bearer tokens, by role
 */
export function hostileRequest(
  random: Random,
  document: Document,
  tokens: Readonly<Record<string, string>>,
): HostileRequest {
  const path = random.pick(Object.keys(document.paths));
  const method = random.pick(Object.keys(document.paths[path]!));
  const operation = document.paths[path]![method]!;
  const isStream = path === "/v1/events";
  const token = isStream
    ? tokens["reporter"]
    : random.oneIn(12)
      ? undefined
      : random.pick(Object.values(tokens));
  const schema = operation.requestBody?.content["application/json"]?.schema as Schema | undefined;
  const body =
    schema === undefined ? (random.oneIn(20) ? "{}" : undefined) : bodyOf(random, document, schema);
  const query = (operation.parameters ?? []).filter(({ in: place }) => place === "query");
  const pairs = query
    .filter(() => random.oneIn(2))
    .map(({ name, schema: own }) => `${name}=${queryValue(random, own as Schema)}`);
  if (random.oneIn(15)) pairs.push(`${random.pick(["x", "limit", "__proto__", "after%00"])}=1`);
  return {
    route: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path:
      path.replace("{id}", () => random.pick(IDS)) +
      (pairs.length === 0 ? "" : `?${pairs.join("&")}`),
    headers: headersOf(random, token, body !== undefined),
    body: body === undefined ? undefined : mangled(random, body),
  };
}

function headersOf(
  random: Random,
  token: string | undefined,
  hasBody: boolean,
): Record<string, string> {
  return {
    ...(token === undefined
      ? {}
      : { authorization: random.oneIn(50) ? `Basic ${token}` : `Bearer ${token}` }),
    ...(hasBody
      ? { "content-type": random.oneIn(15) ? random.pick(TYPES) : "application/json" }
      : {}),
    ...(random.oneIn(30) ? { origin: random.pick(ORIGINS) } : {}),
    ...(random.oneIn(10) ? { traceparent: random.pick(TRACES) } : {}),
    ...(random.oneIn(60) ? { "content-encoding": random.pick(["gzip", "identity", "br"]) } : {}),
    ...(random.oneIn(30)
      ? { accept: "text/html", "x-forwarded-for": "1.2.3.4", "x-forwarded-host": "evil" }
      : {}),
  };
}

function queryValue(random: Random, schema: Schema): string {
  const usual = schema.minimum ?? random.pick(["h-1", "reserved"]);
  const value = random.oneIn(2) ? strange(random) : usual;
  return encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value));
}

/** A body by a schema; two of three are changed somewhere. */
function bodyOf(random: Random, document: Document, schema: Schema): string {
  const value = valueOf(random, document, schema);
  const changes = random.below(3);
  for (let change = 0; change < changes; change++) changeOne(random, value);
  return JSON.stringify(value);
}

function valueOf(random: Random, document: Document, schema: Schema): unknown {
  if (schema.$ref !== undefined) {
    return valueOf(
      random,
      document,
      document.components.schemas[schema.$ref.split("/").at(-1)!] as Schema,
    );
  }
  if (schema.anyOf !== undefined) return valueOf(random, document, random.pick(schema.anyOf));
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  switch (schema.type) {
    case "object": {
      const members = Object.entries(schema.properties ?? {}).filter(
        ([name]) => schema.required?.includes(name) === true || random.oneIn(3),
      );
      return Object.fromEntries(
        members.map(([name, own]) => [name, valueOf(random, document, own)]),
      );
    }
    case "array":
      return Array.from({ length: 1 + random.below(3) }, () =>
        valueOf(random, document, schema.items ?? {}),
      );
    case "integer":
    case "number":
      return random.below(2);
    case "boolean":
      return random.oneIn(2);
    case "null":
      return null;
    default:
      return textOf(random, schema.pattern ?? "");
  }
}

function textOf(random: Random, pattern: string): string {
  if (pattern.includes("0-9a-f]{64}:")) return `${"ab".repeat(32)}:${random.below(4)}`;
  if (pattern.includes("0-9a-f]{64}")) return String(random.below(10)).repeat(64);
  if (pattern.includes("\\d{1,8}")) return `0.${String(random.below(999) + 1)}1`;
  if (pattern.includes("a-z0-9_")) return "latency";
  return random.pick(["h-1", "h-2", "h-3", "hot-1", "hot-2", "alice", "peer-1", "peer", "signer"]);
}

/** A strange value of its own: what is changed in one request is in no other. */
const strange = (random: Random): unknown => structuredClone(random.pick(STRANGE));

/** Changes one place of a value, anywhere in it. */
function changeOne(random: Random, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const holder = value as Record<string, unknown>;
  const names = Object.keys(holder);
  const name = names.length === 0 ? "x" : random.pick(names);
  const inner = holder[name];
  if (typeof inner === "object" && inner !== null && !random.oneIn(3))
    return changeOne(random, inner);
  if (random.oneIn(4)) Reflect.deleteProperty(holder, name);
  else if (random.oneIn(4))
    holder[random.pick(["unknown", "withdrawal_id", "sentinel_level", "operator"])] =
      strange(random);
  else holder[name] = strange(random);
}

/** Breaks the text of a body, now and then. */
function mangled(random: Random, text: string): string | Buffer {
  switch (random.below(40)) {
    case 0:
      return text.slice(0, random.below(text.length + 1));
    case 1:
      return text.replace("{", '{"amount":"1","amount":"2",');
    case 2:
      return text.replace("{", '{"__proto__":{"polluted":true},');
    case 3:
      return "[".repeat(1 + random.below(60)) + text;
    case 4: {
      const bytes = Buffer.from(text);
      if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
      return bytes;
    }
    case 5:
      return text.replace(/"(\d)/, "$1");
    case 6:
      return `\ufeff${text}`;
    case 7:
      return text.padEnd(20_000 + random.below(300_000), " ");
    default:
      return text;
  }
}
