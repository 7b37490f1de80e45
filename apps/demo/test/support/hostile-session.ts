/** Sends hostile requests to a service over real HTTP, and checks what holds for every answer. */
import { createRandom } from "@dgb-shield/testkit/random";
import { Pool } from "undici";
import { conformance, type Document } from "./conforms.js";
import { hostileRequest, type HostileRequest } from "./hostile-requests.js";
import { type HttpService, KEYS } from "./http-service.js";

/** What to send. */
export type HostileSession = Readonly<{
  count: number;
  /** Requests depend on it and their number alone. */
  seed: number;
  report?: (done: number) => void;
}>;

const AT_ONCE = 16;
const REPORT_EVERY = 10_000;
/** Answers that a gateway of Node gives before any route is found. */
const BEFORE_ROUTES = new Set([400, 404, 413, 415]);
const LEAKS = /node_modules|\n {4}at |\.ts:\d|\.js:\d|sqlite|planted-secret|SELECT /i;

/**
 * Sends the requests; stops at the first answer for which a rule does not hold.
 *
 * @returns how often each status came
 * @throws Error with the request
 */
export async function runHostileSession(
  http: HttpService,
  { count, seed, report }: HostileSession,
): Promise<ReadonlyMap<number, number>> {
  const document = (await http.call("GET /v1/openapi.json")).body as Document;
  const wrong = conformance(document);
  const tokens = Object.fromEntries(Object.entries(KEYS).map(([name, { token }]) => [name, token]));
  const pool = new Pool(http.url, { connections: AT_ONCE, headersTimeout: 20_000 });
  const statuses = new Map<number, number>();
  let next = 0;

  async function one(number: number): Promise<void> {
    const random = createRandom(seed * 1_000_003 + number);
    const request = hostileRequest(random, document, tokens);
    const { route, method, path, headers, body } = request;
    const response = await pool.request({
      method,
      path,
      headers,
      body: body ?? null,
    });
    const text = await response.body.text();
    const { statusCode: status } = response;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const fault = faultOf(wrong, {
      route,
      status,
      type: String(response.headers["content-type"]),
      text,
    });
    if (fault !== undefined) throw failure(request, `${number} of seed ${seed}: ${fault}\n${text}`);
  }

  async function worker(): Promise<void> {
    while (next < count) {
      const number = next++;
      await one(number);
      if ((number + 1) % REPORT_EVERY === 0) report?.(number + 1);
    }
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    await pool.destroy();
  }
  return statuses;
}

type Answered = Readonly<{ route: string; status: number; type: string; text: string }>;

function faultOf(
  wrong: ReturnType<typeof conformance>,
  { route, status, type, text }: Answered,
): string | undefined {
  if (status === 500) return "internal error";
  if (LEAKS.test(text)) return "shows something of the inside";
  if (!type.includes("json")) return status === 200 ? undefined : `no problem but ${type}`;
  const body: unknown = JSON.parse(text);
  const fault = wrong(route, { status, headers: new Headers({ "content-type": type }), body });
  if (fault?.includes("not documented") === true && BEFORE_ROUTES.has(status)) {
    return wrong("GET /v1/payments/{id}", {
      status: 404,
      headers: new Headers({ "content-type": type }),
      body,
    });
  }
  return fault;
}

const failure = (request: HostileRequest, text: string): Error =>
  new Error(`${text}\n${JSON.stringify({ ...request, body: request.body?.toString() })}`);
