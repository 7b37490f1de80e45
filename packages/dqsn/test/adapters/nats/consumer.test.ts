import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { SignalV2, TimeReading } from "@dgb-shield/contract";
import fc from "fast-check";
import { buildPrograms } from "@dgb-shield/tsup-config/programs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import {
  createSignalConsumer,
  createSignalPublisher,
  type LostSignal,
  speaksAs,
} from "../../../src/adapters/nats/index.js";
import { applyMessage } from "../../../src/adapters/nats/message.js";
import { createNetworkState } from "../../../src/index.js";
import { report, reportArbitrary } from "../../support/signals.js";
import { connectTo, hasNats, hasNatsServer, ownServer } from "../../support/nats-servers.js";

const NATS = await hasNats();
const NATS_SERVER = hasNatsServer();
const FOLDER = join(import.meta.dirname, "../../../.bench/test");
const SIGNALS = Number(process.env["CRASH_SIGNALS"] ?? runs(3_000, 20_000));
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
    publisherId: "r",
  });
  return { connection, js, ...stream, consume, publisher };
}

describe("applyMessage", () => {
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const NOW = 1_782_664_800_000;

  it("gives any two consumers one digest, whatever order, redelivery and looks they saw", () => {
    const message = fc.record({
      signal: reportArbitrary.map((signal) =>
        signal.observed_at === undefined
          ? signal
          : { ...signal, observed_at: NOW + signal.observed_at },
      ),
      storedAtMs: fc.integer({ min: NOW + 1_000, max: NOW + 9_000 }),
    });
    const run = (messages: { signal: unknown; storedAtMs: number }[], looksAt: number[]) => {
      const network = createNetworkState({ ttl_ms: 4_000 });
      const target = {
        network,
        authorize: () => true,
        maxFutureMs: 5_000,
        clock: () => NOW + 9_000,
      };
      for (const [index, { signal, storedAtMs }] of messages.entries()) {
        applyMessage({ subject: "s", data: encode(signal), storedAtMs }, target);
        if (looksAt[index] !== undefined) network.view(looksAt[index]);
      }
      return network.view(NOW + 9_500).digest;
    };
    const cases = fc
      .array(message, { maxLength: 20 })
      .chain((messages) =>
        fc.tuple(
          fc.constant(messages),
          fc.shuffledSubarray([...messages, ...messages], { minLength: 2 * messages.length }),
          fc.array(fc.integer({ min: NOW + 1_000, max: NOW + 9_500 })),
        ),
      );
    fc.assert(
      fc.property(cases, ([messages, shuffled, looks]) => {
        expect(run(shuffled, looks)).toBe(run(messages, []));
      }),
    );
  });

  it("decides by the message alone what is from the future", () => {
    for (const clock of [() => NOW, () => NOW + 900_000]) {
      const target = {
        network: createNetworkState(),
        authorize: () => true,
        maxFutureMs: 5_000,
        clock,
      };
      const data = encode(report({ observed_at: NOW + 5_001 }));
      expect(applyMessage({ subject: "s", data, storedAtMs: NOW }, target)).toBe("refused");
    }
  });

  it("survives anything", () => {
    const target = {
      network: createNetworkState(),
      authorize: () => true,
      maxFutureMs: 0,
      clock: () => NOW,
    };
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        expect(applyMessage({ subject: "s", data, storedAtMs: NOW }, target)).toBe("malformed");
      }),
    );
  });

  it.each([
    ["20 s behind", NOW - 20_000, () => NOW - 20_000],
    ["an hour behind", NOW - 3_600_000, () => NOW - 3_600_000],
    ["without a time", NOW, () => NaN],
    ["that throws", NOW, () => JSON.parse("") as number],
    ["in seconds", NOW, () => NOW / 1_000],
  ])("loses no alarm to an own clock %s", (_, viewedAtMs, clock) => {
    const network = createNetworkState();
    const target = { network, authorize: () => true, maxFutureMs: 5_000, clock };
    const apply = (signal: object, storedAtMs: number) =>
      applyMessage({ subject: "s", data: encode(signal), storedAtMs }, target);
    const calm = report({ severity: 0, observed_at: NOW - 30_000 });
    const alarm = report({ severity: 1, observed_at: NOW });
    expect([apply(calm, NOW - 1), apply(alarm, NOW)]).toEqual(["accepted", "accepted"]);
    expect(network.view(viewedAtMs).level).toBe("CRITICAL_LOCAL");
  });

  it("hands on what was accepted, without a second check, under its own date", () => {
    const taken: unknown[] = [];
    const network = { ingest: (signal: unknown) => (taken.push(signal), { accepted: true }) };
    const target = { network, authorize: () => true, maxFutureMs: 0, clock: () => NOW } as never;
    const dated = encode(report({ observed_at: NOW }));
    Object.defineProperty(Object.prototype, "observed_at", {
      value: 1,
      configurable: true,
      writable: true,
    });
    try {
      applyMessage({ subject: "s", data: dated, storedAtMs: NOW }, target);
      applyMessage({ subject: "s", data: encode(report()), storedAtMs: NOW }, target);
    } finally {
      Reflect.deleteProperty(Object.prototype, "observed_at");
    }
    expect(taken).toMatchObject([{ accepted: true }, { node_id: "node-a", observed_at: NOW }]);
  });

  it("applies a late message as of its storage, on both clocks, and a new one as of now", () => {
    const readings: unknown[] = [];
    const live = createNetworkState();
    const network = {
      ...live,
      ingest: (_: unknown, at: TimeReading) => (readings.push(at), live.ingest(_, at)),
    };
    const clock = () => ({ now_ms: NOW, monotonic_ms: 500_000 });
    const target = { network, authorize: () => true, maxFutureMs: 0, clock };
    const offsets = [-60_000, -50_000, -60_000, -100, -40_000, 100];
    for (const [index, offset] of offsets.entries()) {
      const data = encode(report({ node_id: `n-${index}` }));
      applyMessage({ subject: "s", data, storedAtMs: NOW + offset }, target);
    }
    const now = { now_ms: NOW, monotonic_ms: 500_000 };
    expect(readings).toEqual([
      { now_ms: NOW - 60_000, monotonic_ms: 440_000 },
      { now_ms: NOW - 50_000, monotonic_ms: 450_000 },
      now,
      now,
      now,
      now,
    ]);
  });

  it("lets two nodes of one company be no quorum, with the README's authorize", () => {
    const acme = {
      operator: "acme",
      node_ids: ["acme-1", "acme-2"],
      sources: ["sentinel"],
    } as const;
    const speakers = new Map([["dqsn.signals.acme", speaksAs(acme)]]);
    const network = createNetworkState();
    const target = {
      network,
      authorize: (signal: SignalV2, subject: string) => speakers.get(subject)?.(signal) === true,
      maxFutureMs: 0,
      clock: () => NOW,
    };
    const alarm = report({ severity: 1, operator: "acme" });
    const cases = [
      ["dqsn.signals.acme", { ...alarm, node_id: "acme-1" }, "accepted"],
      ["dqsn.signals.acme", { ...alarm, node_id: "acme-2" }, "accepted"],
      ["dqsn.signals.acme", report({ node_id: "acme-2", severity: 1 }), "unauthorized"],
      ["dqsn.signals.acme", { ...alarm, node_id: "acme-2", operator: "bolt" }, "unauthorized"],
      ["dqsn.signals.acme", { ...alarm, node_id: "acme-2", source: "adn" }, "unauthorized"],
      ["dqsn.signals.bolt", { ...alarm, node_id: "acme-2" }, "unauthorized"],
    ] as const;
    for (const [subject, signal, outcome] of cases) {
      expect(applyMessage({ subject, data: encode(signal), storedAtMs: NOW }, target)).toBe(
        outcome,
      );
    }
    expect(network.view(NOW)).toMatchObject({ level: "CRITICAL_LOCAL", live_operators: 1 });
  });

  it("brings nothing back that has expired, however often it is read", () => {
    const network = createNetworkState({ hold_ms: 0 });
    const clock = () => ({ now_ms: NOW, monotonic_ms: 500_000 });
    const target = { network, authorize: () => true, maxFutureMs: 0, clock };
    const read = (storedAtMs: number, over: object) =>
      applyMessage({ subject: "s", data: encode(report(over)), storedAtMs }, target);
    read(NOW - 400_000, { severity: 1 });
    read(NOW, { node_id: "node-b" });
    expect(read(NOW - 400_000, { severity: 1 })).toBe("refused");
    expect(network.view(clock()).level).toBe("NORMAL");
  });
});

