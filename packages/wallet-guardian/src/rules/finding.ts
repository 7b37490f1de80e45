/** The result of a rule: findings, and the largest amount that would pass (design: layer 4, decision table). */
import { GUARDIAN_DECISIONS, type GuardianDecisionName } from "@dgb-shield/contract";
import type { GuardianCode } from "../codes.js";
import type { FreezeKind } from "../ports.js";
import type { Scope } from "../scopes.js";

/** One finding of one rule. */
export type Finding = Readonly<{
  code: GuardianCode;
  decision: GuardianDecisionName;
  /** The limit that is breached: whose, and where the policy has it. */
  breach?: Readonly<{ scope: Scope; limit: string }>;
  /** The scope that the finding freezes, whatever the answer, and what kind of freeze it is. */
  freezes?: Readonly<{ scope: Scope; kind: FreezeKind }>;
  /** When it will have passed by itself; absent: never. */
  retry_at_ms?: number;
}>;

/** The result of one rule for a request. */
export type RuleResult = Readonly<{
  findings: readonly Finding[];
  /** Largest amount that the rule would let pass now; null: it sets no bound. */
  headroom: bigint | null;
}>;

/** The result of a rule without a finding. */
export const NO_FINDING: RuleResult = Object.freeze({
  findings: Object.freeze([]),
  headroom: null,
});

/**
 * Makes a result with one finding, whatever the amount.
 *
 * @returns headroom for nothing, unless the finding allows
 */
export const found = (finding: Finding): RuleResult => ({
  findings: [finding],
  headroom: finding.decision === "ALLOW" ? null : 0n,
});

/** Combines the results of several rules. */
export function combine(results: readonly RuleResult[]): RuleResult {
  const findings: Finding[] = [];
  let headroom: bigint | null = null;
  for (const result of results) {
    for (const finding of result.findings) findings.push(bare(finding));
    headroom = smaller(headroom, result.headroom);
  }
  return { findings, headroom };
}

/** Copies a finding without a prototype, so that absent fields stay absent. */
const bare = (finding: Finding): Finding => Object.assign(Object.create(null) as Finding, finding);

/** Selects the worst decision; `ALLOW` for none, and `REJECT` for what is no decision. */
export const worstOf = (decisions: readonly GuardianDecisionName[]): GuardianDecisionName =>
  decisions.reduce((worst, decision) => {
    const rank = GUARDIAN_DECISIONS.indexOf(decision);
    if (rank === -1) return "REJECT";
    return rank > GUARDIAN_DECISIONS.indexOf(worst) ? decision : worst;
  }, "ALLOW");

function smaller(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** Names the breach of a limit, where the limit has an id. */
export const breachOf = (
  scope: Scope,
  limit: unknown,
): Readonly<{ breach?: Readonly<{ scope: Scope; limit: string }> }> =>
  typeof limit === "string" ? { breach: { scope, limit } } : {};
