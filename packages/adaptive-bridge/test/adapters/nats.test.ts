import { randomUUID } from "node:crypto";
import { canonicalize, type ShieldEvent } from "@dgb-shield/contract";
import { jetstream, jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNatsSink, type NatsSinkOptions } from "../../src/adapters/nats/index.js";
import { nodeTimers } from "../../src/adapters/node/index.js";
import { createResilientSink } from "../../src/adapters/resilient/index.js";
import { createAdaptiveBridge } from "../../src/index.js";
import { eventOf, ids, idsOf } from "../support/events.js";
import { hasNats } from "../support/services.js";

const context = { signal: new AbortController().signal };

describe.skipIf(!(await hasNats()))("createNatsSink, with a NATS server", () => {
  const run = randomUUID();
  const stream = `bridge-${run}`;
  const prefix = `test.${run}`;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let options: NatsSinkOptions;
  beforeAll(async () => {
    connection = await connect({ servers: "127.0.0.1:4222" });
    manager = await jetstreamManager(connection);
    await manager.streams.add({ name: stream, subjects: [`${prefix}.>`], max_bytes: 10_000_000 });
    options = { jetstream: jetstream(connection), subjectPrefix: prefix };
  });
  afterAll(async () => {
    await manager.streams.delete(stream).catch(() => undefined);
    await connection.close();
  });
  const stored = async (): Promise<ShieldEvent[]> => {
    const { state } = await manager.streams.info(stream);
    const result: ShieldEvent[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      result.push(message!.json<ShieldEvent>());
    }
    return result;
  };

  it("stores events in order, once though they come twice, under layer and action", async () => {
    const sink = createNatsSink(options);
    const bridge = createAdaptiveBridge({ sinks: [sink], timers: nodeTimers, batchSize: 7 });
    for (let n = 1; n <= 30; n++) bridge.emit(eventOf(n));
    expect(await bridge.flush(10_000)).toBe(true);
    for (let n = 25; n <= 40; n++) bridge.emit(eventOf(n));
    expect(await bridge.flush(10_000)).toBe(true);
    expect(idsOf(await stored())).toEqual(ids(1, 40));
    const message = await manager.streams.getMessage(stream, { last_by_subj: `${prefix}.>` });
    expect(message!.subject).toBe(`${prefix}.wallet_guardian.wallet_frozen`);
    expect(message!.header.get("Nats-Msg-Id")).toBe("e-40");
    expect(message!.string()).toBe(canonicalize(eventOf(40)));
    await bridge.close();
  });

  it.each(["plain", "resilient"])(
    "sets an event above the stream's maximum aside, and delivers the 19 others: %s",
    async (kind) => {
      const small = `small-${kind}-${run}`;
      await manager.streams.add({ name: small, subjects: [`${small}.>`], max_msg_size: 2_000 });
      try {
        const nats = createNatsSink({ ...options, subjectPrefix: small });
        const sink = kind === "plain" ? nats : createResilientSink(nats, { random: () => 0.5 });
        const bridge = createAdaptiveBridge({ sinks: [sink], timers: nodeTimers });
        for (let n = 1; n <= 20; n++) {
          bridge.emit(eventOf(n, n === 2 ? { extra: { t: "x".repeat(3_000) } } : {}));
        }
        expect(await bridge.flush(10_000)).toBe(true);
        expect(bridge.stats().sinks[0]).toMatchObject({
          delivered: 19,
          dropped: { refused: 1, sink_failed: 0 },
        });
        await bridge.close();
      } finally {
        await manager.streams.delete(small);
      }
    },
  );

  it("rejects where no stream takes the subject, and a resilient sink waits for one", async () => {
    const late = `late.${run}`;
    const sink = createNatsSink({ ...options, subjectPrefix: late, timeoutMs: 500 });
    await expect(sink.write([eventOf(1)], context)).rejects.toThrow();
    const patient = createResilientSink(sink, { random: () => 0.5, initialDelayMs: 20 });
    const bridge = createAdaptiveBridge({ sinks: [patient], timers: nodeTimers });
    bridge.emit(eventOf(1));
    expect(await bridge.flush(200)).toBe(false);
    await manager.streams.add({
      name: `late-${run}`,
      subjects: [`${late}.>`],
      max_bytes: 1_000_000,
    });
    try {
      expect(await bridge.flush(10_000)).toBe(true);
      expect((await manager.streams.info(`late-${run}`)).state.messages).toBe(1);
    } finally {
      await manager.streams.delete(`late-${run}`);
      await bridge.close();
    }
  });
});

