import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeTimers } from "../src/adapters/node/index.js";
import { openOutbox } from "../src/adapters/outbox/index.js";
import { createResilientSink } from "../src/adapters/resilient/index.js";
import { type BridgeSink, createAdaptiveBridge, type SetAsideListener } from "../src/index.js";
import { Isolation } from "../src/internal/isolation.js";
import { eventOf, ids, idsOf } from "./support/events.js";
import { manualTimers } from "./support/timers.js";

let folder = "";
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "outbox-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

type Kind = "throws" | "answers" | "hangs up";

/** A receiver that fails at whatever batch has a poisonous event, as an HTTP server that answers 500 does. */
function receiver(isPoison: (id: string) => boolean, kind: Kind) {
  const arrived: string[] = [];
  const state = { isDown: false, requests: 0 };
  const write: BridgeSink["write"] = (batch) => {
    state.requests++;
    if (!state.isDown && !batch.some(({ event_id }) => isPoison(event_id))) {
      return void arrived.push(...idsOf(batch));
    }
    if (kind === "throws") throw new Error("500");
    if (kind === "hangs up") return Promise.reject(new Error("socket hang up"));
    return { done: 0, reason: "status 500" };
  };
  const firsts = () => [...new Set(arrived)];
  return { sink: { name: "core", write } satisfies BridgeSink, arrived, firsts, state };
}

const kinds: Kind[] = ["throws", "answers", "hangs up"];
const cases: [string, Kind, (id: string) => boolean, string[]][] = kinds.flatMap((kind) => [
  [`one in the middle, ${kind}`, kind, (id: string) => id === "e-33", ["e-33"]],
  [`several in a row, ${kind}`, kind, (id: string) => /^e-2[2-5]$/.test(id), ids(22, 25)],
  [`the last, ${kind}`, kind, (id: string) => id === "e-60", ["e-60"]],
]);

describe("an event at which a receiver fails for ever", () => {
  it.each(cases)("is set aside behind an outbox, and the rest delivered: %s", async (...args) => {
    const [, kind, isPoison, poisonous] = args;
    const { sink, firsts } = receiver(isPoison, kind);
    const notified: [string, string, string][] = [];
    const outbox = await openOutbox({
      folder,
      sinks: [sink],
      timers: nodeTimers,
      retryDelayMs: 1,
      batchSize: 20,
      onSetAside: (event, name, reason) => notified.push([event.event_id, name, reason]),
    });
    let batch = Array.from({ length: 60 }, (_, n) => eventOf(n + 1));
    while (batch.length > 0) batch = batch.slice((await outbox.write(batch)).done);
    expect(await outbox.drained(20_000)).toBe(true);
    expect(firsts()).toEqual(ids(1, 60).filter((id) => !isPoison(id)));
    expect(outbox.stats().sinks[0]).toMatchObject({
      delivered: 60 - poisonous.length,
      dropped: { set_aside: poisonous.length, refused: 0 },
    });
    expect(notified.map(([id]) => id)).toEqual(poisonous);
    expect(notified[0]?.slice(1)).toEqual(["core", expect.stringMatching(/500|hang up/)]);
    await outbox.close();
  });

  it.each(cases)("is set aside in a bridge with a resilient sink: %s", async (...args) => {
    const [, kind, isPoison, poisonous] = args;
    const { sink, firsts } = receiver(isPoison, kind);
    const timers = manualTimers();
    const notified: string[] = [];
    const onSetAside: SetAsideListener = ({ event_id }: ShieldEvent) => notified.push(event_id);
    const resilient = createResilientSink(sink, {
      random: () => 0.5,
      maxEventsPerSecond: 1_000_000,
    });
    const options = { sinks: [resilient], timers, batchSize: 20, onSetAside };
    const bridge = createAdaptiveBridge(options);
    for (let n = 1; n <= 60; n++) bridge.emit(eventOf(n));
    // Each of them takes some 15 tries, at most a minute apart.
    for (let minute = 0; minute < 10 * poisonous.length; minute++) await timers.advance(60_000);
    expect(firsts()).toEqual(ids(1, 60).filter((id) => !isPoison(id)));
    expect(bridge.stats().sinks[0]).toMatchObject({
      delivered: 60 - poisonous.length,
      queued: 0,
      dropped: { set_aside: poisonous.length, sink_failed: 0 },
    });
    expect(notified).toEqual(poisonous);
  });

  it("is kept while the receiver is down, however long, and nothing comes out of order", async () => {
    const { sink, firsts, state } = receiver(() => false, "answers");
    const timers = manualTimers();
    const resilient = createResilientSink(sink, {
      random: () => 0.5,
      maxEventsPerSecond: 1_000_000,
    });
    const bridge = createAdaptiveBridge({ sinks: [resilient], timers });
    bridge.emit(eventOf(1));
    await timers.turn();
    state.isDown = true;
    for (let n = 2; n <= 50; n++) bridge.emit(eventOf(n));
    for (let minute = 0; minute < 24 * 60; minute++) await timers.advance(60_000);
    expect(bridge.stats().sinks[0]).toMatchObject({ queued: 49, dropped: { set_aside: 0 } });
    // A try each 45 seconds at most, and a test at 2, 4, 8 … of them.
    expect(state.requests).toBeLessThan(24 * 60 * 2 + 30);
    state.isDown = false;
    for (let n = 0; n < 5; n++) await timers.advance(60_000);
    expect(firsts()).toEqual(ids(1, 50));
  });
});

describe("Isolation", () => {
  it("sets nothing aside of a sink that has taken nothing, and needs another event for a test", () => {
    const isolation = new Isolation<number>();
    for (let n = 0; n < 1_000; n++) {
      const offer = isolation.choose([1]);
      expect(offer).toEqual({ items: [1], isTest: false });
      expect(isolation.conclude(offer, { done: 0, refused: 0 })).toBe("wait");
    }
  });

  it("takes an event that was refused for no test", () => {
    const isolation = new Isolation<number>();
    isolation.conclude(isolation.choose([1]), { done: 1, refused: 1 });
    for (let n = 0; n < 7; n++) {
      const offer = isolation.choose([2]);
      expect(offer.isTest).toBe(false);
      isolation.conclude(offer, { done: 0, refused: 0 });
    }
  });
});
