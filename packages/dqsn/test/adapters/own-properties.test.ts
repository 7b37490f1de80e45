import type { JetStreamClient } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import Fastify from "fastify";
import { pino } from "pino";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { dqsnRoutes } from "../../src/adapters/http/index.js";
import { createLog } from "../../src/adapters/log/index.js";
import { createSignalConsumer, createSignalPublisher } from "../../src/adapters/nats/index.js";
import { createMetrics } from "../../src/adapters/prometheus/index.js";
import { createEventStream } from "../../src/adapters/sse/index.js";
import { createWatch } from "../../src/adapters/watch/index.js";
import { createDqsn, createNetworkState } from "../../src/index.js";
import { request, signal } from "../support/envelopes.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;

/** Sets members on Object.prototype, not enumerable so that `for … in` of the test's tools does not see them. */
async function polluted<T>(
  members: Record<string, unknown>,
  run: () => Promise<T> | T,
): Promise<T> {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
  try {
    return await run();
  } finally {
    for (const name of Object.keys(members)) Reflect.deleteProperty(Object.prototype, name);
  }
}

describe("adapters", () => {
  it("read no option through a prototype", async () => {
    const network = createNetworkState();
    const dqsn = createDqsn();
    const connection = {
      isClosed: () => true,
      status: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error()) }),
      }),
    } as unknown as NatsConnection;
    const jetstream = {
      jetstreamManager: () => Promise.reject(new Error()),
    } as unknown as JetStreamClient;
    const app = Fastify();
    const names = [
      "maxHistory maxHistoryBytes heartbeatMs maxBufferedBytes maxTotalBytes maxClients intervalMs",
      "refusalIntervalMs maxBuffered maxInFlight ackTimeoutMs maxTries replayMs maxFutureMs probeMs",
      "bodyTimeoutMs maxBodyBytes",
    ].flatMap((line) => line.split(" "));
    const values = Object.fromEntries(names.map((name) => [name, NaN]));
    await polluted({ ...values, clock: () => NaN, position: { sequence: 1e9 } }, async () => {
      createEventStream({ network }).close();
      const watch = createWatch({ network, listeners: [] });
      expect(watch.stats().failedLooks).toBe(0);
      watch.close();
      createLog({ logger: pino({ level: "silent" }) }).close();
      createMetrics({ registry: new Registry(), network });
      createSignalPublisher({ connection, jetstream, subject: "s", publisherId: "r" }).close();
      const consumer = createSignalConsumer({
        jetstream,
        stream: "s",
        network,
        authorize: () => true,
      });
      expect(consumer.position()).toBeUndefined();
      await consumer.close();
      await dqsnRoutes(app, { dqsn, network, authorize: () => undefined });
    });
    await app.close();
  });

  it.each([
    { x: 1 },
    { decision: "ALLOW" },
    { accepted: true },
    { observed_at: NOW },
    { operator: "victim" },
    { severity: 0 },
    { "content-encoding": "identity" },
    { statusCode: 200 },
    { refused: "DQSN_ERROR_NO_SIGNALS" },
    { ok: true, ahead_ms: 1, code: "DQSN_ERROR_STATE_FULL" },
    { level: "NORMAL", clock: "trusted" },
  ])("answer as without a prototype that has %j", async (members) => {
    const answers = async (present: Record<string, unknown>) => {
      const app = Fastify();
      await app.register(dqsnRoutes, {
        dqsn: createDqsn(),
        network: createNetworkState(),
        authorize: ({ headers }) =>
          headers.authorization === "k"
            ? { evaluate: true, view: true, maySpeakFor: () => true }
            : undefined,
        clock: () => NOW,
      });
      const texts = [
        ["/evaluate", JSON.stringify(request([signal({ decision: "BLOCK" })]))],
        ["/evaluate", "{}"],
        ["/signals", JSON.stringify(report({ severity: 1 }))],
        ["/signals", JSON.stringify({ node_id: "a", source: "sentinel", type: "x" })],
      ] as const;
      const results: unknown[] = [];
      const ask = async (headers: Record<string, string>) =>
        polluted(present, async () => {
          for (const [url, payload] of texts) {
            const { statusCode, body } = await app.inject({
              method: "POST",
              url,
              payload,
              headers: { "content-type": "application/json", ...headers },
            });
            results.push([statusCode, body]);
          }
          results.push((await app.inject({ url: "/network", headers })).body);
        });
      await ask({ authorization: "k" });
      await ask({});
      await app.close();
      return results;
    };
    expect(await answers(members)).toEqual(await answers({}));
  });
});
