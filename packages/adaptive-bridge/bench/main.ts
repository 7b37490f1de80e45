/** What `emit` costs its caller, and what ill sinks add to a decision: ratios in one run. */
import { hash } from "node:crypto";
import type { ShieldEvent } from "@dgb-shield/contract";
import { type Case, compare, print } from "@dgb-shield/bench";
import { nodeTimers } from "../src/adapters/node/index.js";
import { createWorkerSink } from "../src/adapters/worker/index.js";
import { type AdaptiveBridge, type BridgeSink, createAdaptiveBridge } from "../src/index.js";

const EVENT: ShieldEvent = {
  event_id: "w-1/freeze",
  layer: "wallet_guardian",
  action: "wallet_frozen",
  severity: 0.55,
  fingerprint: "wallet-7f3a9c",
  user_id: "u-42",
  extra: { wallet_id: "hot-1", reason_codes: ["daily_limit", "cooldown_breach"], amount: "5000" },
};
const LARGE: ShieldEvent = {
  ...EVENT,
  extra: { signals: Array.from({ length: 100 }, (_, n) => ({ id: `s-${n}`, score: n / 100 })) },
};
const MALFORMED = { ...EVENT, severity: 2 };

const exiting = new URL("data:text/javascript,export const write=()=>process.exit(1)");
const later = () => new Promise<void>((resolve) => void setTimeout(resolve, 100));
const twice = { then: (resolve: () => void) => (resolve(), resolve()) };
const sinks: Record<string, () => BridgeSink> = {
  healthy: () => ({ name: "a", write: () => undefined }),
  hangs: () => ({ name: "a", write: () => new Promise<void>(() => undefined) }),
  throws: () => ({
    name: "a",
    write: () => {
      throw new Error("broken");
    },
  }),
  rejects: () => ({ name: "a", write: () => Promise.reject(new Error("no route")) }),
  "calls back twice": () => ({ name: "a", write: () => twice as unknown as Promise<void> }),
  "resolves after its timeout": () => ({ name: "a", write: later }),
  "exits, in a worker": () => createWorkerSink({ module: exiting }),
};
const bridgeTo = (...some: BridgeSink[]): AdaptiveBridge =>
  createAdaptiveBridge({
    sinks: some,
    timers: nodeTimers,
    writeTimeoutMs: 50,
    closeTimeoutMs: 50,
  });

function emitCosts(): void {
  const kept: unknown[] = [];
  const push: Case = [
    "floor: push to an array",
    () => (kept.length > 10_000 && (kept.length = 0), kept.push(EVENT)),
  ];
  const emitTo = (name: string, event: ShieldEvent, ...some: BridgeSink[]): Case => {
    const bridge = bridgeTo(...some);
    return [name, () => bridge.emit(event)];
  };
  const healthy = (name: string): BridgeSink => ({ name, write: () => undefined });
  print(
    "emit, 7 fields, 3 of extra (must reach: 4 × JSON.stringify)",
    compare([
      ["floor: JSON.stringify of the event", () => JSON.stringify(EVENT)],
      push,
      emitTo("no sink", EVENT),
      ...Object.entries(sinks).map(([name, make]) => emitTo(`1 sink that: ${name}`, EVENT, make())),
      emitTo("3 healthy sinks", EVENT, healthy("a"), healthy("b"), healthy("c")),
      emitTo("1 healthy sink, a malformed event", MALFORMED, healthy("a")),
    ]),
  );
  print(
    "emit, extra of 301 values",
    compare([
      ["floor: JSON.stringify of the event", () => JSON.stringify(LARGE)],
      emitTo("1 healthy sink", LARGE, healthy("a")),
    ]),
  );
}

const ROUNDS = 9;
const DECISIONS = 1_000;
const BODY = "x".repeat(32_768);

/** Microseconds of a stand-in for a decision (one SHA-256 of 32 kB) and its `emit`, at a quantile. */
async function decisions(bridge: AdaptiveBridge | null): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let n = 0; n < DECISIONS; n++) {
    const begun = process.hrtime.bigint();
    hash("sha256", BODY, "hex");
    bridge?.emit(EVENT);
    times.push(Number(process.hrtime.bigint() - begun) / 1_000);
    await new Promise((resume) => void setImmediate(resume));
  }
  times.sort((a, b) => a - b);
  return { p50: times[DECISIONS >> 1] ?? 0, p99: times[Math.floor(DECISIONS * 0.99)] ?? 0 };
}

/** Best of the rounds: sinks take turns, so that a slow moment of the machine hits all of them. */
async function decisionLatency(): Promise<void> {
  const cases = [
    ["no bridge", null] as const,
    ["no sink", bridgeTo()] as const,
    ...Object.entries(sinks).map(
      ([name, make]) => [`1 sink that: ${name}`, bridgeTo(make())] as const,
    ),
  ];
  const best = cases.map(() => ({ p50: Infinity, p99: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, [, bridge]] of cases.entries()) {
      const { p50, p99 } = await decisions(bridge);
      const entry = best[i] as { p50: number; p99: number };
      entry.p50 = Math.min(entry.p50, p50);
      entry.p99 = Math.min(entry.p99, p99);
    }
  }
  for (const quantile of ["p50", "p99"] as const) {
    const floor = best[1]?.[quantile] ?? 1;
    const rows = cases.map(([name], i) => {
      const us = best[i]?.[quantile] ?? 0;
      return { name, us, ratio: us / floor };
    });
    print(`a decision and its emit, ${quantile}, against a bridge without sinks`, rows);
  }
  for (const [, bridge] of cases) await bridge?.close();
}

emitCosts();
await decisionLatency();
process.exit();
