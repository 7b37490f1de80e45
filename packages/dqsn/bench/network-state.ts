/** The network picture: what a signal costs with 100 nodes and with 100,000, what a look costs, what it takes in memory. */
import { compare, print } from "@dgb-shield/bench";
import type { SignalV2 } from "@dgb-shield/contract";
import {
  type AcceptedSignal,
  createDqsn,
  createNetworkState,
  type LiveNetwork,
  signalToEnvelope,
} from "../src/index.js";

const FEW = 100;
const MANY = 100_000;
const START_MS = 1_782_664_805_000;
const TYPES = ["block_stall", "mempool_surge", "reorg", "node_status"] as const;
/** Signals between two looks, and in one millisecond. */
const PER_LOOK = 1_000;
const PER_MS = 100;

/** Prints the figures. */
export function benchNetworkState(): void {
  const few = crowd(FEW);
  const many = crowd(MANY);
  print(
    `network picture, 1,000 signals and one view (in µs for 1,000), by nodes`,
    compare([
      [`validated signals, ${FEW} nodes`, () => few.validated()],
      [`validated signals, ${MANY} nodes`, () => many.validated()],
      [`validated signals without a view, ${FEW} nodes`, () => few.unseen()],
      [`validated signals without a view, ${MANY} nodes`, () => many.unseen()],
      [`unknown v2 objects, ${FEW} nodes`, () => few.unknown()],
      [`unknown v2 objects, ${MANY} nodes`, () => many.unknown()],
    ]),
  );
  print(
    `network picture, ${MANY} nodes: a look`,
    compare([
      ["view, nothing new", () => many.network.view(many.nowMs())],
      ["one signal, then view", () => many.oneThenView()],
      ["one signal, then view, 100 nodes", () => few.oneThenView()],
    ]),
  );
  const dqsn = createDqsn();
  const signal = signalOf(1, 1);
  print(
    "network picture: the way of one signal",
    compare([
      [
        "JSON.parse + JSON.stringify of it",
        () => JSON.stringify(JSON.parse(JSON.stringify(signal))),
      ],
      ["signalToEnvelope (v3 envelope, checked)", () => signalToEnvelope(signal)],
      ["signalToEnvelope, then evaluate of that envelope alone", () => evaluated(dqsn, signal)],
    ]),
  );
  memory();
}

function evaluated(dqsn: ReturnType<typeof createDqsn>, signal: SignalV2): unknown {
  const result = signalToEnvelope(signal);
  if (!result.accepted) throw new Error(result.code);
  const request = { contract_version: 3, component: "dqsn", request_id: "r-1" };
  return dqsn.evaluate({ ...request, signals: [result.envelope] });
}

/** A node's signal in a round: another severity each time, so that every one changes votes. */
function signalOf(node: number, round: number): SignalV2 {
  return {
    node_id: `node-${node}`,
    source: "sentinel",
    type: TYPES[node % TYPES.length] ?? "reorg",
    severity: ((node * 7919 + round * 104_729) % 590_000) / 1e6,
    operator: `operator-${node}`,
    metadata: { height: 23_751_096 + round },
  };
}

/** Signals that passed: what a front end that checks at the door hands on. */
const accept = (signal: SignalV2): AcceptedSignal => {
  const result = signalToEnvelope(signal);
  if (!result.accepted) throw new Error(result.code);
  return result;
};

/** A network with that many nodes, all of them live, and signals for further rounds. */
function crowd(nodes: number) {
  const network: LiveNetwork = createNetworkState();
  // Two rounds that take turns, in an order in which neighbours are far from each other.
  const order = Array.from({ length: nodes }, (_, i) => (i * 61) % nodes);
  const raw = [1, 2].flatMap((round) => order.map((node) => signalOf(node, round)));
  const accepted = raw.map(accept);
  let taken = 0;
  const nowMs = () => START_MS + Math.floor(taken / PER_MS);
  const take = (signals: readonly unknown[]) =>
    network.ingest(signals[taken++ % signals.length], nowMs());
  const many = (signals: readonly unknown[]) => {
    for (let i = 0; i < PER_LOOK; i++) take(signals);
  };
  for (let i = 0; i < nodes; i++) take(accepted);
  return {
    network,
    nowMs,
    unseen: () => many(accepted),
    validated: () => (many(accepted), network.view(nowMs())),
    unknown: () => (many(raw), network.view(nowMs())),
    oneThenView: () => (take(accepted), network.view(nowMs())),
  };
}

/** Heap that 100,000 nodes take, one signal each, after a view. */
function memory(): void {
  const gc = (globalThis as { gc?: () => void }).gc;
  if (gc === undefined) return console.log("\nmemory: run node with --expose-gc");
  const used = () => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const network = createNetworkState();
  for (let node = 0; node < MANY; node++) network.ingest(signalOf(node, 1), START_MS);
  const { live_operators } = network.view(START_MS);
  const bytes = used() - before;
  console.log(
    `\nnetwork picture, ${live_operators} nodes, each its own operator: ${(bytes / 1e6).toFixed(0)} MB, ${(bytes / live_operators).toFixed(0)} bytes a node`,
  );
}
