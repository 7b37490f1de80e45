import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRandom } from "@dgb-shield/testkit/random";
import { openOutbox } from "../../src/adapters/outbox/index.js";
import { createResilientSink, type ResilientOptions } from "../../src/adapters/resilient/index.js";
import { type BridgeSink, createAdaptiveBridge } from "../../src/index.js";
import { eventOf, ids, idsOf } from "../support/events.js";
import { failingSinks, recordingSink } from "../support/sinks.js";
import { type ManualTimers, manualTimers } from "../support/timers.js";

const context = { signal: new AbortController().signal };
const half = () => 0.5;
const batchOf = (count: number) => Array.from({ length: count }, (_, n) => eventOf(n + 1));
afterEach(() => void vi.useRealTimers());

/** A receiver that is down or up, and when it got how much. */
function receiver(timers: ManualTimers) {
  const state = { isUp: true };
  const events: ShieldEvent[] = [];
  const requests: { atMs: number; count: number; taken: boolean }[] = [];
  const write: BridgeSink["write"] = (batch) => {
    requests.push({ atMs: timers.nowMs(), count: batch.length, taken: state.isUp });
    if (!state.isUp) throw new Error("down");
    events.push(...batch);
  };
  return { sink: { name: "core", write }, state, events, requests };
}

describe("createResilientSink", () => {
  it("opens the circuit after failures in a row, tries one event, and grows from there", async () => {
    const sizes: number[] = [];
    let isUp = false;
    const sink = createResilientSink(
      createSink((batch) => {
        sizes.push(batch.length);
        if (!isUp) throw new Error("down");
      }),
      { random: half, failures: 3, maxEventsPerSecond: 1_000_000 },
    );
    const states: string[] = [];
    for (let n = 0; n < 5; n++) {
      await sink.write(batchOf(10), context);
      states.push(sink.circuit);
    }
    isUp = true;
    for (let n = 0; n < 5; n++) await sink.write(batchOf(10), context);
    expect(sizes).toEqual([10, 10, 10, 1, 1, 1, 2, 4, 8, 10]);
    expect(states).toEqual(["closed", "closed", "open", "open", "open"]);
    expect(sink.circuit).toBe("closed");
  });

  it.each([
    ["least", 0, [50, 100, 200, 200]],
    ["most", 1 - Number.EPSILON, [100, 200, 400, 400]],
  ])("doubles its wait up to a bound, with the %s jitter", async (_, random, waits) => {
    const failing = createSink(() => Promise.reject(new Error("down")));
    const options = { random: () => random, initialDelayMs: 100, maxDelayMs: 400 };
    const sink = createResilientSink(failing, options);
    const pauses: unknown[] = [];
    while (pauses.length < waits.length) {
      pauses.push((await sink.write(batchOf(1), context)).pauseMs);
    }
    expect(pauses).toEqual(waits);
  });

  it("does not depend on the wall clock, which may step back", async () => {
    let isUp = false;
    const sink = createResilientSink(
      createSink(() => {
        if (!isUp) throw new Error("down");
      }),
      { random: half, failures: 1 },
    );
    await sink.write(batchOf(1), context);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 86_400_000 });
    isUp = true;
    expect(await sink.write(batchOf(1), context)).toMatchObject({ done: 1 });
  });

  it.each(failingSinks.map(([sink, error]) => [sink.name, sink, error] as const))(
    "takes nothing and never rejects where the sink %s",
    async (_, sink, error) => {
      const resilient = createResilientSink(sink, { random: half, timeoutMs: 10 });
      const result = await resilient.write(batchOf(2), context);
      expect(result).toMatchObject({ done: 0, pauseMs: 188 });
      if (error !== "timed out") expect(result.reason).toBe(error);
      else expect(result.reason).toContain("timed out");
    },
  );

  it("aborts the sink's signal when the time is up", async () => {
    let aborted = false;
    const patient: BridgeSink = {
      name: "patient",
      write: (_, { signal }) =>
        new Promise<void>(() => signal.addEventListener("abort", () => (aborted = true))),
    };
    await createResilientSink(patient, { random: half, timeoutMs: 10 }).write(batchOf(1), context);
    expect(aborted).toBe(true);
  });

  it("keeps a longer pause that the sink requests, and counts that as a failure", async () => {
    const busy = createSink(() => ({ done: 0, pauseMs: 7_000, reason: "status 429" }));
    const sink = createResilientSink(busy, { random: half, failures: 1 });
    expect(await sink.write(batchOf(1), context)).toEqual({
      done: 0,
      pauseMs: 7_000,
      reason: "status 429",
    });
    expect(sink.circuit).toBe("open");
  });

  it("passes on a partial result, and paces what was taken", async () => {
    const sink = createResilientSink(
      createSink(() => ({ done: 20, refused: 1, reason: "one" })),
      { random: half, maxEventsPerSecond: 100 },
    );
    expect(await sink.write(batchOf(30), context)).toEqual({
      done: 20,
      refused: 1,
      reason: "one",
      pauseMs: 200,
    });
  });

  it.each<[string, object, string]>([
    ["no randomness", {}, "/random"],
    ["no failures", { random: half, failures: 0 }, "/failures"],
    ["an unknown option", { random: half, jitter: 1 }, "/jitter"],
  ])("refuses %s", (_, options, path) => {
    const create = () => createResilientSink(recordingSink().sink, options as ResilientOptions);
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path }));
  });
});

