/** What the tests share: events and a node with short times. */
import type { DefenseEvent } from "@dgb-shield/contract";
import { createDefenseNode, type DefenseNodeConfigInput } from "../src/index.js";

export const HOLD_MS = 1_000;

/** An event of severity 0.8, observed at 0, that expires at 500. */
export const event = (change: Partial<DefenseEvent> = {}): DefenseEvent => ({
  event_id: "e-1",
  type: "rpc_abuse",
  severity: 0.8,
  source: "infra",
  observed_at_ms: 0,
  expires_at_ms: 500,
  local: true,
  summary: "many failed logins",
  ...change,
});

export const node = (change: Partial<DefenseNodeConfigInput> = {}) =>
  createDefenseNode({ node_id: "node-1", hold_ms: HOLD_MS, event_ttl_ms: 500, ...change });
