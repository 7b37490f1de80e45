import { connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { dqsnResponseSchema, LIMITS, networkViewSchema } from "@dgb-shield/contract";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { createEventStream } from "../../../src/adapters/sse/index.js";
import { dqsnRoutes, type DqsnRoutesOptions } from "../../../src/adapters/http/index.js";
import { createDqsn, createNetworkState } from "../../../src/index.js";
import { request, signal } from "../../support/envelopes.js";
import { report } from "../../support/signals.js";

const NOW = 1_782_664_805_000;
const JSON_TYPE = { "content-type": "application/json" };
const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function appWith(over: Partial<DqsnRoutesOptions> = {}): Promise<FastifyInstance> {
  const app = Fastify();
  apps.push(app);
  await app.register(dqsnRoutes, {
    dqsn: createDqsn(),
    network: createNetworkState(),
    authorize: () => ({ evaluate: true, view: true, maySpeakFor: () => true }),
    clock: () => NOW,
    ...over,
  });
  return app;
}

const post = (app: FastifyInstance, url: string, payload: string | Buffer, headers = {}) =>
  app.inject({ method: "POST", url, payload, headers: { ...JSON_TYPE, ...headers } });

const errorCode = (body: string): string => {
  const response = dqsnResponseSchema.parse(JSON.parse(body));
  expect(response.decision).toBe("ERROR");
  expect(body).not.toMatch(/ at |\.ts|\.js|stack/);
  return response.reason_codes[0]!;
};

describe("POST /evaluate", () => {
  it("answers a request as evaluateText does", async () => {
    const app = await appWith();
    const text = JSON.stringify(request([signal()]));
    const answer = await post(app, "/evaluate", text);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(createDqsn().evaluateText(text));
  });

  it.each([
    ["bad JSON", "{", 400, "DQSN_ERROR_INVALID_REQUEST"],
    ["no body", "", 400, "DQSN_ERROR_INVALID_REQUEST"],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), 400, "DQSN_ERROR_INVALID_REQUEST"],
    [
      "a duplicate key",
      '{"contract_version":3,"contract_version":3}',
      400,
      "DQSN_ERROR_DUPLICATE_KEY",
    ],
    ["a bad number", '{"a":1e999}', 400, "DQSN_ERROR_BAD_NUMBER"],
    ["too deep a body", "[".repeat(33) + "]".repeat(33), 400, "DQSN_ERROR_DEPTH_EXCEEDED"],
    ["__proto__", '{"__proto__":{"a":1}}', 400, "DQSN_ERROR_INVALID_REQUEST"],
    ["another version", '{"contract_version":2}', 400, "DQSN_ERROR_SCHEMA_VERSION"],
    [
      "an unknown key",
      JSON.stringify({ ...request([signal()]), x: 1 }),
      400,
      "DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY",
    ],
    ["no signals", JSON.stringify(request([])), 400, "DQSN_ERROR_NO_SIGNALS"],
    [
      "too large a body",
      " ".repeat(LIMITS.maxPayloadBytes + 1),
      413,
      "DQSN_ERROR_PAYLOAD_TOO_LARGE",
    ],
    [
      "a constraint that is unmet",
      JSON.stringify({ ...request([signal()]), constraints: { min_signals: 2 } }),
      422,
      "DQSN_ERROR_CONSTRAINT_UNMET",
    ],
  ])("refuses %s", async (_, payload, status, code) => {
    const answer = await post(await appWith(), "/evaluate", payload);
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([status, code]);
  });

  it.each([
    [{ "content-type": "text/plain" }, "DQSN_ERROR_MEDIA_TYPE"],
    [{ "content-type": "application/jsonp" }, "DQSN_ERROR_MEDIA_TYPE"],
    [{ "content-type": "application/x-www-form-urlencoded" }, "DQSN_ERROR_MEDIA_TYPE"],
    [{ "content-encoding": "gzip" }, "DQSN_ERROR_CONTENT_ENCODING"],
  ])("refuses %j with 415", async (headers, code) => {
    const answer = await post(await appWith(), "/evaluate", "{}", headers);
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([415, code]);
  });

  it("takes a media type with a character set", async () => {
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    const text = JSON.stringify(request([signal()]));
    expect((await post(await appWith(), "/evaluate", text, headers)).statusCode).toBe(200);
  });
});

