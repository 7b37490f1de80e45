/** The client against servers that fail in every way a service, or what stands in front of it, can. */
import { execFileSync } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type RunningServer, startServer } from "@dgb-shield/testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import {
  ClientError,
  type ClientOptions,
  createClient,
  type Schemas,
} from "../../../src/adapters/http/index.js";

const KEY = "shield_k_secret";
const BODY = {
  ...{ wallet_id: "hot", account_id: "ada", amount: "1" },
  ...{ wallet_balance: "10", behaviour_score: 1, trusted_device: true },
};

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Answering = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** A server that answers its first requests by the list, and every later one by its last entry. */
async function serverOf(...answers: Answering[]) {
  const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] =
    [];
  server = await startServer((request, response) => {
    let body = "";
    request.on("data", (more: Buffer) => (body += String(more)));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const answer = answers[Math.min(seen.length, answers.length - 1)];
      seen.push({ method, url, headers, body });
      answer?.(response, request, body);
    });
  });
  return { url: server.url, seen };
}

const json =
  (status: number, value: unknown, headers: Record<string, string> = {}): Answering =>
  (response) => {
    const type = status === 200 ? "application/json" : "application/problem+json";
    response.writeHead(status, { "content-type": type, ...headers }).end(JSON.stringify(value));
  };
const problem = (status: number, code: string, more: object = {}): Answering =>
  json(status, { code, title: "It failed", detail: "Do this.", status, ...more });
const breaks: Answering = (response) => void response.destroy();
const breaksInside: Answering = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"final":"ALLOW"', () => response.destroy());
};
const hangs: Answering = () => undefined;
const OK = json(200, { final: "ALLOW" });

/** A client that does not wait, and what it would have waited. */
function clientOf(baseUrl: string, more: Partial<ClientOptions> = {}) {
  const waits: number[] = [];
  const client = createClient({
    ...{ baseUrl, key: KEY, random: () => 0.5 },
    sleep: (ms) => (waits.push(ms), Promise.resolve()),
    ...more,
  });
  return { client, waits };
}

const failureOf = (call: Promise<unknown>): Promise<ClientError> =>
  call.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error as ClientError,
  );

const evaluate = ({ client }: ReturnType<typeof clientOf>) =>
  client.put("/v1/payments/{id}", { path: { id: "w-1" }, body: BODY });

