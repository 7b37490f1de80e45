/** Who reports, how bad each one's worst report is, and who is critical (DQSN v2, section 2). */
import { SCALE, type SignalV2 } from "@dgb-shield/contract";
import { toMicros } from "./internal/micros.js";

/** A live signal, and who answers for it: its operator, or its node in the pure functions. */
export type Report = Readonly<{ operator: string; signal: SignalV2 }>;

const CRITICAL = toMicros(SCALE.high);

/** The worst severity of each operator over all channels, in 10⁻⁶. */
export function worstSeverities(reports: readonly Report[]): Map<string, number> {
  const worst = new Map<string, number>();
  for (const { operator, signal } of reports) {
    worst.set(operator, Math.max(worst.get(operator) ?? 0, toMicros(signal.severity)));
  }
  return worst;
}

/** The operators at or above 0.60, in order. */
export const criticalOperators = (worst: ReadonlyMap<string, number>): string[] =>
  [...worst]
    .filter(([, severity]) => severity >= CRITICAL)
    .map(([operator]) => operator)
    .sort();
