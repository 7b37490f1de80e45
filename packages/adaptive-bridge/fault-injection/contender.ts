/** A process that opens an outbox folder: names itself its owner and acknowledges events, or is refused. */
import { writeSync } from "node:fs";
import { nodeTimers } from "../src/adapters/node/index.js";
import { openOutbox } from "../src/adapters/outbox/index.js";

const [folder = "", name = ""] = process.argv.slice(2);
const say = (line: string): unknown => writeSync(1, `${line}\n`);
const down = { name: "a", write: () => Promise.reject(new Error("down")) };
try {
  const outbox = await openOutbox({
    folder,
    sinks: [down],
    timers: nodeTimers,
    retryDelayMs: 600_000,
    onDurable: (events) => events.forEach(({ event_id }) => say(`acknowledged ${event_id}`)),
  });
  for (let n = 0; n < 3; n++) {
    await outbox.write([
      {
        event_id: `${name}-${n}`,
        layer: "wallet_guardian",
        action: "wallet_frozen",
        severity: 0.65,
        fingerprint: "wallet-a",
        extra: {},
      },
    ]);
  }
  say(`owner ${process.pid}`);
  // Killed by the test: nothing is closed.
  setInterval(() => undefined, 1_000);
} catch (error) {
  say(`refused ${(error as { code?: string }).code ?? String(error)}`);
}
