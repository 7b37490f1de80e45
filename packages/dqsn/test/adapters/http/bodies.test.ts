import { type AddressInfo, connect } from "node:net";
import { dqsnResponseSchema } from "@dgb-shield/contract";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  dqsnRoutes,
  type DqsnRoutesOptions,
  HTTP_SERVER_OPTIONS,
} from "../../../src/adapters/http/index.js";
import { createEventStream } from "../../../src/adapters/sse/index.js";
import { createDqsn, createNetworkState } from "../../../src/index.js";

const NOW = 1_782_664_805_000;
const KEY = "authorization: Bearer k\r\n";
const CHUNKED = "host: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n";
const CHUNK = `10000\r\n${"x".repeat(0x10000)}\r\n`;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listening(
  app: FastifyInstance = Fastify(),
  maxClients = 10,
  over: Partial<DqsnRoutesOptions> = {},
): Promise<number> {
  const network = createNetworkState();
  const stream = createEventStream({ network, clock: () => NOW, maxClients });
  await app.register(dqsnRoutes, {
    dqsn: createDqsn(),
    network,
    stream,
    authorize: ({ headers }) =>
      headers.authorization === "Bearer k"
        ? { evaluate: true, view: true, maySpeakFor: () => true }
        : undefined,
    clock: () => NOW,
    bodyTimeoutMs: 300,
    ...over,
  });
  cleanups.push(() => {
    stream.close();
    app.server.closeAllConnections();
    return app.close();
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

type Sender = Readonly<{ head: string; body?: "after the answer" | "at once" | "none" }>;

/** Sends a head and then a body without an end; resolves when the server has closed. */
async function sendEndlessly(port: number, { head, body = "after the answer" }: Sender) {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  let sent = 0;
  socket.on("error", () => undefined);
  socket.on("data", (data) => (answer += data.toString("latin1")));
  const closed = new Promise<void>((done) => socket.once("close", () => done()));
  socket.write(head);
  const timer = setInterval(() => {
    const isTurn = body === "at once" || (body === "after the answer" && answer !== "");
    if (!isTurn || socket.destroyed || socket.writableLength > 1e6) return;
    socket.write(CHUNK);
    sent += CHUNK.length;
  }, 1);
  const outcome = await Promise.race([
    closed.then(() => "closed"),
    new Promise<string>((done) => setTimeout(() => done("still open"), 3_000)),
  ]);
  clearInterval(timer);
  socket.destroy();
  return { outcome, answer, sent };
}

const codeOf = (answer: string): string =>
  dqsnResponseSchema.parse(JSON.parse(answer.split("\r\n\r\n")[1]!)).reason_codes[0]!;

describe("a body without an end", () => {
  const gzip = "content-encoding: gzip\r\n";
  const text = CHUNKED.replace("application/json", "text/plain");
  const declared = CHUNKED.replace("transfer-encoding: chunked", "content-length: 99999999999");

  it.each([
    ["POST /evaluate", CHUNKED, 401, "DQSN_ERROR_UNAUTHENTICATED"],
    ["POST /signals", CHUNKED, 401, "DQSN_ERROR_UNAUTHENTICATED"],
    ["POST /evaluate", declared, 401, "DQSN_ERROR_UNAUTHENTICATED"],
    ["GET /network", CHUNKED, 401, "DQSN_ERROR_UNAUTHENTICATED"],
    ["GET /network/stream", CHUNKED, 401, "DQSN_ERROR_UNAUTHENTICATED"],
    ["POST /nowhere", CHUNKED, 404, "DQSN_ERROR_NOT_FOUND"],
    ["PUT /evaluate", CHUNKED, 405, "DQSN_ERROR_METHOD_NOT_ALLOWED"],
    ["DELETE /network", CHUNKED, 405, "DQSN_ERROR_METHOD_NOT_ALLOWED"],
    ["POST /evaluate", CHUNKED + KEY + gzip, 415, "DQSN_ERROR_CONTENT_ENCODING"],
    ["POST /signals", text + KEY, 415, "DQSN_ERROR_MEDIA_TYPE"],
    ["POST /evaluate", declared + KEY, 413, "DQSN_ERROR_PAYLOAD_TOO_LARGE"],
  ])("to %s is answered and the connection closed (%#)", async (what, headers, status, code) => {
    const head = `${what} HTTP/1.1\r\n${headers}\r\n`;
    const port = await listening();
    const bodies = ["after the answer", "none"] as const;
    const sends = bodies.map((body) => sendEndlessly(port, { head, body }));
    for (const { outcome, answer, sent } of await Promise.all(sends)) {
      expect([outcome, answer.split(" ")[1], codeOf(answer)]).toEqual([
        "closed",
        String(status),
        code,
      ]);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
      expect(sent).toBeLessThan(20e6);
    }
  });

  it("to GET /network, granted, gets the view and the connection is closed", async () => {
    const head = `GET /network HTTP/1.1\r\n${CHUNKED}${KEY}\r\n`;
    const { outcome, answer } = await sendEndlessly(await listening(), { head });
    expect([outcome, answer.slice(0, 12)]).toEqual(["closed", "HTTP/1.1 200"]);
  });

  it("to a stream without room is turned away and the connection closed", async () => {
    const port = await listening(Fastify(), 1);
    const head = `GET /network/stream HTTP/1.1\r\n${CHUNKED}${KEY}\r\n`;
    const first = connect(port, "127.0.0.1");
    cleanups.push(() => first.destroy());
    first.write(`GET /network/stream HTTP/1.1\r\nhost: x\r\n${KEY}\r\n`);
    await new Promise((done) => first.once("data", done));
    const { outcome, answer } = await sendEndlessly(port, { head });
    expect([outcome, answer.slice(0, 12)]).toEqual(["closed", "HTTP/1.1 503"]);
  });

  it("that comes at once is answered and closed as well", async () => {
    const port = await listening();
    const requests = [
      ["401", "POST /evaluate", CHUNKED],
      ["404", "POST /nowhere", CHUNKED],
      ["405", "PUT /evaluate", CHUNKED],
      ["413", "POST /evaluate", CHUNKED + KEY],
      ["415", "POST /evaluate", CHUNKED + KEY + gzip],
    ] as const;
    const answers = await Promise.all(
      requests.map(async ([, what, headers]) => {
        const head = `${what} HTTP/1.1\r\n${headers}\r\n`;
        const { outcome, answer } = await sendEndlessly(port, { head, body: "at once" });
        return [outcome, answer.slice(0, 12)];
      }),
    );
    expect(answers).toEqual(requests.map(([status]) => ["closed", `HTTP/1.1 ${status}`]));
  });
});

describe("many bodies at once", () => {
  const head = `POST /evaluate HTTP/1.1\r\n${CHUNKED}${KEY}\r\n`;
  const open = (port: number) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("error", () => undefined).on("data", (data) => (answer += data.toString("latin1")));
    cleanups.push(() => socket.destroy());
    return { socket, answer: () => answer };
  };

  it("are read within their bytes, the rest is answered 503, and there is room again afterwards", async () => {
    const port = await listening(Fastify(), 10, { maxBodyBytes: 1_000_000, bodyTimeoutMs: 700 });
    const clients = Array.from({ length: 8 }, () => open(port));
    for (const { socket } of clients) socket.write(head + CHUNK.repeat(5));
    await vi.waitFor(
      () => expect(clients.every(({ answer }) => answer() !== "")).toBe(true),
      5_000,
    );
    const statuses = clients.map(({ answer }) => answer().split(" ")[1]);
    expect(new Set(statuses)).toEqual(new Set(["408", "503"]));
    expect((await sendEndlessly(port, { head, body: "at once" })).answer).toMatch(/^HTTP\/1.1 413/);
  });

  it("of tiny chunks take no more memory than others", async () => {
    const port = await listening(Fastify(), 10, { bodyTimeoutMs: 20_000 });
    const { socket, answer } = open(port);
    const before = process.memoryUsage();
    socket.write(head);
    for (let i = 0; i < 50; i++) {
      socket.write("1\r\n \r\n".repeat(8_000));
      await new Promise(setImmediate);
    }
    globalThis.gc?.();
    const after = process.memoryUsage();
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(60e6);
    socket.write("0\r\n\r\n");
    await vi.waitFor(() => expect(answer()).toMatch(/^HTTP\/1.1 400/), 20_000);
  });
});

describe("HTTP_SERVER_OPTIONS", () => {
  const withTimes = () => {
    const { http, ...options } = HTTP_SERVER_OPTIONS;
    return Fastify({
      ...options,
      requestTimeout: 400,
      http: { ...http, headersTimeout: 200, connectionsCheckingInterval: 50 },
    });
  };

  it("are options that Fastify takes", async () => {
    const app = Fastify(HTTP_SERVER_OPTIONS);
    await listening(app);
    expect([app.server.requestTimeout, app.server.headersTimeout]).toEqual([30_000, 10_000]);
  });

  it("close connections whose headers do not come", async () => {
    const head = "POST /evaluate HTTP/1.1\r\nhost: x\r\n";
    const { outcome } = await sendEndlessly(await listening(withTimes()), { head, body: "none" });
    expect(outcome).toBe("closed");
  });

  it("and bodyTimeoutMs close connections whose body does not come", async () => {
    const head = `POST /evaluate HTTP/1.1\r\n${CHUNKED}${KEY}\r\n`;
    const { outcome, answer } = await sendEndlessly(await listening(), { head, body: "none" });
    expect([outcome, answer.slice(0, 12)]).toEqual(["closed", "HTTP/1.1 408"]);
  });
});
