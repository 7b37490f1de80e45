/** A consumer process for the crash tests: `node consumer.js URL STREAM CHECKPOINT`; prints the digest at each time that it reads from stdin. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createSignalConsumer } from "../../../src/adapters/nats/index.js";
import { createNetworkState, restoreNetworkState } from "../../../src/index.js";

const [url = "", stream = "", file = ""] = process.argv.slice(2);
const CONFIG = { ttl_ms: 3_600_000, max_live_signals: 1_000_000 };

function load() {
  try {
    const { position, snapshot } = JSON.parse(readFileSync(file, "utf8"));
    const result = restoreNetworkState(snapshot, CONFIG);
    if (result.restored) return { position, network: result.network };
  } catch {
    // None yet: everything within the replay time is read again.
  }
  return { network: createNetworkState(CONFIG) };
}

const { network, ...resume } = load();
const connection = await connect({ servers: url, maxReconnectAttempts: -1 });
const consumer = createSignalConsumer({
  jetstream: jetstream(connection),
  stream,
  network,
  authorize: () => true,
  replayMs: 3_700_000,
  ...resume,
});

let stored = 0;
setInterval(() => {
  const position = consumer.position();
  const sequence = position?.sequence ?? 0;
  console.log(`at ${sequence} from ${resume.position?.sequence ?? 0}`);
  if (file === "" || sequence < stored + 500) return;
  stored = sequence;
  // One turn: the snapshot and the position belong together.
  writeFileSync(`${file}.new`, JSON.stringify({ position, snapshot: network.snapshot() }));
  renameSync(`${file}.new`, file);
}, 20);

for await (const line of createInterface({ input: process.stdin })) {
  console.log(`digest ${network.view(Number(line)).digest}`);
}
