/** Who answers for a signal, how bad each operator's worst report is, and who is critical (DQSN v2, section 2). */
import { SCALE, type SignalV2 } from "@dgb-shield/contract";
import { toMicros } from "../internal/micros.js";

const CRITICAL = toMicros(SCALE.high);

/** Whether a severity in 10⁻⁶ is at or above 0.60. */
export const isCritical = (severity: number): boolean => severity >= CRITICAL;

/** Control characters are in no identifier, so that no two names give one key. */
const BETWEEN = "\u0000";

/** One node of one operator; a node that names no operator is another one than any that does. */
export const nodeKeyOf = (nodeId: string, operator: string | undefined): string =>
  operator === undefined ? nodeId : `${operator}${BETWEEN}${nodeId}`;

/** Who answers for a signal: its operator, or its node, which is not the operator of the same name. */
export const operatorKeyOf = ({
  node_id,
  operator,
}: Pick<SignalV2, "node_id" | "operator">): string =>
  operator === undefined ? node_id : `${operator}${BETWEEN}`;

/** The worst severity of each operator over the given signals, in 10⁻⁶. */
export function worstSeverities(signals: readonly SignalV2[]): Map<string, number> {
  const worst = new Map<string, number>();
  for (const signal of signals) {
    const key = operatorKeyOf(signal);
    worst.set(key, Math.max(worst.get(key) ?? 0, toMicros(signal.severity)));
  }
  return worst;
}
