import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import fc from "fast-check";
import { build } from "tsup";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createSignalConsumer, createSignalPublisher } from "../../src/adapters/nats.js";
import { applyMessage } from "../../src/adapters/nats/message.js";
import { createNetworkState } from "../../src/index.js";
import { report, reportArbitrary } from "../signals.js";
import { connectTo, hasNats, hasNatsServer, ownServer } from "./nats-servers.js";

const NATS = await hasNats();
const NATS_SERVER = hasNatsServer();
const FOLDER = join(import.meta.dirname, "../../.bench/test");
const SIGNALS = Number(process.env["CRASH_SIGNALS"] ?? 20_000);
const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 2);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const until = (check: () => boolean) =>
  vi.waitFor(() => expect(check()).toBe(true), { timeout: 50_000, interval: 10 });

async function newStream(connection: NatsConnection, over: Partial<StreamConfig> = {}) {
  const name = `dqsn-test-${randomUUID()}`;
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name, subjects: [`${name}.>`], ...over });
  cleanups.push(() => manager.streams.delete(name).catch(() => undefined));
  return { name, manager, subject: `${name}.a` };
}

async function setUp() {
  const connection = await connectTo();
  cleanups.push(() => connection.close());
  const stream = await newStream(connection);
  const js = jetstream(connection);
  const consume = (over: Partial<Parameters<typeof createSignalConsumer>[0]> = {}) => {
    const network = createNetworkState();
    const options = { jetstream: js, stream: stream.name, network, authorize: () => true, ...over };
    const consumer = createSignalConsumer(options);
    cleanups.push(() => consumer.close());
    return { consumer, network };
  };
  const publisher = createSignalPublisher({
    connection,
    jetstream: js,
    subject: stream.subject,
    reporter: "r",
  });
  return { connection, js, ...stream, consume, publisher };
}

describe("applyMessage", () => {
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  it("gives any two consumers one digest, whatever order, redelivery and looks they saw", () => {
    const message = fc.record({
      signal: reportArbitrary,
      storedAtMs: fc.integer({ min: 1_000, max: 9_000 }),
    });
    const run = (messages: { signal: unknown; storedAtMs: number }[], looksAt: number[]) => {
      const network = createNetworkState({ ttl_ms: 4_000 });
      const target = { network, authorize: () => true, maxFutureMs: 5_000, clock: () => 9_000 };
      for (const [index, { signal, storedAtMs }] of messages.entries()) {
        applyMessage({ subject: "s", data: encode(signal), storedAtMs }, target);
        if (looksAt[index] !== undefined) network.view(looksAt[index]);
      }
      return network.view(9_500).digest;
    };
    const cases = fc
      .array(message, { maxLength: 20 })
      .chain((messages) =>
        fc.tuple(
          fc.constant(messages),
          fc.shuffledSubarray([...messages, ...messages], { minLength: 2 * messages.length }),
          fc.array(fc.integer({ min: 1_000, max: 9_500 })),
        ),
      );
    fc.assert(
      fc.property(cases, ([messages, shuffled, looks]) => {
        expect(run(shuffled, looks)).toBe(run(messages, []));
      }),
    );
  });

  it("decides by the message alone what is from the future", () => {
    for (const clock of [() => 1_000, () => 900_000]) {
      const target = {
        network: createNetworkState(),
        authorize: () => true,
        maxFutureMs: 5_000,
        clock,
      };
      const data = encode(report({ observed_at: 6_001 }));
      expect(applyMessage({ subject: "s", data, storedAtMs: 1_000 }, target)).toBe("refused");
    }
  });

  it("survives anything", () => {
    const target = {
      network: createNetworkState(),
      authorize: () => true,
      maxFutureMs: 0,
      clock: () => 1,
    };
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        expect(applyMessage({ subject: "s", data, storedAtMs: 1 }, target)).toBe("malformed");
      }),
    );
  });
});

