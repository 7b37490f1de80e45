/** What 1,000 calls of `emit` cost the caller: a mean in ms reads as µs an event (aim: at most 1). */
import type { ShieldEvent } from "@dgb-shield/contract";
import { bench, describe } from "vitest";
import { nodeTimers } from "../src/adapters/node.js";
import { type AdaptiveBridge, type BridgeSink, createAdaptiveBridge } from "../src/index.js";

const EVENTS = Array.from({ length: 1_000 }, (_, n): ShieldEvent => ({
  event_id: `w-${n}/freeze`,
  layer: "wallet_guardian",
  action: "wallet_frozen",
  severity: 0.55,
  fingerprint: "wallet-7f3a9c",
  user_id: "u-42",
  extra: { wallet_id: "hot-1", reason_codes: ["daily_limit", "cooldown_breach"], amount: "5000" },
}));
const MALFORMED = { ...EVENTS[0], severity: 2 } as ShieldEvent;

const healthy = (name: string): BridgeSink => ({ name, write: () => undefined });
const hung: BridgeSink = { name: "hung", write: () => new Promise<void>(() => undefined) };

function emitTo(sinks: readonly BridgeSink[], event?: ShieldEvent): () => void {
  const bridge: AdaptiveBridge = createAdaptiveBridge({ sinks, timers: nodeTimers });
  return () => {
    for (const valid of EVENTS) bridge.emit(event ?? valid);
  };
}

describe("emit, 1,000 events, 7 fields, 3 of extra", () => {
  bench("1 healthy sink", emitTo([healthy("a")]));
  bench("1 hung sink", emitTo([hung]));
  bench("1 healthy and 1 hung sink", emitTo([healthy("a"), hung]));
  bench("3 healthy sinks", emitTo(["a", "b", "c"].map(healthy)));
  bench("1 healthy sink, malformed events", emitTo([healthy("a")], MALFORMED));
});
