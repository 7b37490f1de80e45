/** The network view: what a signal costs with 100 nodes and with 100,000, what a look costs, what it takes in memory. */
import { compare, print, type Timing } from "@dgb-shield/bench";
import type { SignalV2 } from "@dgb-shield/contract";
import {
  type AcceptedSignal,
  createDqsn,
  createNetworkState,
  signalToEnvelope,
} from "../src/index.js";

const FEW = 100;
const MANY = 100_000;
/** Different signals that each network gets, whatever its size: what comes in is equally cold for both. */
const INPUTS = 200_000;
const START_MS = 1_782_664_805_000;
const PER_MS = 100;
const TYPES = ["block_stall", "mempool_surge", "reorg", "node_status"] as const;

/** Prints the figures. */
export function benchNetworkState(): void {
  memory();
  const few = crowd(FEW);
  const many = crowd(MANY);
  sustained("validated signals, by nodes", [
    [`${FEW} nodes`, () => few.take(few.accepted)],
    [`${MANY} nodes`, () => many.take(many.accepted)],
    [`${FEW} nodes, a view after every 1,000`, () => few.takeAndLook(few.accepted, 1_000)],
    [`${MANY} nodes, a view after every 1,000`, () => many.takeAndLook(many.accepted, 1_000)],
    [`a Map alone, ${FEW} keys`, few.mapAlone],
    [`a Map alone, ${MANY} keys`, many.mapAlone],
  ]);
  sustained("end to end: unknown v2 objects to v3 envelopes to the view, by nodes", [
    [`${FEW} nodes`, () => few.take(few.raw)],
    [`${MANY} nodes`, () => many.take(many.raw)],
  ]);
  print(
    `network view, ${MANY} nodes: a look`,
    compare([
      ["view, nothing new", () => many.look()],
      ["one validated signal, then view", () => many.takeOneAndLook()],
      [`one validated signal, then view, ${FEW} nodes`, () => few.takeOneAndLook()],
    ]),
  );
  theWayOfOneSignal();
}

type Run = readonly [name: string, run: () => number];

/**
 * Runs cases in turn and prints the best round of each, per signal: time of the processor, garbage
 * collection included, so that other work on the machine counts as little as can be.
 */
function sustained(title: string, runs: readonly Run[]): void {
  const best = runs.map(() => Infinity);
  for (let round = 0; round < 9; round++) {
    for (const [index, [, run]] of runs.entries()) {
      const begun = process.cpuUsage();
      const signals = run();
      const { user, system } = process.cpuUsage(begun);
      const us = (user + system) / signals;
      best[index] = Math.min(best[index] ?? us, us);
    }
  }
  const first = best[0] ?? NaN;
  const timings = runs.map(([name], i): Timing => {
    const us = best[i] ?? NaN;
    return { name: `${name}: ${Math.round(1e3 / us)},000 a second`, us, ratio: us / first };
  });
  print(`network view, ${title} (µs per signal)`, timings);
}

function theWayOfOneSignal(): void {
  const dqsn = createDqsn();
  const signal = signalOf(1, 1);
  const text = JSON.stringify(signal);
  const outer = { contract_version: 3, component: "dqsn", request_id: "r-1" };
  print(
    "network view: the way of one signal",
    compare([
      ["JSON.parse + JSON.stringify", () => JSON.stringify(JSON.parse(text))],
      ["to a checked v3 envelope", () => accept(signal)],
      [
        "to a checked v3 envelope, evaluated alone",
        () => dqsn.evaluate({ ...outer, signals: [accept(signal).envelope] }),
      ],
    ]),
  );
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

/** A signal that passed: what a front end that checks at the door hands on. */
function accept(signal: SignalV2): AcceptedSignal {
  const result = signalToEnvelope(signal);
  if (!result.accepted) throw new Error(result.code);
  return result;
}

/** A network with that many live nodes, and signals for it, neighbours far from each other. */
function crowd(nodes: number) {
  const network = createNetworkState();
  const raw = Array.from({ length: INPUTS }, (_, i) =>
    signalOf((i * 61) % nodes, Math.floor(i / nodes)),
  );
  const accepted = raw.map(accept);
  let taken = 0;
  const nowMs = () => START_MS + Math.floor(taken / PER_MS);
  const look = () => network.view(nowMs());
  const takeOne = (signals: readonly unknown[]) =>
    network.ingest(signals[taken++ % INPUTS], nowMs());
  const take = (signals: readonly unknown[]): number => {
    for (let i = 0; i < INPUTS / 2; i++) takeOne(signals);
    return INPUTS / 2;
  };
  const held = new Map(raw.slice(-nodes).map(({ node_id }) => [node_id, { severity: 0 }]));
  take(accepted);
  return {
    raw,
    accepted,
    look,
    take,
    takeAndLook: (signals: readonly unknown[], every: number): number => {
      for (let i = 1; i <= INPUTS / 2; i++) {
        takeOne(signals);
        if (i % every === 0) look();
      }
      return INPUTS / 2;
    },
    takeOneAndLook: () => [takeOne(accepted), look()],
    mapAlone: (): number => {
      for (const { signal } of accepted) {
        const entry = held.get(signal.node_id);
        if (entry !== undefined) entry.severity = signal.severity;
      }
      return accepted.length;
    },
  };
}

/** Heap that 100,000 nodes take, one signal each, after a view. */
function memory(): void {
  const gc = (globalThis as { gc?: () => void }).gc;
  if (gc === undefined) return console.log("\nnetwork view, memory: run node with --expose-gc");
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
  const each = Math.round(bytes / live_operators);
  console.log(
    `\nnetwork view, ${live_operators} nodes, each its own operator, one signal each: ${Math.round(bytes / 1e6)} MB (${each} bytes a node)`,
  );
}
