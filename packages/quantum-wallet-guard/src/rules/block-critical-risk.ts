/** Rule 1: critical chain or node risk, or a refusal by Wallet Guardian (QWG technical document, section 5.3). */
import { block } from "../decisions.js";
import type { Rule } from "../facts.js";

/** Blocks under a critical Sentinel or ADN level, and what Guardian froze or rejected. Never waived. */
export const blockCriticalRisk: Rule = ({ context }) => {
  // [BLOCK] Sentinel or ADN reports a critical level
  if (context.sentinel_level === "critical" || context.adn_level === "critical") {
    return block({
      reason_id: "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
      reason: "Sentinel or the node's own defence reports critical risk.",
    });
  }
  // [BLOCK] Guardian froze or rejected the withdrawal
  if (context.guardian_decision === "FREEZE" || context.guardian_decision === "REJECT") {
    return block({
      reason_id: "QWG_GUARDIAN_BLOCK",
      reason: `Wallet Guardian answered ${context.guardian_decision}.`,
    });
  }
  return undefined;
};