describe.skipIf(!NATS)("createSignalPublisher", () => {
  it("stores each signal once under an unguessable id, dated when it was handed over", async () => {
    const { publisher, manager, name } = await setUp();
    const answers = [publisher.publish(report()), publisher.publish(report())];
    const ids = answers.map((answer) => (answer as { message_id: string }).message_id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^r:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await publisher.flush(5_000)).toBe(true);
    const stored = await manager.streams.getMessage(name, { seq: 1 });
    expect(stored!.header.get("Nats-Msg-Id")).toBe(ids[0]);
    expect(stored!.json<{ observed_at: number }>().observed_at).toBeGreaterThan(1e12);
  });

  it("stores an alarm although another sender took its id, and counts the collision", async () => {
    const { js, name, connection, subject, manager } = await setUp();
    const tokens = ["1", "2"];
    await js.publish(`${name}.liar`, JSON.stringify(report()), { msgID: "r:1" });
    const publisher = createSignalPublisher({
      connection,
      jetstream: js,
      subject,
      publisherId: "r",
      createToken: () => tokens.shift()!,
    });
    publisher.publish(report({ severity: 1 }));
    expect(await publisher.flush(5_000)).toBe(true);
    expect(publisher.stats()).toMatchObject({
      published: 1,
      collisions: 1,
      duplicates: 0,
      failures: 1,
    });
    expect((await manager.streams.info(name)).state.messages).toBe(2);
    const alarm = await manager.streams.getMessage(name, { seq: 2 });
    expect([
      alarm!.json<{ severity: number }>().severity,
      alarm!.header.get("Nats-Msg-Id"),
    ]).toEqual([1, "r:2"]);
  });

  it("sets a signal aside that is larger than the stream's maximum, and stores the rest in order", async () => {
    const connection = await connectTo();
    cleanups.push(() => connection.close());
    const { name, subject, manager } = await newStream(connection, { max_msg_size: 1_000 });
    const lost: LostSignal[] = [];
    const publisher = createSignalPublisher({
      connection,
      jetstream: jetstream(connection),
      subject,
      publisherId: "r",
      onLost: (signal) => lost.push(signal),
    });
    const large = report({ node_id: "large", metadata: { text: "x".repeat(2_000) } });
    for (let i = 0; i < 300; i++)
      publisher.publish(i === 3 ? large : report({ node_id: `n-${i}` }));
    expect(await publisher.flush(20_000)).toBe(true);
    expect(publisher.stats()).toMatchObject({ published: 299, setAside: 1, buffered: 0 });
    expect(lost).toMatchObject([{ reason: "refused" }]);
    expect(JSON.parse(lost[0]!.text)).toMatchObject({ node_id: "large" });
    const order: number[] = [];
    for (let seq = 1; seq <= 299; seq++) {
      const { node_id } = (await manager.streams.getMessage(name, { seq }))!.json<{
        node_id: string;
      }>();
      order.push(Number(node_id.slice(2)));
    }
    expect(order).toEqual(order.toSorted((a, b) => a - b));
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
      publisherId: "r",
      maxBuffered: 100,
      ackTimeoutMs: 1_000,
    });
    publisher.publish(report({ node_id: "before" }));
    await until(() => consumer.stats().accepted === 1);

    await server.stop();
    await until(() => !publisher.stats().connected && !consumer.stats().connected);
    for (let i = 0; i < 150; i++) publisher.publish(report({ node_id: `n-${i}` }));
    expect(publisher.stats()).toMatchObject({ buffered: 100, dropped: 50, published: 1 });

    server.start();
    await until(() => publisher.stats().published === 101);
    await until(() => consumer.stats().accepted === 101);
    expect(publisher.stats()).toMatchObject({ connected: true, buffered: 0, dropped: 50 });
    expect(consumer.stats().connected).toBe(true);
    expect(network.view(Date.now()).live_operators).toBe(101);
  });
});