describe("POST /signals", () => {
  it("takes one signal, or a batch, and answers with the result of each", async () => {
    const network = createNetworkState();
    const app = await appWith({ network });
    const one = await post(app, "/signals", JSON.stringify(report({ severity: 0.9 })));
    expect([one.statusCode, one.json()]).toEqual([
      200,
      { now_ms: NOW, results: [{ accepted: true }] },
    ]);
    const mixed = await post(app, "/signals", JSON.stringify([report(), report({ severity: 7 })]));
    expect([mixed.statusCode, mixed.json().results]).toEqual([
      207,
      [
        { accepted: true },
        { accepted: false, code: "DQSN_ERROR_SIGNAL_INVALID", path: "/severity" },
      ],
    ]);
    const none = await post(app, "/signals", JSON.stringify({ ...report(), extra: 1 }));
    expect([none.statusCode, none.json().results[0].path]).toEqual([422, "/extra"]);
    expect(network.view(NOW).live_operators).toBe(1);
  });

  it.each([
    ["bad JSON", "[", 400, "DQSN_ERROR_INVALID_REQUEST"],
    ["a duplicate key", '{"node_id":"a","node_id":"b"}', 400, "DQSN_ERROR_DUPLICATE_KEY"],
    ["an empty batch", "[]", 400, "DQSN_ERROR_NO_SIGNALS"],
    [
      "65 signals",
      JSON.stringify(Array.from({ length: 65 }, () => report())),
      400,
      "DQSN_ERROR_SIGNAL_TOO_MANY",
    ],
    [
      "too large a body",
      " ".repeat(LIMITS.maxPayloadBytes + 1),
      413,
      "DQSN_ERROR_PAYLOAD_TOO_LARGE",
    ],
  ])("refuses %s", async (_, payload, status, code) => {
    const answer = await post(await appWith(), "/signals", payload);
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([status, code]);
  });

  it("refuses a signal of a node that its sender may not report for, or when that cannot be determined", async () => {
    const network = createNetworkState();
    const maySpeakFor = ({ node_id }: { node_id: string }) => {
      if (node_id === "node-b") throw new Error("no keyring");
      return node_id === "node-a";
    };
    const app = await appWith({ network, authorize: () => ({ maySpeakFor }) });
    const batch = ["node-a", "node-b", "node-c"].map((node_id) => report({ node_id }));
    const { results } = (await post(app, "/signals", JSON.stringify(batch))).json();
    const forbidden = { accepted: false, code: "DQSN_ERROR_REPORTER_FORBIDDEN", path: "/node_id" };
    expect(results).toEqual([{ accepted: true }, forbidden, forbidden]);
    expect(network.view(NOW).live_operators).toBe(1);
  });

  it("refuses all with 503 when the clock gives no time", async () => {
    const app = await appWith({ clock: () => NaN });
    const answer = await post(app, "/signals", JSON.stringify(report()));
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([503, "DQSN_ERROR_CLOCK_INVALID"]);
  });
});

