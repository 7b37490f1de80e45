import type { JetStreamClient, PubAck } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createSignalPublisher,
  type LostSignal,
  type SignalPublisherOptions,
} from "../../../src/adapters/nats/index.js";
import { createClockSkew } from "../../../src/adapters/nats/clock-skew.js";
import { report } from "../../support/signals.js";

const NOW = 1_782_664_805_000;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});
const until = (check: () => boolean) =>
  vi.waitFor(() => expect(check()).toBe(true), { timeout: 30_000, interval: 2 });

/** A stream with the test's answers; `gone` is a connection that never comes. */
function publisherOn(
  answer: (id: string, text: string) => Promise<Partial<PubAck>> | Partial<PubAck>,
  over: Partial<SignalPublisherOptions> = {},
) {
  const lost: LostSignal[] = [];
  const sent: string[] = [];
  const jetstream = {
    publish: async (_: string, data: Uint8Array, { msgID }: { msgID: string }) => {
      sent.push(msgID);
      return {
        stream: "S",
        seq: 1,
        duplicate: false,
        ...(await answer(msgID, Buffer.from(data).toString())),
      };
    },
  } as unknown as JetStreamClient;
  const connection = {
    isClosed: () => false,
    status: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    }),
  } as unknown as NatsConnection;
  let count = 0;
  const publisher = createSignalPublisher({
    connection,
    jetstream,
    subject: "s",
    publisherId: "r",
    clock: () => NOW,
    createToken: () => `t${++count}`,
    onLost: (signal) => lost.push(signal),
    ...over,
  });
  cleanups.push(() => publisher.close());
  return { publisher, lost, sent };
}

const named = (error: string): Error => Object.assign(new Error(error), { name: error });
const never = () => new Promise<never>(() => undefined);
const nodeOf = (text: string): string => JSON.parse(text).node_id;