describe("createClient", () => {
  it("sends path, query, body and key, and gives the typed answer", async () => {
    const { url, seen } = await serverOf(OK);
    const { client } = clientOf(`${url}/`);
    const answer: Schemas["PaymentAnswer"] = await client.put("/v1/payments/{id}", {
      path: { id: "a/b?c" },
      body: BODY,
    });
    expect(answer.final).toBe("ALLOW");
    await client.get("/v1/payments", { query: { limit: 3, status: "claimed" } });
    expect(seen).toMatchObject([
      {
        ...{ method: "PUT", url: "/v1/payments/a%2Fb%3Fc", body: JSON.stringify(BODY) },
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      },
      { method: "GET", url: "/v1/payments?limit=3&status=claimed" },
    ]);
  });

  it("refuses paths, bodies and parameters that the document does not have", () => {
    const { client } = clientOf("http://127.0.0.1:1");
    const never = (): unknown[] => [
      // @ts-expect-error no such path
      client.get("/v1/nothing"),
      // @ts-expect-error the stream is `events`
      client.get("/v1/events"),
      // @ts-expect-error a parameter is missing
      client.get("/v1/payments/{id}"),
      // @ts-expect-error an amount is text
      client.put("/v1/payments/{id}", { path: { id: "a" }, body: { ...BODY, amount: 1 } }),
      // @ts-expect-error a body is missing
      client.post("/v1/payments/{id}/claim", { path: { id: "a" } }),
    ];
    expect(never).toBeTypeOf("function");
  });

  it.each([
    ["no address", { baseUrl: "shield" }],
    ["another protocol", { baseUrl: "file:///etc/passwd" }],
    ["a user in the address", { baseUrl: "https://user:secret@localhost" }],
    ["a query", { baseUrl: "https://localhost?x=1" }],
    ["plain HTTP to another host", { baseUrl: "http://shield.example" }],
    ["a host that only begins like loopback", { baseUrl: "http://127.0.0.1.example" }],
    ["a key with a line break", { key: `${KEY}\nx-y: z` }],
    ["no key at all", { key: "" }],
    ["no time", { timeoutMs: 0 }],
    ["no whole number of tries", { retries: 1.5 }],
    ["an endless wait", { maxWaitMs: Infinity }],
  ])("refuses %s", (_, options) => {
    const make = (): unknown => createClient({ baseUrl: "http://localhost", key: KEY, ...options });
    expect(make).toThrow(ClientError);
    expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(make).not.toThrow(/secret/);
  });

  it("permits plain HTTP to loopback, and elsewhere where it is permitted", () => {
    for (const baseUrl of ["http://localhost:1", "http://[::1]:1", "http://127.9.9.9"])
      expect(() => createClient({ baseUrl, key: KEY })).not.toThrow();
    createClient({ baseUrl: "http://shield:8480", key: KEY, allowPlainHttp: true });
  });

  it.each(["", ".", ".."])("refuses the id %j, which no path can carry", async (id) => {
    const { url, seen } = await serverOf(OK);
    const { client } = clientOf(url);
    expect(await failureOf(client.get("/v1/payments/{id}", { path: { id } }))).toMatchObject({
      code: "invalid_option",
    });
    expect(seen).toEqual([]);
  });

  it("keeps the key out of itself and of errors", async () => {
    const { url } = await serverOf(problem(403, "role_not_allowed"));
    const { client } = clientOf(url);
    const error = await failureOf(client.get("/v1/status"));
    expect(JSON.stringify([client, Object.entries(error), error.stack])).not.toContain(KEY);
  });
});

