/** What a rule says: findings, and how much it would let pass (design: layer 4, decision table). */
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

/** What one rule makes of a request. */
export type RuleResult = Readonly<{
  findings: readonly Finding[];
  /** Largest amount that the rule would let pass now; null: it sets no bound. */
  room: bigint | null;
}>;

/** A rule with nothing to say. */
export const SILENT: RuleResult = Object.freeze({ findings: Object.freeze([]), room: null });

/**
 * A rule that says one thing, whatever the amount.
 *
 * @returns room for nothing, unless the finding allows
 */
export const found = (finding: Finding): RuleResult => ({
  findings: [finding],
  room: finding.decision === "ALLOW" ? null : 0n,
});

/** All that several rules say. */
export function combine(results: readonly RuleResult[]): RuleResult {
  const findings: Finding[] = [];
  let room: bigint | null = null;
  for (const result of results) {
    for (const finding of result.findings) findings.push(bare(finding));
    room = smaller(room, result.room);
  }
  return { findings, room };
}

/** A finding without a prototype, so that what it does not say is absent. */
const bare = (finding: Finding): Finding => Object.assign(Object.create(null) as Finding, finding);

/** The worst decision; `ALLOW` for none, and `REJECT` for what is no decision. */
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

/** The breach of a limit, where its id is known. */
export const breachOf = (
  scope: Scope,
  limit: unknown,
): Readonly<{ breach?: Readonly<{ scope: Scope; limit: string }> }> =>
  typeof limit === "string" ? { breach: { scope, limit } } : {};
