/** Makes the threat packet of Adaptive Core v2 from an event. */
import type { JsonObject, JsonValue, ShieldEvent } from "@dgb-shield/contract";
import { ownOf } from "./internal/own.js";

/** What Adaptive Core v2 takes: these keys and no others. */
export type ThreatPacket = Readonly<{
  source_layer: string;
  threat_type: string;
  /** An integer: 0 (information) to 10 (critical). */
  severity: number;
  description: string;
  node_id?: string;
  wallet_id?: string;
  tx_id?: string;
  block_height?: number;
  /** ISO 8601; where it is absent, Adaptive Core takes the time of arrival. */
  timestamp?: string;
  /** Links the packets of one incident. */
  correlation_id: string;
  metadata: JsonObject;
}>;

/** Lowest score (0–1) of each severity. */
const STEPS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Makes the v2 threat packet of an event. Its severity is the event's in tenths, rounded down and compared
 * with exact thresholds, so that 6 begins where the one scale begins HIGH and 9 where it begins
 * CRITICAL; a severity outside 0–1 is 10. `extra` may name `threat_type`, `description`, `node_id`,
 * `wallet_id`, `tx_id`, `block_height`, `timestamp` and `correlation_id`; where it does not, the
 * action is the type and the event's id the correlation. All of `extra` is in the metadata.
 *
 * @param event a valid event, such as a sink gets
 * @example toThreatPacket(event).severity // 5, for an event of severity 0.55
 */
export function toThreatPacket(event: ShieldEvent): ThreatPacket {
  const { event_id, layer, action, severity, fingerprint, user_id, ...rest } = ownOf<ShieldEvent>(
    event,
  ) as ShieldEvent;
  const extra = ownOf<JsonObject>(structuredClone(rest.extra)) as JsonObject;
  return Object.freeze({
    source_layer: layer,
    threat_type: textOf(extra["threat_type"]) ?? action,
    severity: tenths(severity),
    description: textOf(extra["description"]) ?? `${layer}: ${action} (${fingerprint})`,
    ...subjects(extra),
    correlation_id: textOf(extra["correlation_id"]) ?? event_id,
    metadata: { event_id, fingerprint, ...(user_id === undefined ? {} : { user_id }), extra },
  });
}

function tenths(severity: number): number {
  if (!(severity >= 0 && severity <= 1)) return 10;
  return STEPS.findLastIndex((step) => severity >= step);
}

function subjects(extra: JsonObject): Partial<ThreatPacket> {
  const node_id = textOf(extra["node_id"]);
  const wallet_id = textOf(extra["wallet_id"]);
  const tx_id = textOf(extra["tx_id"]);
  const block_height = heightOf(extra["block_height"]);
  const timestamp = timeOf(extra["timestamp"]);
  return {
    ...(node_id === undefined ? {} : { node_id }),
    ...(wallet_id === undefined ? {} : { wallet_id }),
    ...(tx_id === undefined ? {} : { tx_id }),
    ...(block_height === undefined ? {} : { block_height }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function heightOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function timeOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && ISO_TIME.test(value) ? value : undefined;
}
