/** Who reports, how bad each one's worst report is, and who is critical (DQSN v2, section 2). */
import { SCALE, type SignalV2 } from "@dgb-shield/contract";
import { toMicros } from "./internal/micros.js";

const CRITICAL = toMicros(SCALE.high);

/** Whether a severity in 10⁻⁶ is at or above 0.60. */
export const isCritical = (severity: number): boolean => severity >= CRITICAL;

/** The worst severity of each node over the given signals, in 10⁻⁶. */
export function worstSeverities(signals: readonly SignalV2[]): Map<string, number> {
  const worst = new Map<string, number>();
  for (const { node_id, severity } of signals) {
    worst.set(node_id, Math.max(worst.get(node_id) ?? 0, toMicros(severity)));
  }
  return worst;
}
