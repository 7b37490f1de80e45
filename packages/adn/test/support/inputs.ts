/** Guardian events and telemetry for the tests of inputs. */
import type { JsonObject, ShieldEvent } from "@dgb-shield/contract";
import type { Telemetry } from "../../src/index.js";

/** An event of Guardian about one payment. */
export const guardianEvent = (
  action: string,
  payment: string,
  extra: JsonObject = {},
): ShieldEvent => ({
  event_id: `dwg:${action}:${payment}:${JSON.stringify(extra).length}`,
  layer: "wallet_guardian",
  action,
  severity: 0.4,
  fingerprint: "wallet:hot",
  extra: { withdrawal_id: payment, risk: "LOW", reason_codes: ["daily_limit"], ...extra },
});

/** Events of one action about so many payments. */
export const events = (action: string, count: number, prefix = "w", extra: JsonObject = {}) =>
  Array.from({ length: count }, (_, i) => guardianEvent(action, `${prefix}-${i}`, extra));

/** A sample of a quiet node. */
export const sample = (change: Partial<Telemetry> = {}): Telemetry => ({
  peers: 10,
  mempool_bytes: 1_000,
  height: 100,
  rpc: { calls: 10, refused: 0, unauthorized: 0 },
  ...change,
});

/** A sample of RPC calls. */
export const rpc = (change: Partial<NonNullable<Telemetry["rpc"]>>): Telemetry =>
  sample({ height: null, rpc: { calls: 0, refused: 0, unauthorized: 0, ...change } });
