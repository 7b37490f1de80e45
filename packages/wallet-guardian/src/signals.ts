/** Makes network signals of decisions, for local causes only (DQSN v2, section 2; design: no feedback loop). */
import type { GuardianDecision, SignalV2 } from "@dgb-shield/contract";
import type { GuardianCode } from "./codes.js";

/** Severity of each cause that rests on this site alone; all below 0.60: one wallet is no emergency of the network. */
const LOCAL_CAUSES: ReadonlyMap<string, number> = new Map<GuardianCode, number>([
  ["destination_denied", 0.4],
  ["per_tx_limit", 0.3],
  ["daily_limit", 0.3],
  ["window_limit", 0.3],
  ["cooldown_breach", 0.1],
]);

/** Causes that at MEDIUM and HIGH also count what risk kept from leaving. */
const COUNTS_UNDER_RISK: ReadonlySet<string> = new Set(["daily_limit", "window_limit"]);

/**
 * The v2 signals of one decision, one for each local cause, none for what risk caused: freezes and
 * rejections that a risk level led to would come back as risk. A window's limit is reported at LOW only.
 *
 * @param node the node that sends the signals, and its operator
 * @example toSignals(decision, { node_id: "exchange-1" })[0]?.type // "per_tx_limit"
 */
export function toSignals(
  decision: GuardianDecision,
  node: Readonly<{ node_id: string; operator?: string }>,
): SignalV2[] {
  return decision.reason_codes.flatMap((type): SignalV2[] => {
    const severity = LOCAL_CAUSES.get(type);
    const caused = COUNTS_UNDER_RISK.has(type) && decision.risk !== "LOW";
    if (severity === undefined || caused) return [];
    return [
      { ...node, source: "wallet_guard", type, severity, observed_at: decision.decided_at_ms },
    ];
  });
}
