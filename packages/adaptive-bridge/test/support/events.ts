/** Events for tests. */
import type { ShieldEvent } from "@dgb-shield/contract";

/** A valid event; its id carries `n`, so that order can be read off. */
export const eventOf = (n: number, change: Partial<ShieldEvent> = {}): ShieldEvent => ({
  event_id: `e-${n}`,
  layer: "wallet_guardian",
  action: "wallet_frozen",
  severity: 0.55,
  fingerprint: "wallet-a",
  extra: { reason_codes: ["daily_limit"], wallet_id: "hot-1" },
  ...change,
});

/** Ids of events, to compare with. */
export const idsOf = (events: readonly ShieldEvent[]): string[] => events.map((e) => e.event_id);

/** `["e-<from>", …, "e-<to>"]`, both ends included. */
export const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `e-${from + i}`);
