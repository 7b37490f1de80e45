/** The worst severity of each operator, and the keys of nodes and operators (design section 4.2: slots, scoring). */
import { SCALE, type SignalV2 } from "@dgb-shield/contract";
import { toMicros } from "../internal/micros.js";

const CRITICAL = toMicros(SCALE.high);

/** Whether a severity in 10⁻⁶ is at or above 0.60. */
export const isCritical = (severity: number): boolean => severity >= CRITICAL;

/** Separates the parts of a key: no identifier has control characters, so that no two names give one key. */
const BETWEEN = "\u0000";

/** The key of a node of one operator; a node without an operator is distinct from any with one. */
export const nodeKeyOf = (nodeId: string, operator: string | undefined): string =>
  operator === undefined ? nodeId : `${operator}${BETWEEN}${nodeId}`;

/** The key of a signal's operator; a node without an operator is its own, distinct from any operator of that name. */
export const operatorKeyOf = ({
  node_id,
  operator,
}: Pick<SignalV2, "node_id" | "operator">): string =>
  operator === undefined ? node_id : `${operator}${BETWEEN}`;

/** Finds the worst severity of each operator over the given signals, in 10⁻⁶. */
export function worstSeverities(signals: readonly SignalV2[]): Map<string, number> {
  const worst = new Map<string, number>();
  for (const signal of signals) {
    const key = operatorKeyOf(signal);
    worst.set(key, Math.max(worst.get(key) ?? 0, toMicros(signal.severity)));
  }
  return worst;
}
