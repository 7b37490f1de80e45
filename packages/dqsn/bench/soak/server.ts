/** The server of the soak, a process of its own: prints its port, and its memory for each line of its input. */
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import Fastify from "fastify";
import { dqsnRoutes } from "../../src/adapters/http/index.js";
import { createDqsn, createNetworkState } from "../../src/index.js";

const app = Fastify();
await app.register(dqsnRoutes, {
  dqsn: createDqsn(),
  network: createNetworkState(),
  authorize: () => ({ evaluate: true, view: true, maySpeakFor: () => true }),
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log((app.server.address() as AddressInfo).port);

const asked = createInterface({ input: process.stdin });
asked.on("line", () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  console.log(JSON.stringify({ rss, heapUsed }));
});
asked.on("close", () => void app.close());
