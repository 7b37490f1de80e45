/** Rule 1: critical chain or node risk, or a refusal by Wallet Guardian (QWG technical document, section 5.3). */
import { block } from "../evaluate/decisions.js";
import type { Check, Comparison, Facts } from "./rule-input.js";

const CRITICAL = block({
  reason_id: "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
  reason: "Sentinel or the node's own defence reports critical risk.",
});
const refusedBy = (answer: string) =>
  block({ reason_id: "QWG_GUARDIAN_BLOCK", reason: `Wallet Guardian answered ${answer}.` });
const FROZEN = refusedBy("FREEZE");
const REJECTED = refusedBy("REJECT");

/** Blocks under a critical Sentinel or ADN level. Never waived. */
export const blockCriticalRisk: Check = {
  rule: 1,
  reason_id: "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
  // [BLOCK] Sentinel or ADN reports a critical level
  speaks: ({ context }) =>
    context.sentinel_level === "critical" || context.adn_level === "critical",
  waiver: null,
  decide: () => CRITICAL,
  compare: ({ context }) =>
    (["sentinel_level", "adn_level"] as const).map((field) => ({
      field,
      value: context[field],
      relation: "<",
      limit: "critical",
      source: "rule 1",
      holds: context[field] !== "critical",
    })),
};

/** Blocks what Guardian froze or rejected. Never waived. */
export const blockByGuardian: Check = {
  rule: 1,
  reason_id: "QWG_GUARDIAN_BLOCK",
  // [BLOCK] Guardian froze or rejected the withdrawal
  speaks: ({ context: { guardian_decision: answer } }) =>
    answer === "FREEZE" || answer === "REJECT",
  waiver: null,
  decide: ({ context }) => (context.guardian_decision === "FREEZE" ? FROZEN : REJECTED),
  compare: (facts) => [isNot(facts, "FREEZE"), isNot(facts, "REJECT")],
};

function isNot({ context }: Facts, limit: string): Comparison {
  const value = context.guardian_decision ?? null;
  return {
    field: "guardian_decision",
    value,
    relation: "is not",
    limit,
    source: "rule 1",
    holds: value !== limit,
  };
}
