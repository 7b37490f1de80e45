/** The process that is killed: emits events through an outbox, and prints which are acknowledged. */
import { writeSync } from "node:fs";
import { nodeTimers } from "../src/adapters/node/index.js";
import { createHttpSink } from "../src/adapters/http/index.js";
import { openOutbox } from "../src/adapters/outbox/index.js";
import { createResilientSink } from "../src/adapters/resilient/index.js";
import { createAdaptiveBridge } from "../src/index.js";

const [folder = "", url = "", round = "0", count = "0"] = process.argv.slice(2);
const http = createHttpSink({ url });
const sink = createResilientSink(http, {
  random: Math.random,
  initialDelayMs: 20,
  maxEventsPerSecond: 100_000,
});
const outbox = await openOutbox({
  folder,
  sinks: [sink],
  timers: nodeTimers,
  batchSize: 50,
  onDurable: (events) => writeSync(1, events.map((event) => `${event.event_id}\n`).join("")),
});
const bridge = createAdaptiveBridge({ sinks: [outbox], timers: nodeTimers, batchSize: 20 });
const stopping = new AbortController();
process.once("SIGTERM", () => {
  stopping.abort();
  void bridge.close().then(() => {
    const [stats] = bridge.stats().sinks;
    writeSync(1, `closed ${JSON.stringify(stats)}\n`);
  });
});
writeSync(1, "ready\n");
for (let n = 0; n < Number(count) && !stopping.signal.aborted; n++) {
  bridge.emit({
    event_id: `${round.padStart(4, "0")}-${String(n).padStart(7, "0")}`,
    layer: "wallet_guardian",
    action: "wallet_frozen",
    severity: 0.65,
    fingerprint: "wallet-a",
    extra: { wallet_id: "hot-1", reason_codes: ["daily_limit"], amount: "5000" },
  });
  if (n % 10 === 9) await new Promise((resume) => setTimeout(resume, 1));
}
if (!stopping.signal.aborted) {
  if (!(await bridge.flush(30_000)) || !(await outbox.drained(60_000))) process.exitCode = 1;
  await bridge.close();
}
