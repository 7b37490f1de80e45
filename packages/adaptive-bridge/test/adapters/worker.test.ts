import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeTimers } from "../../src/adapters/node/index.js";
import { createWorkerSink, type WorkerSink } from "../../src/adapters/worker/index.js";
import { createAdaptiveBridge } from "../../src/index.js";
import { eventOf } from "../support/events.js";
import { recordingSink } from "../support/sinks.js";

const module = new URL("../support/moody-sink.mjs", import.meta.url);
let folder = "";
let path = "";
let sink: WorkerSink;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
  path = join(folder, "received");
  sink = createWorkerSink({ module, restartDelayMs: 1, maxHeapMb: 32 });
});
afterEach(async () => {
  await sink.close();
  await rm(folder, { recursive: true, force: true });
});

const received = () => readFile(path, "utf8");
const moody = (n: number, mood: string) => eventOf(n, { extra: { mood, path } });

describe("createWorkerSink", () => {
  it.each([
    ["exit", 1],
    ["loop", 1],
    ["hang", 1],
    ["throw", 0],
    ["throw_later", 1],
    ["memory", 1],
  ])("outlives a sink that does this: %s", async (mood, crashes) => {
    const healthy = recordingSink();
    const bridge = createAdaptiveBridge({
      sinks: [sink, healthy.sink],
      timers: nodeTimers,
      batchSize: 1,
      retries: 0,
      writeTimeoutMs: mood === "loop" || mood === "hang" ? 2_500 : 10_000,
    });
    bridge.emit(moody(1, ""));
    expect(await bridge.flush(10_000)).toBe(true);
    bridge.emit(moody(2, mood));
    bridge.emit(moody(3, ""));
    expect(await bridge.flush(20_000)).toBe(true);
    expect(await received()).toBe("e-1\ne-3\n");
    expect(sink.crashes).toBe(crashes);
    expect(bridge.stats().sinks).toMatchObject([
      { emitted: 3, delivered: 2, queued: 0, dropped: { sink_failed: 1 } },
      { emitted: 3, delivered: 3 },
    ]);
    await bridge.close();
  });

  it("passes on a result, and takes what cannot be sent for success", async () => {
    const context = { signal: new AbortController().signal };
    expect(await sink.write([moody(1, "part"), moody(2, "")], context)).toMatchObject({
      done: 1,
      refused: 1,
      reason: "moody",
    });
    expect(await sink.write([moody(1, "function")], context)).toBeUndefined();
  });

  it("waits longer each time a thread ends before it has done anything", async () => {
    const context = { signal: new AbortController().signal };
    const slow = createWorkerSink({ module, restartDelayMs: 60_000 });
    await expect(slow.write([moody(1, "exit")], context)).rejects.toThrow("the thread ended");
    const result = await slow.write([moody(1, "")], context);
    expect(result).toMatchObject({ done: 0, reason: expect.stringContaining("thread") as string });
    expect(result!.pauseMs).toBeGreaterThan(20_000);
    expect(result!.pauseMs).toBeLessThanOrEqual(30_000);
    await slow.close();
    await expect(slow.write([], context)).rejects.toMatchObject({ code: "sink_closed" });
  });

  it("fails a write where the module is missing or has no write", async () => {
    const context = { signal: new AbortController().signal };
    for (const bad of ["missing.mjs", "../support/sinks.ts"]) {
      const none = createWorkerSink({ module: new URL(bad, module) });
      await expect(none.write([eventOf(1)], context)).rejects.toThrow();
      await none.close();
    }
  });

  it("refuses options that make no sense", () => {
    expect(() => createWorkerSink({ module: "x" as unknown as URL })).toThrow(
      expect.objectContaining({ code: "invalid_config", path: "/module" }),
    );
  });
});
