import vm from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createResilientSink } from "../src/adapters/resilient/index.js";
import { openOutbox } from "../src/adapters/outbox/index.js";
import { nodeTimers } from "../src/adapters/node/index.js";
import { type AdaptiveBridge, type BridgeSink, createAdaptiveBridge } from "../src/index.js";
import { describeError } from "../src/internal/describe-error.js";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventOf } from "./support/events.js";
import { recordingSink } from "./support/sinks.js";

const trap = (): never => {
  throw new Error("trap");
};
const loop = new Error("round and round");
loop.cause = loop;
const rejectWith = (reason: unknown): Promise<never> =>
  Promise.resolve().then(() => {
    throw reason;
  });
const hostile: Record<string, () => unknown> = {
  "a rejected promise of another realm": () =>
    vm.runInNewContext("Promise.reject(new Error('other realm'))"),
  "an error of another realm": () => {
    throw vm.runInNewContext("new Error('other realm')");
  },
  "a rejected promise": () => Promise.reject(new Error("down")),
  "a thenable that throws": () => ({ then: trap }),
  "a thenable whose then is a trap": () => Object.defineProperty({}, "then", { get: trap }),
  "a thenable that rejects later": () => ({
    then: (_: unknown, reject: (e: unknown) => void) =>
      setTimeout(() => reject(new Error("late")), 1),
  }),
  "an error that is a proxy": () =>
    Promise.reject(new Proxy(new Error("x"), { get: trap, getPrototypeOf: trap })),
  "an error whose message is no text": () =>
    Promise.reject(Object.assign(new Error(), { message: { toString: trap } })),
  "an error that causes itself": () => Promise.reject(loop),
  "an error whose cause is a trap": () =>
    Promise.reject(Object.defineProperty(new Error("x"), "cause", { get: trap })),
  "a symbol": () => rejectWith(Symbol("s")),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return rejectWith(proxy);
  },
};

const unhandled: unknown[] = [];
const note = (reason: unknown): unknown => unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note).on("uncaughtException", note));
afterEach(() => {
  process.off("unhandledRejection", note).off("uncaughtException", note);
  // Compared by number: an error of the tests may throw when it is printed.
  expect(unhandled.splice(0).length).toBe(0);
});
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

describe.each(Object.entries(hostile))("%s", (_, fail) => {
  it("from a sink ends nothing, and holds up no other sink", async () => {
    const { sink, events } = recordingSink();
    const ill = (name: string): BridgeSink => ({
      name,
      write: fail as never,
      close: fail as never,
    });
    const sinks = [ill("ill"), createResilientSink(ill("resilient"), { random: () => 0.5 }), sink];
    const bridge = createAdaptiveBridge({
      sinks,
      timers: nodeTimers,
      retryDelayMs: 1,
      closeTimeoutMs: 50,
    });
    bridge.emit(eventOf(1));
    await vi.waitFor(() => expect(events().length).toBe(1), 5_000);
    for (const { last_error } of bridge.stats().sinks) {
      expect(last_error === null || typeof last_error === "string").toBe(true);
    }
    await bridge.close();
  });

  it("from listeners, headers and timers ends nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "outbox-"));
    const callThen = (work: () => void): never => {
      work();
      return Promise.resolve().then(fail) as never;
    };
    const timers = {
      soon: (task: () => void) => callThen(() => setImmediate(task)),
      after(ms: number, task: () => void) {
        const timer = setTimeout(task, ms);
        return () => callThen(() => clearTimeout(timer));
      },
    };
    const outbox = await openOutbox({
      folder,
      sinks: [{ name: "ill", write: fail as never }],
      timers,
      retryDelayMs: 1,
      onDurable: fail,
      onSetAside: fail,
    });
    const bridge = createAdaptiveBridge({
      sinks: [outbox],
      timers,
      onSetAside: fail,
    });
    bridge.emit(eventOf(1));
    await vi.waitFor(() => expect(outbox.stats().stored).toBe(1), 5_000);
    await pause(10);
    await bridge.close();
    await rm(folder, { recursive: true, force: true });
  });
});

describe("a sink that emits", () => {
  it("is served in a later turn, each time", async () => {
    let calls = 0;
    const write = (): void => {
      if (++calls < 5) bridge.emit(eventOf(calls));
    };
    const sinks = [{ name: "echo", write }];
    const bridge: AdaptiveBridge = createAdaptiveBridge({ sinks, timers: nodeTimers });
    bridge.emit(eventOf(0));
    const served = { delivered: 5, queued: 0 };
    await vi.waitFor(() => expect(bridge.stats().sinks[0]).toMatchObject(served), 5_000);
    await bridge.close();
  });
});

describe("describeError", () => {
  it.each<[string, unknown, string]>([
    [
      "credentials of a URL",
      new Error("GET http://user:s3cret@host/x failed"),
      "GET http://host/x failed",
    ],
    ["a password with an @", new Error("nats://u:p@ss@host:4222 down"), "nats://host:4222 down"],
    ["the query of a URL", new Error('for "https://h/a?token=s3cret"'), 'for "https://h/a"'],
    ["a token", new Error('"Bearer s3cret\n" is invalid'), '"Bearer …\n" is invalid'],
    ["a password in a cause", new Error("x", { cause: new Error("a://u:s3cret@h") }), "x: a://h"],
    ["a text", "postgres://u:s3cret@h/db", "postgres://h/db"],
  ])("has nothing of %s", (_, error, text) => expect(describeError(error)).toBe(text));

  it("follows causes, each once, and an end", () => {
    expect(describeError(new Error("fetch failed", { cause: new Error("ECONNREFUSED") }))).toBe(
      "fetch failed: ECONNREFUSED",
    );
    expect(describeError(loop)).toBe("round and round");
    expect(describeError(new Error("x".repeat(1e6))).length).toBe(256);
  });
});
