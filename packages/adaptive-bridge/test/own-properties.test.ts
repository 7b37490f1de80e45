import type { JsonObject, ShieldEvent } from "@dgb-shield/contract";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpSink } from "../src/adapters/http/index.js";
import { createJsonlSink } from "../src/adapters/jsonl/index.js";
import { OUTBOX_DEFAULTS, OUTBOX_DROP_REASONS } from "../src/adapters/outbox/index.js";
import {
  BRIDGE_DEFAULTS,
  type BridgeOptions,
  createAdaptiveBridge,
  DROP_REASONS,
  PERSONAL_DATA_MODES,
  toThreatPacket,
} from "../src/index.js";
import { eventOf } from "./support/events.js";
import { recordingSink } from "./support/sinks.js";
import { manualTimers } from "./support/timers.js";

const polluted: string[] = [];
const pollute = (key: string, value: unknown): void => {
  polluted.push(key);
  Object.defineProperty(Object.prototype, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
};
const clean = (): void => {
  for (const key of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, key);
};
afterEach(clean);

const VALUES: Record<string, unknown> = {
  x: 1,
  decision: "ALLOW",
  user_id: "mallory",
  severity: 0,
  event_id: "e-9",
  fingerprint: "f",
  layer: "adn",
  action: "a",
  extra: { injected: true },
  personalData: "clear",
  salt: "a salt from nowhere, long enough",
  retries: 10,
  capacity: 1,
  onSetAside: () => undefined,
  done: 0,
  refused: 9,
  pauseMs: 60_000,
  reason: "injected",
  close: () => undefined,
  threat_type: "injected",
  description: "injected",
  wallet_id: "injected",
  timestamp: "2026-01-01T00:00:00Z",
  type: "wallet",
  cause: "injected",
  toJSON: () => ({}),
};

async function run() {
  const { sink, events } = recordingSink();
  const timers = manualTimers();
  const partial = { name: "partial", write: () => ({ done: 1 }) };
  const plain = { name: "plain", write: () => ({}) as unknown as undefined };
  const bridge = createAdaptiveBridge({ sinks: [sink, partial, plain], timers });
  bridge.emit(eventOf(1, { extra: { id: "alice", a: [1, { b: 2 }], wallet_balance: "5" } }));
  for (const key of ["event_id", "severity", "layer", "extra", "action", "fingerprint"]) {
    const rest = Object.entries(eventOf(2)).filter(([name]) => name !== key);
    bridge.emit(Object.fromEntries(rest) as ShieldEvent);
  }
  await timers.advance(1_000);
  const packet = toThreatPacket(eventOf(3, { extra: { node_id: "n" } }));
  return { events: structuredClone(events()), stats: bridge.stats(), packet };
}

describe("what Object.prototype has", () => {
  it.each(Object.keys(VALUES))("changes nothing: %s", async (key) => {
    const before = JSON.stringify(await run());
    pollute(key, VALUES[key]);
    const after = await run();
    clean();
    expect(JSON.stringify(after)).toBe(before);
    expect(after.stats.sinks[0]!.delivered).toBe(1);
  });

  it("is no option", () => {
    pollute("url", "http://127.0.0.1/");
    expect(() => createHttpSink({} as never)).toThrow(expect.objectContaining({ path: "/url" }));
    pollute("path", "inherited.jsonl");
    expect(() => createJsonlSink({} as never)).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
    pollute("sinks", []);
    pollute("timers", manualTimers());
    expect(() => createAdaptiveBridge({} as BridgeOptions)).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
  });
});

describe("what is exported", () => {
  it.each([
    ["DROP_REASONS", DROP_REASONS],
    ["OUTBOX_DROP_REASONS", OUTBOX_DROP_REASONS],
    ["BRIDGE_DEFAULTS", BRIDGE_DEFAULTS],
    ["OUTBOX_DEFAULTS", OUTBOX_DEFAULTS],
    ["PERSONAL_DATA_MODES", PERSONAL_DATA_MODES],
  ])("cannot be changed: %s", (_, table) => expect(Object.isFrozen(table)).toBe(true));

  it("shares nothing that can be changed with what it was made of", () => {
    const event = eventOf(1);
    const packet = toThreatPacket(event);
    (event.extra as Record<string, unknown>)["later"] = 1;
    expect(packet.metadata["extra"]).not.toHaveProperty("later");
    const again = toThreatPacket(event).metadata["extra"] as JsonObject;
    expect(again).not.toBe(packet.metadata["extra"]);
  });
});