describe("createNatsSink", () => {
  const failingAt = (bad: string) => ({
    publish: (_subject: string, _payload: unknown, { msgID }: { msgID?: string } = {}) =>
      msgID === bad ? Promise.reject(new Error("no responders")) : Promise.resolve({}),
  });
  const sinkOver = (publisher: unknown, change: object = {}) =>
    createNatsSink({ jetstream: publisher, ...change } as NatsSinkOptions);

  it("is done with what was acknowledged before one failed", async () => {
    const sink = sinkOver(failingAt("e-3"));
    expect(
      await sink.write(
        [1, 2, 3, 4].map((n) => eventOf(n)),
        context,
      ),
    ).toEqual({
      done: 2,
      refused: 0,
      reason: "no responders",
    });
    await expect(sink.write([eventOf(3)], context)).rejects.toThrow("no responders");
  });

  const rejectingAt = (isBad: (id: string) => boolean, name = "JetStreamApiError") => {
    const taken: string[] = [];
    const publish = (_s: string, _p: unknown, { msgID = "" }: { msgID?: string } = {}) =>
      isBad(msgID)
        ? Promise.reject(Object.assign(new Error("message size exceeds maximum allowed"), { name }))
        : Promise.resolve(void taken.push(msgID));
    return { publisher: { publish }, taken };
  };

  it.each(["e-1", "e-2", "e-5"])(
    "refuses %s alone where the server rejects it, and publishes the others in order",
    async (bad) => {
      const { publisher, taken } = rejectingAt((id) => id === bad);
      const sink = sinkOver(publisher);
      const batch = [1, 2, 3, 4, 5].map((n) => eventOf(n));
      expect(await sink.write(batch, context)).toMatchObject({ done: 5, refused: 1 });
      const distinct = [...new Set(taken)];
      expect(distinct).toEqual(idsOf(batch).filter((id) => id !== bad));
    },
  );

  it.each(["JetStreamApiError", "JetStreamNotEnabled", "InvalidArgumentError"])(
    "refuses nothing while the server rejects everything: %s",
    async (name) => {
      let isBroken = true;
      const { publisher, taken } = rejectingAt(() => isBroken, name);
      const sink = sinkOver(publisher);
      const batch = [1, 2, 3, 4, 5].map((n) => eventOf(n));
      for (let n = 0; n < 5; n++) await expect(sink.write(batch, context)).rejects.toThrow("size");
      isBroken = false;
      expect(await sink.write(batch, context)).toMatchObject({ done: 5, refused: 0 });
      expect(taken).toEqual(idsOf(batch));
    },
  );

  it("refuses a connection whose server's URL has credentials", () => {
    const nc = { options: { servers: ["nats://user:s3cret@127.0.0.1:4222"] } };
    const create = () => sinkOver({ ...failingAt(""), nc });
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path: "/jetstream" }));
    expect(create).not.toThrow("s3cret");
  });

  it("refuses an event that no message can hold", async () => {
    const sink = sinkOver(failingAt(""), { maxMessageBytes: 1_000 });
    const large = eventOf(2, { extra: { text: "ä".repeat(500) } });
    expect(await sink.write([eventOf(1), large, eventOf(3)], context)).toMatchObject({
      done: 3,
      refused: 1,
    });
  });

  it("stops when its write is given up", async () => {
    const giveUp = new AbortController();
    const sink = sinkOver({ publish: () => Promise.resolve(giveUp.abort()) });
    const batch = [1, 2, 3].map((n) => eventOf(n));
    expect(await sink.write(batch, { signal: giveUp.signal })).toMatchObject({ done: 1 });
  });

  it.each<[string, object, string]>([
    ["no client", { jetstream: {} }, "/jetstream"],
    ["a wildcard", { jetstream: failingAt(""), subjectPrefix: "a.*" }, "/subjectPrefix"],
    ["an empty token", { jetstream: failingAt(""), subjectPrefix: "a..b" }, "/subjectPrefix"],
  ])("refuses %s", (_, options, path) => {
    expect(() => createNatsSink(options as NatsSinkOptions)).toThrow(
      expect.objectContaining({ code: "invalid_config", path }),
    );
  });
});
