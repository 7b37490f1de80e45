/** The stream of events over real connections that break, hang, and lie. */
import type { ServerResponse } from "node:http";
import { type RunningServer, startServer } from "@dgb-shield/testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ClientError,
  createClient,
  type EventsOptions,
  type ServiceEvent,
  type StreamReset,
  type StreamState,
} from "../../../src/adapters/http/index.js";

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Connection = (response: ServerResponse) => void;

/** A server whose connections are those of the list, the last one again and again. */
async function streamOf(...connections: Connection[]) {
  const resumed: (string | undefined)[] = [];
  const keys: (string | undefined)[] = [];
  server = await startServer(({ headers }, response) => {
    const open = connections[Math.min(resumed.length, connections.length - 1)];
    const id = headers["last-event-id"];
    resumed.push(typeof id === "string" ? id : undefined);
    keys.push(headers.authorization);
    open?.(response);
  });
  return { url: server.url, resumed, keys };
}

const event = (seq: number, data: object = {}): string =>
  `event: payment\nid: a-${seq}\ndata: ${JSON.stringify({ seq, at_ms: seq, type: "payment", data })}\n\n`;
const RESET = "retry: 10\nevent: reset\nid: a-0\ndata: {}\n\n";
const RESUMED = "retry: 10\nevent: resumed\ndata: {}\n\n";
const HEARTBEAT = "event: heartbeat\ndata: {}\n\n";

const sends =
  (texts: readonly (string | Buffer)[], end: "end" | "destroy" | "stay" = "stay"): Connection =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    for (const text of texts) response.write(text);
    if (end === "end") response.end();
    if (end === "destroy") setTimeout(() => response.destroy(), 20);
  };
const refuses =
  (status: number, code: string, headers: Record<string, string> = {}): Connection =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/problem+json", ...headers })
      .end(JSON.stringify({ code, title: "No", detail: "Do this.", status }));

/** Follows a stream until enough events came, or it fails. */
async function follow(
  url: string,
  enough: (events: readonly ServiceEvent[], states: readonly StreamState[]) => boolean,
  more: Partial<EventsOptions> = {},
) {
  const stop = new AbortController();
  const events: ServiceEvent[] = [];
  const states: StreamState[] = [];
  const waits: number[] = [];
  const calls: string[] = [];
  let time = 1_000;
  const look = (): void => {
    if (enough(events, states)) stop.abort();
  };
  const client = createClient({
    ...{ baseUrl: url, key: "k", random: () => 0, now: () => (time += 1), timeoutMs: 5_000 },
    sleep: (ms) => (waits.push(ms), Promise.resolve()),
  });
  const error = await client
    .events({
      signal: stop.signal,
      onEvent: (one) => (events.push(one), calls.push(one.id ?? ""), look()),
      onReset: () => void calls.push("reset"),
      onState: (state) => (states.push(state), look()),
      ...more,
    })
    .then(
      () => null,
      (failure: unknown) => failure as ClientError,
    );
  return { events, states, waits, calls, error };
}

const ids = (events: readonly ServiceEvent[]) => events.map(({ id }) => id);