describe.skipIf(!NATS)("createSignalPublisher", () => {
  it("stores each signal once under reporter and sequence, dated when it was handed over", async () => {
    const { publisher, manager, name, js, connection, subject } = await setUp();
    const first = publisher.publish(report());
    expect(first).toMatchObject({ accepted: true, message_id: expect.stringMatching(/^r:\d+$/) });
    expect(await publisher.flush(5_000)).toBe(true);
    const stored = await manager.streams.getMessage(name, { seq: 1 });
    expect(stored!.header.get("Nats-Msg-Id")).toBe((first as { message_id: string }).message_id);
    expect(stored!.json<{ observed_at: number }>().observed_at).toBeGreaterThan(1e12);

    const sequence = Number((first as { message_id: string }).message_id.slice(2));
    const again = createSignalPublisher({
      connection,
      jetstream: js,
      subject,
      reporter: "r",
      firstSequence: sequence,
    });
    again.publish(report());
    await again.flush(5_000);
    expect(again.stats()).toMatchObject({ published: 1, duplicates: 1 });
    expect((await manager.streams.info(name)).state.messages).toBe(1);
  });

  it("refuses what is no signal, at once", async () => {
    const { publisher } = await setUp();
    expect(publisher.publish(report({ severity: 2 }))).toEqual({
      accepted: false,
      code: "DQSN_ERROR_SIGNAL_INVALID",
      path: "/severity",
    });
    expect(publisher.stats().buffered).toBe(0);
  });
});

describe.skipIf(!NATS)("createSignalConsumer", () => {
  it("counts and skips malformed, unauthorised and future messages, and takes the rest", async () => {
    const { js, subject, publisher, consume } = await setUp();
    for (const data of [
      "",
      "{",
      '{"a":1,"a":2}',
      "\u0000",
      JSON.stringify({ ...report(), x: 1 }),
    ]) {
      await js.publish(subject, data);
    }
    await js.publish(subject, JSON.stringify(report({ node_id: "forged" })));
    await js.publish(subject, JSON.stringify(report({ observed_at: Date.now() + 3_600_000 })));
    publisher.publish(report());
    await publisher.flush(5_000);
    const { consumer, network } = consume({ authorize: ({ node_id }) => node_id !== "forged" });
    await until(() => consumer.stats().position === 8);
    expect(consumer.stats()).toMatchObject({
      accepted: 1,
      malformed: 5,
      unauthorized: 1,
      refused: 1,
      pending: 0,
    });
    expect(network.view(Date.now()).live_operators).toBe(1);
  });

  it("gives several consumers one digest: from the start, from a position, twice, from a stale position", async () => {
    const { publisher, consume, name } = await setUp();
    const publish = (from: number, to: number) => {
      for (let i = from; i < to; i++)
        publisher.publish(report({ node_id: `n-${i % 50}`, severity: (i % 100) / 100 }));
    };
    publish(0, 500);
    const first = consume();
    await until(() => first.consumer.stats().accepted === 500);
    const position = first.consumer.position()!;
    const resumed = consume({ position, network: first.network });
    const stale = consume({
      position: { stream: name, stream_created: "2020-01-01T00:00:00Z", sequence: 400 },
    });
    publish(500, 1_000);
    const late = consume();
    await publisher.flush(10_000);
    const all = [first, resumed, stale, late];
    await until(() => all.every(({ consumer }) => consumer.stats().position === 1_000));
    expect(resumed.consumer.stats().accepted).toBe(500);
    expect(stale.consumer.stats().accepted).toBe(1_000);
    const nowMs = Date.now();
    expect(stale.network.view(nowMs).digest).toBe(first.network.view(nowMs).digest);
    expect(late.network.view(nowMs).digest).toBe(first.network.view(nowMs).digest);
  });
});

