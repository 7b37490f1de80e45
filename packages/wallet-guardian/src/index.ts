/** Wallet Guardian: a withdrawal firewall whose limits hold under any concurrency and any crash. */
export { BEHAVIOUR_WINDOWS_MS, behaviourScore } from "./behaviour/score.js";
export { decisionOf, type GuardianAnswer } from "./evaluate/answer.js";
export { RISK_CAUSE } from "./evaluate/freeze-cause-id.js";
export { type ClaimAnswer, type ClaimOptions } from "./claim/arguments.js";
export {
  type Prepared,
  type PreparedFor,
  prepareWithdrawal,
} from "./request/prepare-withdrawal.js";
export {
  CLAIM_CODES,
  type ClaimCode,
  GUARDIAN_CODES,
  type GuardianCode,
  IMPORT_CODES,
  type ImportCode,
  OPERATION_CODES,
  type OperationCode,
} from "./codes.js";
export { type Environment, policyFromEnv, policyFromJson } from "./policy/from-env.js";
export { type LogEntry } from "./context.js";
export { type DestinationTarget } from "./operations/destinations.js";
export { type ScriptOf, shapeOf } from "./policy/destination-rules.js";
export { RULES_VERSION } from "./evaluate/default-deny.js";
export { toEnvelope } from "./envelope.js";
export {
  GuardianOptionsError,
  GuardianPolicyError,
  LedgerError,
  type LedgerErrorCode,
  type LedgerFacts,
  type PolicyIssue,
  type PolicyIssueCode,
} from "./errors.js";
export { EVENT_SEVERITIES, type EventAction } from "./events.js";
export { type Finalize, type FinalizeFacts } from "./evaluate/finalize.js";
export { type Finding, type RuleResult } from "./rules/finding.js";
export {
  type CommitOptions,
  createGuardian,
  type Guardian,
  type GuardianOptions,
  type OperatorOrder,
  type ReleaseOptions,
} from "./guardian.js";
export { type ImportOptions, type ImportResult } from "./import/index.js";
export { type ImportIssue, type OutsidePayment } from "./import/payments.js";
export { type WindowLimit } from "./policy/compile.js";
export {
  type FreezeList,
  type ListedFreeze,
  type ListedPayment,
  type PageOptions,
  type PaymentList,
  type PaymentStatus,
} from "./operations/listing.js";
export { createMemoryLedger } from "./ledger/memory/index.js";
export {
  type FreezeTarget,
  type OperationRejection,
  type OperationResult,
  type UnfreezeTarget,
} from "./operations/arguments.js";
export {
  type GuardianPolicy,
  type GuardianPolicyInput,
  guardianPolicySchema,
  parsePolicy,
  policyVersion,
} from "./policy/policy.js";
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
export { PRESETS, type PresetName } from "./policy/presets.js";
export { eventsOf } from "./records.js";
export { type RiskInput } from "./request/read-request.js";
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
export { type Acceptance, type ClockOwner } from "./clock/time.js";
export { toSignals } from "./signals.js";
export {
  type DecisionTable,
  DEFAULT_TABLE,
  type TableFinding,
  type TableRow,
} from "./policy/decision-table.js";
export { type FreezeView, type ScopeView, type WindowView } from "./operations/view.js";
export {
  type PaymentRequest,
  paymentSchema,
  type WithdrawalRequest,
  withdrawalSchema,
} from "./request/withdrawal.js";