describe("GET /network", () => {
  it("shows the view as of now, UNKNOWN without live nodes", async () => {
    const answer = await (await appWith()).inject("/network");
    const view = networkViewSchema.parse(answer.json());
    expect([answer.statusCode, view.as_of_ms, view.level]).toEqual([200, NOW, "UNKNOWN"]);
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("answers 503 when the clock fails", async () => {
    const clock = () => {
      throw new Error("secret");
    };
    const answer = await (await appWith({ clock })).inject("/network");
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([503, "DQSN_ERROR_CLOCK_INVALID"]);
  });
});

describe("dqsnRoutes", () => {
  it("does not start without authorize", async () => {
    await expect(appWith({ authorize: undefined as never })).rejects.toThrow(/authorize/);
  });

  it.each([
    ["GET", "/nowhere", 404, "DQSN_ERROR_NOT_FOUND"],
    ["GET", "/evaluate", 405, "DQSN_ERROR_METHOD_NOT_ALLOWED"],
    ["DELETE", "/network", 405, "DQSN_ERROR_METHOD_NOT_ALLOWED"],
    ["PUT", "/signals", 405, "DQSN_ERROR_METHOD_NOT_ALLOWED"],
  ] as const)("refuses %s %s", async (method, url, status, code) => {
    const answer = await (await appWith()).inject({ method, url });
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([status, code]);
  });

  it.each(["/evaluate", "/signals"])(
    "refuses a stranger at POST %s before reading",
    async (url) => {
      const app = await appWith({ authorize: () => undefined });
      const answer = await post(app, url, " ".repeat(LIMITS.maxPayloadBytes + 1));
      expect([answer.statusCode, errorCode(answer.body)]).toEqual([
        401,
        "DQSN_ERROR_UNAUTHENTICATED",
      ]);
    },
  );

  it("answers 500 without the cause when authorize breaks", async () => {
    const authorize = async () => Promise.reject(new Error("secret keyring at /etc"));
    const answer = await (await appWith({ authorize })).inject("/network");
    expect(answer.body).not.toContain("secret");
    expect([answer.statusCode, errorCode(answer.body)]).toEqual([500, "DQSN_ERROR_INTERNAL"]);
  });

  it("gives generators of OpenAPI a schema of every route", async () => {
    const app = Fastify();
    apps.push(app);
    const schemas = new Map<string, unknown>();
    app.addHook(
      "onRoute",
      ({ method, url, schema }) => void schemas.set(`${String(method)} ${url}`, schema),
    );
    await app.register(dqsnRoutes, {
      prefix: "/v1",
      dqsn: createDqsn(),
      network: createNetworkState(),
      authorize: () => undefined,
    });
    for (const route of ["POST /v1/evaluate", "POST /v1/signals", "GET /v1/network"]) {
      expect(schemas.get(route)).toMatchObject({ response: { 200: { type: "object" } } });
    }
  });
});

describe("over real sockets", () => {
  async function listening(over: Partial<DqsnRoutesOptions> = {}): Promise<number> {
    const app = await appWith({ bodyTimeoutMs: 200, ...over });
    await app.listen({ host: "127.0.0.1", port: 0 });
    return (app.server.address() as AddressInfo).port;
  }
  const open = (port: number): Socket => connect(port, "127.0.0.1");
  const HEAD = "POST /evaluate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

  async function answerTo(port: number, text: string): Promise<string> {
    const socket = open(port);
    socket.on("error", () => undefined);
    socket.write(text);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  it("answers a body that does not come with 408 and hangs up", async () => {
    const answer = await answerTo(await listening(), `${HEAD}content-length: 100\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(errorCode(answer.split("\r\n\r\n")[1]!)).toBe("DQSN_ERROR_BODY_TIMEOUT");
  });

  it("answers a chunked body that never ends with 413 as soon as it is too large", async () => {
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`.repeat(9);
    const answer = await answerTo(
      await listening({ bodyTimeoutMs: 20_000 }),
      `${HEAD}transfer-encoding: chunked\r\n\r\n${chunk}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(errorCode(answer.split("\r\n\r\n")[1]!)).toBe("DQSN_ERROR_PAYLOAD_TOO_LARGE");
  });

  it("goes on after aborted bodies", async () => {
    const port = await listening();
    for (let i = 0; i < 20; i++) {
      const socket = open(port);
      socket.on("error", () => undefined);
      socket.write(`${HEAD}content-length: 100\r\n\r\n{`, () => socket.resetAndDestroy());
    }
    const text = JSON.stringify(request([signal()]));
    const answer = await fetch(`http://127.0.0.1:${port}/evaluate`, {
      method: "POST",
      headers: JSON_TYPE,
      body: text,
    });
    expect(answer.status).toBe(200);
  });

  it("hands a stream over", async () => {
    const stream = createEventStream({ network: createNetworkState(), clock: () => NOW });
    const port = await listening({ stream });
    const answer = await fetch(`http://127.0.0.1:${port}/network/stream`);
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const { value } = await answer.body!.getReader().read();
    expect(Buffer.from(value).toString()).toContain("event: snapshot");
    stream.close();
  });
});
