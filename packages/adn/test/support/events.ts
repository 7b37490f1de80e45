/** What the tests share: events and a node with short times. */
import type { DefenseEvent } from "@dgb-shield/contract";
import { createDefenseNode, type DefenseNodeConfigInput } from "../../src/index.js";

/** 2026-06-28T16:40:00Z. */
export const T = 1_782_664_800_000;
export const HOLD_MS = 1_000;

/** An event of severity 0.8, observed at T, that expires 500 ms later. */
export const event = (change: Partial<DefenseEvent> = {}): DefenseEvent => ({
  event_id: "e-1",
  type: "rpc_abuse",
  severity: 0.8,
  source: "infra",
  observed_at_ms: T,
  expires_at_ms: T + 500,
  local: true,
  summary: "many failed logins",
  ...change,
});

export const node = (change: Partial<DefenseNodeConfigInput> = {}) =>
  createDefenseNode({ node_id: "node-1", hold_ms: HOLD_MS, event_ttl_ms: 500, ...change });

/** The object without one of its members. */
export const without = (object: object, key: string): object =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
