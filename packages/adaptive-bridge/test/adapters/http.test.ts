import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudEvent } from "cloudevents";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpSink, type HttpSinkOptions } from "../../src/adapters/http/index.js";
import { nodeTimers } from "../../src/adapters/node/index.js";
import { createAdaptiveBridge } from "../../src/index.js";
import { eventOf, ids } from "../support/events.js";

type Handler = (body: string, response: ServerResponse, request: IncomingMessage) => void;

const context = { signal: new AbortController().signal };
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

/** A real server; every body that it got, and a sink that posts to it. */
async function serve(handle: Handler, options: Partial<HttpSinkOptions> = {}) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      bodies.push(body);
      handle(body, response, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => (server.close(), server.closeAllConnections()));
  const { port } = server.address() as AddressInfo;
  const sink = createHttpSink({ url: `http://127.0.0.1:${port}/`, ...options });
  return { sink, bodies, batches: () => bodies.map(idsIn) };
}

const idsIn = (body: string): string[] =>
  (JSON.parse(body) as { id: string }[]).map(({ id }) => id);
const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => eventOf(from + i));
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    response.writeHead(code, headers).end();

describe("createHttpSink", () => {
  it("posts one batch of valid CloudEvents 1.0, the same bytes for the same events", async () => {
    const types: unknown[] = [];
    const { sink, bodies } = await serve(
      (_, response, { method, headers }) => {
        types.push(method, headers["content-type"], headers["authorization"]);
        response.writeHead(204).end();
      },
      { headers: () => ({ authorization: "Bearer t" }) },
    );
    expect(await sink.write(events(1, 2), context)).toMatchObject({ done: 2, refused: 0 });
    await sink.write(events(1, 2), context);
    expect(types.slice(0, 3)).toEqual(["POST", "application/cloudevents-batch+json", "Bearer t"]);
    expect(bodies[1]).toBe(bodies[0]);
    const batch = JSON.parse(bodies[0]!) as Record<string, unknown>[];
    expect(batch[0]).toEqual({
      specversion: "1.0",
      id: "e-1",
      source: "/dgb-shield/wallet_guardian",
      type: "org.dgb-shield.event.v1",
      datacontenttype: "application/json",
      data: eventOf(1),
    });
    for (const one of batch) expect(new CloudEvent(one).validate()).toBe(true);
  });

  it.each([
    ["the first", "e-1"],
    ["one in the middle", "e-6"],
    ["the last", "e-9"],
  ])(
    "finds %s of a batch that is refused for its content, and delivers the others in order",
    async (_, bad) => {
      const taken: string[] = [];
      const { sink } = await serve((body, response) => {
        const batch = idsIn(body);
        if (batch.includes(bad)) return response.writeHead(422).end();
        taken.push(...batch);
        return response.writeHead(200).end();
      });
      expect(await sink.write(events(1, 9), context)).toMatchObject({
        done: 9,
        refused: 1,
        reason: "status 422",
      });
      expect(taken).toEqual(ids(1, 9).filter((id) => id !== bad));
    },
  );

  it.each([400, 413, 422])(
    "keeps everything while a receiver answers %i to everything, and delivers it after the repair",
    async (code) => {
      let isBroken = false;
      const taken: string[] = [];
      const { sink, bodies } = await serve((body, response) => {
        if (isBroken) return response.writeHead(code).end();
        taken.push(...idsIn(body));
        return response.writeHead(204).end();
      });
      await sink.write(events(1, 3), context);
      isBroken = true;
      for (let n = 0; n < 20; n++) {
        expect(await sink.write(events(4, 23), context)).toMatchObject({ done: 0 });
        expect(await sink.write(events(4, 4), context)).toMatchObject({ done: 0 });
      }
      expect(bodies.length).toBeLessThan(20 * 14);
      isBroken = false;
      expect(await sink.write(events(4, 23), context)).toMatchObject({ done: 20, refused: 0 });
      expect(taken).toEqual(ids(1, 23));
    },
  );

  it("takes nothing where a page comes with a status 200, as from a captive portal", async () => {
    const { sink } = await serve((_, response) =>
      response
        .writeHead(200, { "content-type": "text/html; charset=utf-8" })
        .end("<html>login</html>"),
    );
    expect(await sink.write(events(1, 3), context)).toMatchObject({
      done: 0,
      reason: "status 200 with a page",
    });
  });

  it("keeps everything while an answer of 200 refuses every event", async () => {
    const { sink } = await serve((body, response) => {
      const refused = idsIn(body).map((id) => ({ id, reason: "schema 1 only" }));
      response.writeHead(200).end(JSON.stringify({ refused }));
    });
    for (let n = 0; n < 5; n++) {
      expect(await sink.write(events(1, 4), context)).toMatchObject({
        done: 0,
        reason: expect.stringContaining("schema 1 only") as string,
      });
    }
  });

  it("refuses an event that comes alone, once others are taken in between", async () => {
    const { sink, batches } = await serve((body, response) =>
      response.writeHead(idsIn(body).includes("e-2") ? 422 : 204).end(),
    );
    expect(await sink.write(events(2, 2), context)).toMatchObject({ done: 0 });
    expect(await sink.write(events(1, 1), context)).toMatchObject({ done: 1 });
    expect(await sink.write(events(2, 2), context)).toMatchObject({ done: 1, refused: 1 });
    expect(batches().at(-1)).toEqual(["e-2"]);
  });

  it("halves a batch that is too large for the receiver, down to one", async () => {
    const { sink, batches } = await serve((body, response) =>
      response.writeHead(idsIn(body).length > 2 ? 413 : 200).end(),
    );
    expect(await sink.write(events(1, 8), context)).toMatchObject({ done: 8, refused: 0 });
    expect(
      batches()
        .filter((batch) => batch.length <= 2)
        .flat(),
    ).toEqual(ids(1, 8));
    const alone = await serve(status(413));
    expect(await alone.sink.write(events(1, 1), context)).toMatchObject({ done: 0 });
  });

  it("keeps what follows where the receiver fails half way", async () => {
    let requests = 0;
    const { sink } = await serve((body, response) => {
      requests++;
      const code = requests === 1 ? 413 : requests === 2 ? 200 : 503;
      response.writeHead(code).end();
    });
    expect(await sink.write(events(1, 8), context)).toMatchObject({ done: 4, refused: 0 });
  });

  it.each([301, 401, 403, 404, 408, 409, 429, 500, 502, 503])(
    "takes nothing on a status %i, and refuses nothing",
    async (code) => {
      const { sink, bodies } = await serve(status(code, { location: "/elsewhere" }));
      expect(await sink.write(events(1, 3), context)).toEqual({
        done: 0,
        pauseMs: 0,
        reason: `status ${code}`,
      });
      expect(bodies.length).toBe(1);
    },
  );

  it.each([
    ["seconds", "7", 7_000],
    ["a date", "Thu, 01 Jan 1970 00:00:30 GMT", 20_000],
    ["a date that is past", "Thu, 01 Jan 1970 00:00:01 GMT", 0],
    ["more than an hour", "999999", 3_600_000],
    ["nonsense", "soon", 0],
    ["a negative number", "-5", 0],
  ])("reads a Retry-After of %s", async (_, value, pauseMs) => {
    const { sink } = await serve(status(429, { "retry-after": value }), { now: () => 10_000 });
    expect(await sink.write(events(1, 1), context)).toMatchObject({ done: 0, pauseMs });
  });

  it.each<[string, string, number]>([
    ["one event", '{"refused":[{"id":"e-2","reason":"old"}]}', 1],
    ["one event twice", '{"refused":[{"id":"e-2","reason":"old"},{"id":"e-2"}]}', 1],
    ["an event of another batch", '{"refused":[{"id":"e-9"}]}', 0],
    ["nothing that can be read", '{"refused":[null]}', 0],
    ["one event beside what cannot be read", '{"refused":[null,7,{"id":"e-2"},{"id":5}]}', 1],
    ["no JSON", "OK", 0],
    ["longer than is read", `{"refused":[{"id":"e-2","reason":"${"x".repeat(70_000)}"}]}`, 0],
  ])("counts what an answer of 200 refuses: %s", async (_, text, refused) => {
    const { sink } = await serve((_body, response) => response.writeHead(200).end(text));
    expect(await sink.write(events(1, 3), context)).toMatchObject({ done: 3, refused });
  });

  it("keeps to maxBodyBytes, and refuses an event that is larger alone", async () => {
    const { sink, bodies } = await serve(status(200), { maxBodyBytes: 1_000 });
    const text = "x".repeat(300);
    const some = [1, 2, 3, 4].map((n) => eventOf(n, { extra: { text } }));
    const first = (await sink.write(some, context))!;
    expect(first.done).toBe(1);
    expect(Buffer.byteLength(bodies[0]!)).toBeLessThanOrEqual(1_000);
    const large = eventOf(9, { extra: { text: "ä".repeat(600) } });
    expect(await sink.write([large], context)).toMatchObject({ done: 1, refused: 1 });
    expect(bodies.length).toBe(1);
  });

  it("gives up a request in time, and one whose write was given up", async () => {
    const { sink } = await serve(() => undefined, { timeoutMs: 30 });
    await expect(sink.write(events(1, 1), context)).rejects.toMatchObject({ name: "TimeoutError" });
    const giveUp = new AbortController();
    const patient = await serve(() => giveUp.abort());
    await expect(patient.sink.write(events(1, 1), { signal: giveUp.signal })).rejects.toMatchObject(
      { name: "AbortError" },
    );
  });

  it("rejects where nothing listens or the answer breaks off", async () => {
    const nobody = createHttpSink({ url: "http://127.0.0.1:9/" });
    await expect(nobody.write(events(1, 1), context)).rejects.toThrow();
    const { sink } = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      setTimeout(() => response.destroy(), 5);
    });
    await expect(sink.write(events(1, 1), context)).rejects.toThrow();
  });

  it("counts refusals on the bridge", async () => {
    const { sink } = await serve((body, response) =>
      response.writeHead(idsIn(body).includes("e-3") ? 400 : 202).end(),
    );
    const bridge = createAdaptiveBridge({ sinks: [sink], timers: nodeTimers });
    for (const event of events(1, 5)) bridge.emit(event);
    expect(await bridge.flush(5_000)).toBe(true);
    expect(bridge.stats().sinks[0]).toMatchObject({
      delivered: 4,
      dropped: { refused: 1 },
      last_error: "status 400",
    });
    await bridge.close();
  });

  it("never has a header's value in an error", async () => {
    const sink = createHttpSink({
      url: "http://127.0.0.1:9/",
      headers: () => ({ authorization: "Bearer s3cret\u0000" }),
    });
    const error = await Promise.resolve(sink.write(events(1, 1), context)).catch((e: unknown) => e);
    expect(String(error)).toContain("header");
    expect(String(error)).not.toContain("s3cret");
  });

  it.each<[string, object, string]>([
    ["no URL", { url: "events" }, "/url"],
    ["another protocol", { url: "file:///etc/passwd" }, "/url"],
    ["credentials in the URL", { url: "http://user:s3cret@a/" }, "/url"],
    ["a user name in the URL", { url: "https://user@a/" }, "/url"],
    ["credentials in the source", { url: "http://a/", source: "http://u:p@a" }, "/source"],
    ["headers that are no function", { url: "http://a/", headers: {} }, "/headers"],
    ["an unknown option", { url: "http://a/", retries: 1 }, "/retries"],
  ])("refuses %s", (_, options, path) => {
    const create = () => createHttpSink(options as HttpSinkOptions);
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path }));
    expect(create).not.toThrow("s3cret");
  });
});