describe("createSignalPublisher", () => {
  it("takes a duplicate on the first try for a failure, on a later one for a success", async () => {
    const answers = [
      { duplicate: true },
      { duplicate: true },
      named("TimeoutError"),
      { duplicate: true },
    ];
    const { publisher, sent } = publisherOn(() => {
      const answer = answers.shift()!;
      if (answer instanceof Error) throw answer;
      return answer;
    });
    publisher.publish(report());
    await until(() => publisher.stats().buffered === 0);
    expect(sent).toEqual(["r:t1", "r:t2", "r:t3", "r:t3"]);
    expect(publisher.stats()).toMatchObject({
      published: 1,
      duplicates: 1,
      collisions: 2,
      failures: 3,
    });
  });

  it.each([
    ["the server is gone", never],
    ["every try fails", () => Promise.reject(named("TimeoutError"))],
  ])("keeps the newest and reports each drop when its buffer is full and %s", (_, answer) => {
    for (const maxBuffered of [1, 2, 100, 256, 300]) {
      const { publisher, lost } = publisherOn(answer, { maxBuffered });
      const dropped: string[] = [];
      for (let i = 0; i < maxBuffered + 50; i++) {
        const result = publisher.publish(report({ node_id: `n-${i}` }));
        if (result.accepted) dropped.push(...(result.dropped ?? []));
      }
      expect(publisher.stats()).toMatchObject({ buffered: maxBuffered, dropped: 50 });
      expect(lost.map(({ message_id }) => message_id)).toEqual(dropped);
      expect(new Set(lost.map(({ reason }) => reason))).toEqual(new Set(["buffer_full"]));
      const kept = new Set(lost.map(({ text }) => nodeOf(text)));
      expect(kept.has(`n-${maxBuffered + 49}`)).toBe(false);
      expect(kept.size).toBe(50);
    }
  });

  it("holds no more than its bytes", () => {
    const { publisher } = publisherOn(never, { maxBufferedBytes: 100_000 });
    for (let i = 0; i < 1_000; i++)
      publisher.publish(report({ metadata: { text: "x".repeat(i * 7) } }));
    expect(publisher.stats().bufferedBytes).toBeLessThanOrEqual(100_000);
    expect(publisher.stats().buffered).toBeGreaterThan(10);
  });

  it("sets a message aside that is answered with an error for ever, and sends the rest", async () => {
    const stored: string[] = [];
    const { publisher, lost } = publisherOn((_, text) => {
      if (nodeOf(text) === "poison") throw new Error("refused for ever");
      stored.push(nodeOf(text));
      return {};
    });
    publisher.publish(report({ node_id: "poison" }));
    let i = 0;
    await until(() => {
      publisher.publish(report({ node_id: `n-${i++}` }));
      return publisher.stats().setAside === 1;
    });
    await until(() => publisher.stats().buffered === 0);
    expect(lost).toMatchObject([{ reason: "refused", message_id: "r:t1" }]);
    expect(stored).toEqual(Array.from({ length: i }, (_, n) => `n-${n}`));
  });

  it.each([["an error"], ["TimeoutError"], ["NoRespondersError"], ["JetStreamNotEnabled"]])(
    "sets nothing aside while everything is answered with %s, and stores all afterwards",
    async (name) => {
      let isBroken = true;
      const { publisher, sent } = publisherOn(() => (isBroken ? Promise.reject(named(name)) : {}));
      for (let i = 0; i < 20; i++) publisher.publish(report({ node_id: `n-${i}` }));
      await until(() => sent.length > 20 * 4);
      expect(publisher.stats()).toMatchObject({ setAside: 0, buffered: 20 });
      isBroken = false;
      expect(await publisher.flush(10_000)).toBe(true);
      expect(publisher.stats()).toMatchObject({ published: 20, setAside: 0 });
    },
  );

  it("is not connected while tries are not answered", async () => {
    let isBroken = true;
    const { publisher } = publisherOn(() =>
      isBroken ? Promise.reject(named("TimeoutError")) : {},
    );
    publisher.publish(report());
    await until(() => !publisher.stats().connected);
    isBroken = false;
    await until(() => publisher.stats().connected);
  });

  it.each([NaN, NOW / 1_000, undefined])(
    "refuses a signal without a date when the clock gives %s",
    (now) => {
      const { publisher } = publisherOn(never, { clock: () => now as number });
      expect(publisher.publish(report())).toEqual({
        accepted: false,
        code: "DQSN_ERROR_CLOCK_INVALID",
        path: "",
      });
      expect(publisher.publish(report({ observed_at: NOW }))).toMatchObject({ accepted: true });
    },
  );

  it("never throws, whatever its ports do", async () => {
    const down = () => {
      throw new Error("down");
    };
    const failing = (() => Promise.reject(new Error("down"))) as () => never;
    const { publisher } = publisherOn(never, {
      clock: down,
      createToken: down,
      onLost: failing,
      maxBuffered: 1,
    });
    expect(publisher.publish(report()).accepted).toBe(false);
    for (let i = 0; i < 3; i++) {
      expect(publisher.publish(report({ observed_at: NOW }))).toMatchObject({
        message_id: expect.stringMatching(/^r:.{36}$/),
      });
    }
    await new Promise(setImmediate);
  });

  it.each(["maxBuffered", "maxBufferedBytes", "maxInFlight", "ackTimeoutMs", "maxTries"])(
    "refuses a %s that is no bound",
    (name) => {
      for (const value of [0, -1, NaN, Infinity, "1"]) {
        expect(() => publisherOn(never, { [name]: value })).toThrow(new RegExp(name));
      }
    },
  );
});

describe("createClockSkew", () => {
  it("is the smallest sample of the last minute at most", () => {
    const skew = createClockSkew();
    expect(skew.valueAt(0)).toBeUndefined();
    skew.add(500, 1_000);
    skew.add(20, 2_000);
    skew.add(NaN, 3_000);
    expect(skew.valueAt(3_000)).toBe(20);
    skew.add(-20_000, 31_000);
    expect(skew.valueAt(31_000)).toBe(-20_000);
    skew.add(10, 61_000);
    expect([skew.valueAt(61_000), skew.valueAt(90_000), skew.valueAt(121_000)]).toEqual([
      -20_000,
      10,
      undefined,
    ]);
  });
});