describe("what fails", () => {
  it("is a typed problem", async () => {
    const errors = [{ in: "body", pointer: "/amount", detail: "is no amount" }];
    const { url, seen } = await serverOf(problem(400, "malformed_request", { errors }));
    expect(await failureOf(evaluate(clientOf(url)))).toMatchObject({
      ...{ code: "malformed_request", status: 400, attempts: 1, retry_after_ms: null },
      ...{ message: "It failed. Do this.", problem: { errors } },
    });
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Answering]>([
    ["a page", (response) => response.writeHead(200, { "content-type": "text/html" }).end("ALLOW")],
    ["broken JSON", (response) => response.setHeader("content-type", "application/json").end("{")],
    ["nothing", (response) => response.writeHead(204).end()],
    ["an error of something else", (response) => response.writeHead(418).end("teapot")],
  ])("is unexpected where %s answers", async (_, answer) => {
    const { url } = await serverOf(answer);
    expect(await failureOf(evaluate(clientOf(url)))).toMatchObject({ code: "unexpected_answer" });
  });

  it("is unreachable at a redirect: the key goes nowhere else", async () => {
    const { url, seen } = await serverOf((response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    const error = await failureOf(evaluate(clientOf(url, { retries: 0 })));
    expect(error.code).toBe("unreachable");
    expect(seen).toHaveLength(1);
  });

  it("times out, also in the middle of an answer", async () => {
    const starts: Answering = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
    };
    for (const answer of [hangs, starts]) {
      const { url, seen } = await serverOf(answer);
      const error = await failureOf(evaluate(clientOf(url, { timeoutMs: 50, retries: 2 })));
      expect(error).toMatchObject({ code: "timeout", status: null, attempts: 3 });
      expect(seen).toHaveLength(3);
      await server?.close();
    }
    server = undefined;
  });

  it("ends with the caller's reason", async () => {
    const { url } = await serverOf(hangs);
    const stop = new AbortController();
    const reason = new Error("the page was left");
    setTimeout(() => stop.abort(reason), 30);
    const call = clientOf(url).client.get("/v1/status", { signal: stop.signal });
    await expect(call).rejects.toBe(reason);
    await expect(clientOf(url).client.get("/v1/status", { signal: stop.signal })).rejects.toBe(
      reason,
    );
  });

  it("ends with the caller's reason while it waits for another try", async () => {
    const { url } = await serverOf(problem(503, "ledger_busy", { retry_after_ms: 20_000 }));
    const client = createClient({ baseUrl: url, key: KEY });
    const signal = AbortSignal.timeout(100);
    await expect(client.get("/v1/status", { signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});

describe("another try", () => {
  it.each<[string, Answering]>([
    ["a connection that breaks", breaks],
    ["an answer that breaks off", breaksInside],
    ["a busy ledger", problem(503, "ledger_busy")],
    ["a decision that was not recorded", problem(503, "not_recorded")],
    ["too many requests", problem(429, "rate_limited")],
    ["a gateway without its service", (response) => response.writeHead(502).end("bad gateway")],
  ])("comes after %s, with the same content", async (_, answer) => {
    const { url, seen } = await serverOf(answer, answer, OK);
    const made = clientOf(url);
    expect(await evaluate(made)).toEqual({ final: "ALLOW" });
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set([JSON.stringify(BODY)]));
    expect(seen).toHaveLength(3);
    // Half of 400 and of 800.
    expect(made.waits).toEqual([200, 400]);
  });

  it("waits as long as the service says, to the millisecond where it does", async () => {
    const { url } = await serverOf(
      problem(503, "ledger_busy", { retry_after_ms: 1_234 }),
      json(503, {}, { "retry-after": "3" }),
      OK,
    );
    const made = clientOf(url, { random: () => 0 });
    await evaluate(made);
    expect(made.waits).toEqual([1_234, 3_000]);
  });

  it("does not come where the service says to wait longer than the client may", async () => {
    const { url, seen } = await serverOf(problem(503, "closing", { retry_after_ms: 30_001 }));
    const error = await failureOf(evaluate(clientOf(url, { random: () => 0 })));
    expect(error).toMatchObject({ code: "closing", retry_after_ms: 30_001 });
    expect(seen).toHaveLength(1);
  });

  it("does not come more often than permitted", async () => {
    const { url, seen } = await serverOf(breaks);
    const error = await failureOf(evaluate(clientOf(url, { retries: 3 })));
    expect(error).toMatchObject({ code: "unreachable", attempts: 4 });
    expect(seen).toHaveLength(4);
  });

  it("does not come for an order that would count twice", async () => {
    const { url, seen } = await serverOf(breaks);
    const order = clientOf(url).client.post("/v1/freezes", {
      body: { scope: "wallet", id: "hot", reason: "audit" },
    });
    expect(await failureOf(order)).toMatchObject({ code: "unreachable", attempts: 1 });
    expect(seen).toHaveLength(1);
  });

  it.each(["order_unconfirmed", "ledger_busy"])(
    "does not come for such an order after %s",
    async (code) => {
      const { url, seen } = await serverOf(problem(503, code));
      const order = clientOf(url).client.post("/v1/incidents/{id}/release", {
        ...{ path: { id: "i-1" }, body: { reason: "understood" } },
      });
      expect(await failureOf(order)).toMatchObject({ code });
      expect(seen).toHaveLength(1);
    },
  );

  it.each(["rate_limited", "watcher_unavailable", "closing"])(
    "comes for such an order after %s, which says that nothing was done",
    async (code) => {
      const { url, seen } = await serverOf(problem(code === "rate_limited" ? 429 : 503, code), OK);
      await clientOf(url).client.post("/v1/clock/accept", { body: { reason: "mended" } });
      expect(seen).toHaveLength(2);
    },
  );

  it.each([400, 401, 403, 404, 409, 422, 500])("does not come after %i", async (status) => {
    const { url, seen } = await serverOf(problem(status, "internal_error"));
    await failureOf(evaluate(clientOf(url)));
    expect(seen).toHaveLength(1);
  });
});

describe("the generated types", () => {
  it("are those of docs/openapi.json (the script generate writes them)", () => {
    const folder = join(import.meta.dirname, "..", "..", "..");
    execFileSync(process.execPath, ["generate.mjs", "--check"], { cwd: folder, stdio: "pipe" });
  });
});