describe.skipIf(!NATS_SERVER)("connected", () => {
  it.each([
    ["with its connection", true],
    ["by probes alone", false],
  ])("turns false within two probes of the server's end, and true again (%s)", async (_, given) => {
    const server = await ownServer();
    cleanups.push(() => rmSync(server.folder, { recursive: true, force: true }));
    server.start();
    cleanups.push(() => server.stop());
    const connection = await vi.waitFor(() => connectTo(server.url), { timeout: 20_000 });
    cleanups.push(() => connection.close());
    const { name } = await newStream(connection);
    const consumer = createSignalConsumer({
      jetstream: jetstream(connection),
      stream: name,
      network: createNetworkState(),
      authorize: () => true,
      probeMs: 300,
      ...(given ? { connection } : {}),
    });
    cleanups.push(() => consumer.close());
    await until(() => consumer.stats().connected);
    server.pause();
    const stopped = performance.now();
    await until(() => !consumer.stats().connected);
    expect(performance.now() - stopped).toBeLessThan(2 * 300 + 500);
    server.resume();
    await until(() => consumer.stats().connected);
    await server.stop();
    const died = performance.now();
    await until(() => !consumer.stats().connected);
    expect(performance.now() - died).toBeLessThan(2 * 300 + 500);
    server.start();
    await until(() => consumer.stats().connected);
  });
});

