/** Rule 1: critical chain or node risk, or a rejection by Wallet Guardian (QWG technical document, section 5.3). */
import { block } from "../evaluate/decisions.js";
import { always, type Check, type ComparisonRule } from "./check.js";
import type { RuleInput } from "./rule-input.js";

const CRITICAL = block({
  reason_id: "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
  reason: "Sentinel or the node's own defence reports critical risk.",
});
const blockedOn = (answer: string) =>
  block({ reason_id: "QWG_GUARDIAN_BLOCK", reason: `Wallet Guardian answered ${answer}.` });
const FROZEN = blockedOn("FREEZE");
const REJECTED = blockedOn("REJECT");

const isSentinelBelow = ({ context }: RuleInput): boolean => context.sentinel_level !== "critical";
const isAdnBelow = ({ context }: RuleInput): boolean => context.adn_level !== "critical";
const isNotFrozen = ({ context }: RuleInput): boolean => context.guardian_decision !== "FREEZE";
const isNotRejected = ({ context }: RuleInput): boolean => context.guardian_decision !== "REJECT";

/** Blocks under a critical Sentinel or ADN level. Never waived. */
export const blockCriticalRisk: Check = {
  rule: 1,
  reason_id: "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
  comparisons: [
    belowCritical("sentinel_level", isSentinelBelow),
    belowCritical("adn_level", isAdnBelow),
  ],
  // [BLOCK QWG_CRITICAL_CHAIN_OR_NODE_RISK] Sentinel or ADN reports a critical level
  matches: (input) => !isSentinelBelow(input) || !isAdnBelow(input),
  waivedBy: null,
  decide: () => CRITICAL,
};

/** Blocks what Guardian froze or rejected. Never waived. */
export const blockByGuardian: Check = {
  rule: 1,
  reason_id: "QWG_GUARDIAN_BLOCK",
  comparisons: [
    guardianIsNot("FREEZE", { source: "rule 1", holds: isNotFrozen }),
    guardianIsNot("REJECT", { source: "rule 1", holds: isNotRejected }),
  ],
  // [BLOCK QWG_GUARDIAN_BLOCK] Guardian froze or rejected the withdrawal
  matches: (input) => !isNotFrozen(input) || !isNotRejected(input),
  waivedBy: null,
  decide: ({ context }) => (context.guardian_decision === "FREEZE" ? FROZEN : REJECTED),
};

/** States that Guardian's decision is another one, or absent. */
export function guardianIsNot(
  decision: "FREEZE" | "REJECT" | "DELAY",
  { source, holds }: Readonly<{ source: string; holds: ComparisonRule["holds"] }>,
): ComparisonRule {
  return {
    field: "guardian_decision",
    relation: "is not",
    source: () => source,
    isOn: always,
    holds,
    value: ({ context }) => context.guardian_decision ?? null,
    limit: () => decision,
  };
}

function belowCritical(
  field: "sentinel_level" | "adn_level",
  holds: ComparisonRule["holds"],
): ComparisonRule {
  return {
    field,
    relation: "<",
    source: () => "rule 1",
    isOn: always,
    holds,
    value: ({ context }) => context[field],
    limit: () => "critical",
  };
}
