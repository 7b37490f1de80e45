import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openStore } from "../../examples/receiver/store.js";
import { createHttpSink } from "../../src/adapters/http/index.js";
import { nodeTimers } from "../../src/adapters/node/index.js";
import { openOutbox } from "../../src/adapters/outbox/index.js";
import { createResilientSink } from "../../src/adapters/resilient/index.js";
import { createAdaptiveBridge } from "../../src/index.js";
import { buildScript } from "../support/build.js";
import { eventOf, ids, idsOf } from "../support/events.js";
import { type Child, startScript } from "@dgb-shield/testkit/child-process";

const context = { signal: new AbortController().signal };
let built = "";
let script = "";
let folder = "";
const children: Child[] = [];

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "receiver-"));
  script = await buildScript("examples/receiver/main.ts", built);
});
afterAll(() => rm(built, { recursive: true, force: true }));
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "received-"))));
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.end("SIGKILL")));
  await rm(folder, { recursive: true, force: true });
});

async function start(port = "0", maxIds = "1000"): Promise<{ child: Child; url: string }> {
  const child = startScript(script, [folder, port, maxIds]);
  children.push(child);
  const line = await child.line((text) => text.startsWith("listening"));
  return { child, url: line.slice("listening on ".length) };
}

const stored = async (file = "events.jsonl"): Promise<ShieldEvent[]> => {
  const text = await readFile(join(folder, file), "utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ShieldEvent);
};

const post = (url: string, body: string, type = "application/cloudevents-batch+json") =>
  fetch(url, { method: "POST", headers: { "content-type": type }, body });

const cloudEvent = (n: number, change: object = {}) => ({
  specversion: "1.0",
  id: `e-${n}`,
  source: "/dgb-shield/adn",
  type: "org.dgb-shield.event.v1",
  data: eventOf(n),
  ...change,
});

describe("the receiver, as a process", () => {
  it("stores what the HTTP sink sends, once, though it comes twice", async () => {
    const { child, url } = await start();
    const sink = createHttpSink({ url });
    const batch = [1, 2, 3].map((n) => eventOf(n));
    expect(await sink.write(batch, context)).toMatchObject({ done: 3, refused: 0 });
    expect(await sink.write([...batch, eventOf(4)], context)).toMatchObject({
      done: 4,
      refused: 0,
    });
    const health = await fetch(url.replace("/events", "/health"));
    expect(await health.json()).toEqual({ stored: 4, duplicates: 3, refused: 0 });
    expect(await stored()).toEqual([1, 2, 3, 4].map((n) => eventOf(n)));
    expect(await child.end("SIGTERM")).toBe(0);
  });

  it("validates each event, and names the ones that it refuses", async () => {
    const { url } = await start();
    const batch = [
      cloudEvent(1),
      cloudEvent(2, { source: undefined }),
      cloudEvent(3, { data: { ...eventOf(3), severity: 2 } }),
      cloudEvent(4, { id: "other" }),
      cloudEvent(5, { specversion: "0.2" }),
    ];
    const response = await post(url, JSON.stringify(batch));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      stored: 1,
      duplicates: 0,
      refused: [
        { id: "e-2", reason: "not a CloudEvent 1.0" },
        { id: "e-3", reason: "data is not a shield event" },
        { id: "other", reason: "id is not the event_id of the data" },
        { id: "e-5", reason: "not a CloudEvent 1.0" },
      ],
    });
  });

  it.each([
    ["another content type", "[]", "application/json", 415],
    ["no JSON", "[", undefined, 400],
    ["no batch", "null", undefined, 400],
    ["an event that is null", "[null]", undefined, 400],
    ["too large a body", `["${"x".repeat(2_000_001)}"]`, undefined, 413],
  ])("answers %s with its status", async (_, body, type, status) => {
    const { url } = await start();
    expect((await post(url, body, type)).status).toBe(status);
    expect((await post(url, JSON.stringify([cloudEvent(1)]))).status).toBe(200);
  });

  it("stores ids in two files of bounded size", async () => {
    const { url } = await start("0", "10");
    const sink = createHttpSink({ url });
    for (let n = 1; n <= 35; n++) await sink.write([eventOf(n)], context);
    expect(idsOf(await stored("events.1.jsonl"))).toEqual(ids(21, 30));
    expect(idsOf(await stored())).toEqual(ids(31, 35));
    await sink.write([eventOf(21), eventOf(35)], context);
    expect(idsOf(await stored())).toEqual(ids(31, 35));
  });

  it("flushes the names of new files before it confirms what is in them, also after that failed", async () => {
    const handle = await open(folder);
    const flush = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "sync");
    await handle.close();
    const store = await openStore(folder, 1);
    await store.add([eventOf(1)]);
    expect(flush).toHaveBeenCalledTimes(1);
    flush.mockRejectedValueOnce(new Error("EIO"));
    await expect(store.add([eventOf(2)])).rejects.toThrow("EIO");
    await store.add([eventOf(2)]);
    expect(flush).toHaveBeenCalledTimes(3);
    flush.mockRestore();
    await store.close();
  });

  it("still has after a kill -9 what it confirmed, and cuts off what it did not", async () => {
    const first = await start();
    await createHttpSink({ url: first.url }).write([eventOf(1), eventOf(2)], context);
    await first.child.end("SIGKILL");
    const path = join(folder, "events.jsonl");
    await writeFile(path, `${await readFile(path, "utf8")}{"event_id":"e-3","lay`);
    const second = await start();
    const sink = createHttpSink({ url: second.url });
    await sink.write(
      [1, 2, 3].map((n) => eventOf(n)),
      context,
    );
    expect(idsOf(await stored())).toEqual(ids(1, 3));
  });

  it("has every event once and in order, though it is killed while an outbox sends", async () => {
    const outboxFolder = await mkdtemp(join(tmpdir(), "outbox-"));
    const first = await start();
    let { child } = first;
    const { url } = first;
    const sink = createResilientSink(createHttpSink({ url }), {
      random: () => 0.5,
      initialDelayMs: 10,
      maxDelayMs: 50,
      maxEventsPerSecond: 5_000,
    });
    const outbox = await openOutbox({ folder: outboxFolder, sinks: [sink], timers: nodeTimers });
    const bridge = createAdaptiveBridge({ sinks: [outbox], timers: nodeTimers });
    for (let n = 1; n <= 900; n++) {
      bridge.emit(eventOf(n));
      if (n % 300 !== 0) continue;
      await new Promise((resume) => setTimeout(resume, 30));
      await child.end("SIGKILL");
      ({ child } = await start(new URL(url).port));
    }
    await bridge.flush(10_000);
    expect(await outbox.drained(20_000)).toBe(true);
    expect(idsOf(await stored())).toEqual(ids(1, 900));
    await bridge.close();
    await rm(outboxFolder, { recursive: true, force: true });
  });
});
