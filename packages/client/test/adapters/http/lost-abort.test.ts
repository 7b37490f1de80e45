/** A fetch that does not pass an abort on, as Node's once the request was collected as garbage: time-outs hold all the same. */
import { describe, expect, it } from "vitest";
import { createClient } from "../../../src/adapters/http/index.js";

/** Answers with headers at once, and with a body that never ends and ignores aborts. */
const fetch = (type: string) => () =>
  Promise.resolve(
    new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), {
      headers: { "content-type": type },
    }),
  );
const clientOf = (type: string) =>
  createClient({
    ...{ baseUrl: "http://127.0.0.1:1", key: "shd_key", timeoutMs: 50, retries: 0 },
    fetch: fetch(type),
  });

describe("a fetch that loses aborts", () => {
  it("leaves no request without an end", async () => {
    await expect(clientOf("application/json").get("/v1/status")).rejects.toMatchObject({
      code: "timeout",
    });
  });

  it("leaves no silent stream connected, and ends with its signal", async () => {
    const stop = new AbortController();
    const states: boolean[] = [];
    const following = clientOf("text/event-stream").events({
      ...{ signal: stop.signal, silenceMs: 50, onEvent: () => undefined },
      onState({ connected }) {
        states.push(connected);
        stop.abort();
      },
    });
    await following;
    expect(states[0]).toBe(false);
  });

  it("ends a stream that waits when its signal is aborted", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await clientOf("text/event-stream").events({
      ...{ signal: stop.signal, silenceMs: 600_000, onEvent: () => undefined },
    });
    expect(stop.signal.aborted).toBe(true);
  });
});