describe.skipIf(!NATS_SERVER)("a server that is gone for a while", () => {
  it("makes a publisher buffer within its bound and count its losses; both sides recover by themselves", async () => {
    const server = await ownServer();
    cleanups.push(() => rmSync(server.folder, { recursive: true, force: true }));
    server.start();
    cleanups.push(() => server.stop());
    const connection = await vi.waitFor(() => connectTo(server.url), { timeout: 20_000 });
    cleanups.push(() => connection.close());
    const { name, subject } = await newStream(connection);
    const js = jetstream(connection);
    const network = createNetworkState();
    const consumer = createSignalConsumer({
      jetstream: js,
      stream: name,
      network,
      authorize: () => true,
    });
    cleanups.push(() => consumer.close());
    const publisher = createSignalPublisher({
      connection,
      jetstream: js,
      subject,
      reporter: "r",
      maxBuffered: 100,
      ackTimeoutMs: 1_000,
    });
    publisher.publish(report({ node_id: "before" }));
    await until(() => consumer.stats().accepted === 1);

    await server.stop();
    await until(() => !publisher.stats().connected);
    for (let i = 0; i < 150; i++) publisher.publish(report({ node_id: `n-${i}` }));
    expect(publisher.stats()).toMatchObject({ buffered: 100, dropped: 50, published: 1 });

    server.start();
    await until(() => publisher.stats().published === 101);
    await until(() => consumer.stats().accepted === 101);
    expect(publisher.stats()).toMatchObject({ connected: true, buffered: 0, dropped: 50 });
    expect(network.view(Date.now()).live_operators).toBe(101);
  });
});

describe.skipIf(!NATS)("kill -9", () => {
  it.each([
    ["with", "checkpoint.json"],
    ["without", ""],
  ])(
    `leaves a consumer %s checkpoints with the digest of one that never died (${SIGNALS} signals)`,
    async (_, file) => {
      await build({
        config: false,
        entry: [join(import.meta.dirname, "programs/consumer.ts")],
        format: "esm",
        target: "node20",
        outDir: FOLDER,
        silent: true,
        skipNodeModulesBundle: true,
        noExternal: [/@dgb-shield/],
        esbuildOptions: (options) => void (options.conditions = ["@dgb-shield/source"]),
      });
      const connection = await connectTo();
      cleanups.push(() => connection.close());
      const { name, subject } = await newStream(connection);
      const js = jetstream(connection);
      const publisher = createSignalPublisher({
        connection,
        jetstream: js,
        subject,
        reporter: "r",
        maxBuffered: SIGNALS,
      });
      const path = file === "" ? "" : join(FOLDER, `${name}-${file}`);
      cleanups.push(() => rmSync(path, { force: true }));
      const steady = startConsumer(name, "");
      let victim = startConsumer(name, path);
      for (let i = 0; i < SIGNALS; i++) {
        publisher.publish(report({ node_id: `n-${i % 5_000}`, severity: (i % 1_000) / 1_000 }));
      }
      for (let round = 1; round <= ROUNDS; round++) {
        await until(() => victim.at() > (SIGNALS * round) / (ROUNDS + 2));
        expect(victim.at()).toBeLessThan(SIGNALS);
        await victim.kill();
        victim = startConsumer(name, path);
      }
      expect(await publisher.flush(60_000)).toBe(true);
      await until(() => steady.at() === SIGNALS && victim.at() === SIGNALS);
      const nowMs = Date.now();
      expect(await victim.digest(nowMs)).toBe(await steady.digest(nowMs));
      if (file !== "") expect(victim.from()).toBeGreaterThan(0);
    },
  );
});

function startConsumer(stream: string, file: string) {
  const url = process.env["NATS_URL"] ?? "nats://127.0.0.1:4222";
  const child: ChildProcess = spawn(
    process.execPath,
    [join(FOLDER, "consumer.js"), url, stream, file],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout!.on("data", (chunk) => (text = (text + String(chunk)).slice(-4_096)));
  const last = (pattern: RegExp) => [...text.matchAll(pattern)].at(-1)?.[1];
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  cleanups.push(kill);
  return {
    at: () => Number(last(/^at (\d+) /gm) ?? 0),
    from: () => Number(last(/ from (\d+)$/gm) ?? 0),
    kill,
    digest: async (nowMs: number) => {
      child.stdin!.write(`${nowMs}\n`);
      await until(() => last(/^digest (\w+)$/gm) !== undefined);
      return last(/^digest (\w+)$/gm);
    },
  };
}
