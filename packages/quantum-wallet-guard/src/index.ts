/** Quantum Wallet Guard v2: the final decision on one transaction (layer 5). */
export {
  APPROVAL_METHODS,
  type ApprovalBinding,
  type ApprovalMethod,
  approvalBinding,
} from "./approvals.js";
export { REASON_IDS, type ReasonId } from "./codes.js";
export type { DecisionResult, HashedResult } from "./decisions.js";
export { createDecisionEngine, type DecisionEngine, type DecisionEngineOptions } from "./engine.js";
export { toEnvelope } from "./envelope.js";
export { QwgError, type QwgErrorCode } from "./errors.js";
export { evaluateTransaction } from "./evaluate.js";
export { withHash } from "./hash.js";
export {
  FULL_BALANCE_RATIO,
  parsePolicy,
  POLICY_PRESETS,
  policyVersion,
  type WalletPolicy,
  type WalletPolicyInput,
  walletPolicySchema,
} from "./policy.js";
export {
  type Approval,
  type RiskContext,
  riskContextSchema,
  SEED_DEFAULTS,
  withSeedDefaults,
} from "./risk-context.js";