const createSink = (write: BridgeSink["write"]): BridgeSink => ({ name: "core", write });

/** Most events that were taken in any second. */
function peakPerSecond(
  requests: readonly { atMs: number; count: number; taken: boolean }[],
): number {
  const taken = requests.filter((request) => request.taken);
  const after = (i: number) =>
    taken.filter(({ atMs }) => atMs >= taken[i]!.atMs && atMs < taken[i]!.atMs + 1_000);
  return Math.max(...taken.map((_, i) => after(i).reduce((sum, { count }) => sum + count, 0)));
}

const HOUR_MS = 3_600_000;

describe("a receiver that is down for an hour", () => {
  const limits = {
    maxEventsPerSecond: 200,
    failures: 5,
    initialDelayMs: 250,
    maxDelayMs: 60_000,
  };

  it("gets few probes, then what a bounded memory kept, in order and at a bounded rate", async () => {
    const timers = manualTimers();
    const { sink, state, events, requests } = receiver(timers);
    const resilient = createResilientSink(sink, { random: createRandom(3).next, ...limits });
    const healthy = recordingSink();
    const bridge = createAdaptiveBridge({
      sinks: [resilient, healthy.sink],
      timers,
      capacity: 2_000,
      batchSize: 50,
    });
    let n = 0;
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        bridge.emit(eventOf(++n));
        await timers.advance(1_000);
        expect(bridge.stats().sinks[0]!.queued).toBeLessThanOrEqual(2_000);
      }
    };
    await pass(5_000);
    state.isUp = false;
    const before = requests.length;
    await pass(HOUR_MS);
    const probes = requests.slice(before);
    // 0.5 to 1 times 250, 500, … 60,000 ms: a probe every 30 to 60 seconds.
    expect(probes.length).toBeGreaterThan(50);
    expect(probes.length).toBeLessThan(140);
    expect(Math.max(...probes.slice(5).map(({ count }) => count))).toBe(1);
    state.isUp = true;
    const recovered = requests.length;
    await pass(90_000);
    const [core, other] = bridge.stats().sinks;
    expect(core).toMatchObject({ queued: 0, dropped: { sink_failed: 0, refused: 0, closed: 0 } });
    expect(core!.delivered + core!.dropped.queue_full).toBe(n);
    expect(idsOf(events)).toEqual([...ids(1, 5), ...ids(n - events.length + 6, n)]);
    expect(peakPerSecond(requests.slice(recovered))).toBeLessThanOrEqual(200 + 50);
    expect(requests.slice(recovered, recovered + 3).map(({ count }) => count)).toEqual([1, 2, 4]);
    expect(idsOf(healthy.events())).toEqual(ids(1, n));
    expect(other).toMatchObject({ delivered: n });
  });

  it("loses nothing with an outbox, on bounded disk, and is caught up at a bounded rate", async () => {
    const folder = await mkdtemp(join(tmpdir(), "outbox-"));
    const timers = manualTimers();
    const { sink, state, events, requests } = receiver(timers);
    const resilient = createResilientSink(sink, { random: createRandom(4).next, ...limits });
    const outbox = await openOutbox({
      folder,
      sinks: [resilient],
      timers,
      batchSize: 50,
      maxBytes: 5_000_000,
    });
    const bridge = createAdaptiveBridge({ sinks: [outbox], timers, capacity: 100 });
    /** Lets what is due run to its end, the disk's work included; the clock stands still meanwhile. */
    const rest = async () => {
      for (let quiet = 0, seen = ""; quiet < 4;) {
        await new Promise((resume) => setTimeout(resume, 1));
        await timers.turn();
        const now = JSON.stringify([bridge.stats(), outbox.stats(), requests.length]);
        const isStored = bridge.stats().sinks[0]!.queued === 0;
        quiet = now === seen && isStored ? quiet + 1 : 0;
        seen = now;
      }
    };
    let n = 0;
    state.isUp = false;
    for (let passed = 0; passed < HOUR_MS; passed += 30_000) {
      for (let i = 0; i < 30; i++) bridge.emit(eventOf(++n));
      await rest();
      await timers.advance(30_000);
      expect(outbox.stats().bytes).toBeLessThanOrEqual(5_000_000);
    }
    await rest();
    expect(n).toBe(3_600);
    expect(outbox.stats()).toMatchObject({
      stored: 3_600,
      sinks: [{ pending: 3_600, delivered: 0 }],
    });
    expect(requests.length).toBeLessThan(140);
    state.isUp = true;
    const recovered = requests.length;
    for (let passed = 0; passed < 90_000 && events.length < n; passed += 250) {
      await timers.advance(250);
      await rest();
    }
    expect(idsOf(events)).toEqual(ids(1, n));
    expect(outbox.stats().sinks[0]).toMatchObject({ delivered: 3_600, pending: 0 });
    expect(peakPerSecond(requests.slice(recovered))).toBeLessThanOrEqual(200 + 50);
    await outbox.close();
    await rm(folder, { recursive: true, force: true });
  });
});
