/** Quantum Wallet Guard v2: the final decision on one transaction (layer 5). */
export { type ApprovalBinding, approvalBinding } from "./evaluate/approvals.js";
export { REASON_IDS, type ReasonId } from "./codes.js";
export type { DecisionResult, HashedResult } from "./evaluate/decisions.js";
export {
  counterfactual,
  type Counterfactual,
  type MissingApprovals,
  type Way,
} from "./explain/counterfactual.js";
export { type EventOptions, eventOf, type PersonalData } from "./events.js";
export { createDecisionEngine, type DecisionEngine, type DecisionEngineOptions } from "./engine.js";
export { toEnvelope } from "./envelope.js";
export { QwgError, type QwgErrorCode } from "./errors.js";
export { decide, evaluateTransaction } from "./evaluate/index.js";
export { explain, type Explanation, type Outcome, type RuleTrace } from "./explain/index.js";
export type { Comparison } from "./rules/check.js";
export { withHash } from "./hash.js";
export { type ContextParse, parseContext, type ParsedContext } from "./evaluate/parsed-context.js";
export { parsePolicy, POLICY_PRESETS, policyVersion } from "./policy/index.js";
export {
  checkPolicy,
  parsePolicyJson,
  type PolicyIssue,
  type PolicyReading,
} from "./policy/issues.js";
export { type WalletPolicy, type WalletPolicyInput, walletPolicySchema } from "./policy/schema.js";
export {
  type Approval,
  APPROVAL_METHODS,
  type ApprovalMethod,
  type RiskContext,
  riskContextSchema,
  SEED_DEFAULTS,
  withSeedDefaults,
} from "./evaluate/risk-context.js";
export type { QwgDecisionRecord, RecordErrorCode, RecordOffence } from "./recorded-decision.js";
export {
  createPolicySimulation,
  type RecordRef,
  simulatePolicy,
  type Simulation,
  type SimulationOptions,
  type SimulationSummary,
  type UnreadableRecord,
  type Verdict,
  type VerdictChange,
} from "./explain/simulate.js";