describe.skipIf(!NATS)("a consumer whose clock is 20 s behind", () => {
  it("counts an alarm at once, and shows the skew", async () => {
    const { js, subject, consume } = await setUp();
    const clock = () => Date.now() - 20_000;
    const { consumer, network } = consume({ clock });
    for (const node_id of ["a", "b"]) {
      const calm = { ...report({ node_id, operator: node_id }), type: "calm", severity: 0 };
      await js.publish(subject, JSON.stringify({ ...calm, observed_at: Date.now() - 30_000 }));
      const alarm = report({ node_id, operator: node_id, severity: 1, observed_at: Date.now() });
      await js.publish(subject, JSON.stringify(alarm));
    }
    await until(() => consumer.stats().position === 4);
    expect(consumer.stats()).toMatchObject({ accepted: 4, refused: 0 });
    expect(consumer.stats().clockSkewMs).toBeGreaterThan(-21_000);
    expect(consumer.stats().clockSkewMs).toBeLessThan(-19_000);
    expect(network.view(clock()).level).toBe("CRITICAL_GLOBAL");
  });
});

describe.skipIf(!NATS)("a message that cannot be applied", () => {
  it("is tried three times, counted and skipped, and the rest is applied", async () => {
    const { publisher, consume } = await setUp();
    const live = createNetworkState();
    let tries = 0;
    const network = {
      ...live,
      ingest: (...args: Parameters<typeof live.ingest>) => {
        if ((args[0] as { signal?: { node_id: string } }).signal?.node_id === "poison") {
          tries++;
          throw new Error("down");
        }
        return live.ingest(...args);
      },
    };
    for (const node_id of ["a", "poison", "b"]) publisher.publish(report({ node_id }));
    const { consumer } = consume({ network });
    await until(() => consumer.stats().position === 3);
    expect(consumer.stats()).toMatchObject({ accepted: 2, failed: 1, restarts: 0 });
    expect(tries).toBe(3);
  });
});

describe.skipIf(!NATS)("kill -9", () => {
  beforeAll(async () => {
    await buildPrograms([join(import.meta.dirname, "../../support/programs/consumer.ts")], FOLDER);
  });

  it.each([
    ["with", "checkpoint.json"],
    ["without", ""],
  ])(
    `leaves a consumer %s checkpoints with the digest of one that never died (${SIGNALS} signals)`,
    async (_, file) => {
      const connection = await connectTo();
      cleanups.push(() => connection.close());
      const { name, subject } = await newStream(connection);
      const js = jetstream(connection);
      const publisher = createSignalPublisher({
        connection,
        jetstream: js,
        subject,
        publisherId: "r",
        maxBuffered: SIGNALS,
        maxBufferedBytes: SIGNALS * 1_000,
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
