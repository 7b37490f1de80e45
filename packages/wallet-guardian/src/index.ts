/** Wallet Guardian: a withdrawal firewall whose limits hold under any concurrency and any crash. */
export { decisionOf, type GuardianAnswer } from "./answer.js";
export { RISK_CAUSE } from "./causes.js";
export { type ClaimAnswer, type ClaimOptions } from "./claim-input.js";
export { type Prepared, type PreparedFor, prepareWithdrawal } from "./client.js";
export {
  CLAIM_CODES,
  type ClaimCode,
  GUARDIAN_CODES,
  type GuardianCode,
  OPERATION_CODES,
  type OperationCode,
} from "./codes.js";
export { type Environment, policyFromEnv, policyFromJson } from "./config.js";
export { type LogEntry } from "./context.js";
export { type DestinationTarget } from "./destination-calls.js";
export { type ScriptOf, shapeOf } from "./destinations.js";
export { RULES_VERSION } from "./draft.js";
export { toEnvelope } from "./envelope.js";
export {
  GuardianOptionsError,
  GuardianPolicyError,
  LedgerError,
  type LedgerErrorCode,
  type LedgerFacts,
  type PolicyFault,
  type PolicyFaultCode,
} from "./errors.js";
export { EVENT_SEVERITIES, type EventAction } from "./events.js";
export { type Finalize } from "./finalize.js";
export { type Finding, type RuleResult } from "./finding.js";
export {
  type CommitOptions,
  createGuardian,
  type Guardian,
  type GuardianOptions,
  type OperatorOrder,
  type ReleaseOptions,
} from "./guardian.js";
export { type WindowLimit } from "./limits.js";
export {
  type FreezeList,
  type ListedFreeze,
  type ListedPayment,
  type PageOptions,
  type PaymentList,
  type PaymentStatus,
} from "./listing.js";
export { createMemoryLedger } from "./memory-ledger.js";
export {
  type FreezeTarget,
  type OperationRefusal,
  type OperationResult,
  type UnfreezeTarget,
} from "./operation.js";
export {
  type GuardianPolicy,
  type GuardianPolicyInput,
  guardianPolicySchema,
  parsePolicy,
  policyVersion,
} from "./policy.js";
export type {
  AcceptanceOrder,
  Counts,
  DestinationRead,
  DestinationSnapshot,
  FreezeKind,
  FrozenBy,
  Ledger,
  LedgerIdentity,
  LedgerReads,
  LedgerRecord,
  LedgerSnapshot,
  LedgerStep,
  LedgerWrites,
  Lift,
  NewFreeze,
  NewRecord,
  Pruned,
  PruneStep,
  RecordKind,
  ScopeRead,
  ScopeSnapshot,
  StoredDestination,
  StoredFreeze,
  StoredPolicy,
  StoredWithdrawal,
  Usage,
  UsageRead,
  WithdrawalStatus,
} from "./ports.js";
export { PRESETS, type PresetName } from "./presets.js";
export { eventsOf } from "./records.js";
export { type RiskInput } from "./request.js";
export {
  type Exported,
  type ExportedRecord,
  type ExportOptions,
  exportRecords,
  type PruneOptions,
  pruneLedger,
  type Segment,
  verifyRecord,
} from "./retention.js";
export { evaluateAmountLimits } from "./rules/evaluate-amount-limits.js";
export { type CooldownState, evaluateCooldown } from "./rules/evaluate-cooldown.js";
export { evaluateDailyVolume, type WindowState } from "./rules/evaluate-daily-volume.js";
export { type Scope, scopeKey, type ScopeType } from "./scopes.js";
export { type Acceptance, type ClockOwner } from "./time.js";
export { toSignals } from "./signals.js";
export { type DecisionTable, DEFAULT_TABLE, type TableFinding, type TableRow } from "./table.js";
export { type FreezeView, type ScopeView, type WindowView } from "./view.js";
export {
  type PaymentRequest,
  paymentSchema,
  type WithdrawalRequest,
  withdrawalSchema,
} from "./withdrawal.js";