describe("client.events", () => {
  it("gives each event once and in order over connections that end and break, and resumes behind the last", async () => {
    const { url, resumed, keys } = await streamOf(
      sends([RESET, event(1), event(2)], "end"),
      sends([RESUMED, event(3), event(4).slice(0, 20)], "destroy"),
      sends([RESUMED, HEARTBEAT, event(4, { payment_id: "w-4" })]),
    );
    const { events, states, calls, error } = await follow(url, ({ length }) => length === 4);
    expect(error).toBeNull();
    expect(ids(events)).toEqual(["a-1", "a-2", "a-3", "a-4"]);
    expect(events[3]).toEqual({
      ...{ id: "a-4", seq: 4, type: "payment", at_ms: 4, data: { payment_id: "w-4" } },
    });
    expect(calls).toEqual(["reset", "a-1", "a-2", "a-3", "a-4"]);
    expect(resumed).toEqual([undefined, "a-2", "a-3"]);
    expect(new Set(keys)).toEqual(new Set(["Bearer k"]));
    expect(states.map(({ connected }) => connected)).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it("says since when it is not connected, why, and when it tries again", async () => {
    const { url } = await streamOf(
      sends([RESET], "end"),
      refuses(503, "closing", { "retry-after": "7" }),
      (response) => response.writeHead(502).end(),
      sends([RESUMED]),
    );
    const { states, waits } = await follow(url, (_, seen) => seen.length === 6);
    const [first, connected, ended, closing, gateway, again] = states;
    expect(first).toMatchObject({ connected: false, error: null, retry_at_ms: null });
    expect(connected).toMatchObject({ connected: true, error: null });
    expect(ended).toMatchObject({ connected: false, error: { code: "unreachable" } });
    expect(closing).toMatchObject({ error: { code: "closing" }, since_ms: ended?.since_ms });
    expect(gateway).toMatchObject({
      error: { code: "unexpected_answer" },
      since_ms: ended?.since_ms,
    });
    expect(again).toMatchObject({ connected: true, error: null, retry_at_ms: null });
    expect(again?.since_ms).toBeGreaterThan(ended?.since_ms ?? Infinity);
    // Half of 10 ms; what Retry-After says; half of the doubled wait twice.
    expect(waits).toEqual([5, 7_000, 20]);
  });

  it("begins behind an event that an earlier reader has taken", async () => {
    const { url, resumed } = await streamOf(sends([RESUMED, event(8)]));
    const { calls } = await follow(url, ({ length }) => length === 1, { lastEventId: "a-7" });
    expect(resumed).toEqual(["a-7"]);
    expect(calls).toEqual(["a-8"]);
  });

  it("calls onReset where the service no longer has what was missed", async () => {
    const { url, resumed } = await streamOf(
      sends([RESET, event(1)], "end"),
      sends(["event: reset\nid: b-9\ndata: {}\n\n"], "end"),
      sends([RESUMED, event(10)]),
    );
    const { calls } = await follow(url, ({ length }) => length === 2);
    expect(calls).toEqual(["reset", "a-1", "reset", "a-10"]);
    expect(resumed).toEqual([undefined, "a-1", "b-9"]);
  });

  it("says from where on what was taken has not happened, and goes on there", async () => {
    const epoch = (data: string) => `event: epoch\nid: c-4\ndata: ${data}\n\n`;
    const { url, resumed } = await streamOf(
      sends([RESET, event(1), event(9)], "end"),
      sends([epoch('{"epoch":2,"from_seq":5}'), event(5)], "end"),
      sends([epoch('{"epoch":"3"}')], "end"),
      sends([RESUMED, event(6)]),
    );
    const resets: StreamReset[] = [];
    const { events } = await follow(url, ({ length }) => length === 4, {
      onReset: (reset) => void resets.push(reset),
    });
    expect(events.map(({ seq }) => seq)).toEqual([1, 9, 5, 6]);
    expect(resets).toEqual([
      { kind: "gap" },
      { kind: "epoch", epoch: 2, from_seq: 5 },
      { kind: "gap" },
    ]);
    expect(resumed).toEqual([undefined, "a-9", "a-5", "c-4"]);
  });

  it("waits for what takes an event, and does not resume behind one that was not taken", async () => {
    const { url, resumed } = await streamOf(sends([RESET, event(1), event(2)], "end"));
    const taken: string[] = [];
    const { error } = await follow(url, () => false, {
      async onEvent({ id }) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (id === "a-2") throw new Error("the disk is full");
        taken.push(id ?? "");
      },
    });
    expect([taken, error?.message]).toEqual([["a-1"], "the disk is full"]);
    expect(resumed).toHaveLength(1);
  });

  it.each<[number, string]>([
    [401, "unauthenticated"],
    [403, "role_not_allowed"],
    [404, "not_found"],
  ])("ends where the service answers %i", async (status, code) => {
    const { url, resumed } = await streamOf(refuses(status, code));
    const { error, states } = await follow(url, () => false);
    expect(error).toMatchObject({ code, status });
    expect(states.at(-1)).toMatchObject({ connected: false, error: { code }, retry_at_ms: null });
    expect(resumed).toHaveLength(1);
  });

  it("takes a connection that goes silent for broken", async () => {
    const { url, resumed } = await streamOf(sends([RESET, event(1)]), sends([RESUMED, event(2)]));
    const { states, calls } = await follow(url, ({ length }) => length === 2, { silenceMs: 60 });
    expect(states[2]?.error).toMatchObject({ code: "timeout" });
    expect(calls).toEqual(["reset", "a-1", "a-2"]);
    expect(resumed).toEqual([undefined, "a-1"]);
  });

  it.each<[string, Connection]>([
    ["a page", (response) => response.setHeader("content-type", "text/html").end("<html>")],
    ["an event of 5 MB without an end", sends([RESET, `data: ${"x".repeat(5_000_000)}`])],
  ])("is not taken in by %s", async (_, connection) => {
    const { url } = await streamOf(connection, sends([RESUMED, event(1)]));
    const { states, events } = await follow(url, ({ length }) => length === 1);
    expect(states.some(({ error }) => error?.code === "unexpected_answer")).toBe(true);
    expect(ids(events)).toEqual(["a-1"]);
  });

  it("reads characters that arrive in pieces, and gives what it cannot read as text", async () => {
    const bytes = Buffer.from(event(1, { text: "Ω€𐍈" }));
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    const { url } = await streamOf(sends([RESET, ...pieces, "event: odd\nid: a-2\ndata: [1\n\n"]));
    const { events } = await follow(url, ({ length }) => length === 2);
    expect(events[0]?.data).toEqual({ text: "Ω€𐍈" });
    expect(events[1]).toEqual({
      ...{ id: "a-2", seq: null, type: "odd", at_ms: 0, data: { text: "[1" } },
    });
  });

  it("ends at once where it is not to begin, and while it waits", async () => {
    const { url, resumed } = await streamOf(refuses(503, "closing"));
    const client = createClient({ baseUrl: url, key: "k" });
    const done = AbortSignal.abort();
    await client.events({ signal: done, onEvent: () => undefined });
    expect(resumed).toEqual([]);
    await client.events({ signal: AbortSignal.timeout(100), onEvent: () => undefined });
    expect(resumed).toHaveLength(1);
  });

  it("refuses options that cannot be used", async () => {
    const client = createClient({ baseUrl: "http://127.0.0.1:1", key: "k" });
    const signal = AbortSignal.timeout(1_000);
    const onEvent = (): void => undefined;
    for (const more of [{ silenceMs: 0 }, { lastEventId: "a\nb: c" }]) {
      await expect(client.events({ signal, onEvent, ...more })).rejects.toMatchObject({
        code: "invalid_option",
      });
    }
  });
});
