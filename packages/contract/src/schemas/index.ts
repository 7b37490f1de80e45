/** Schemas and types of everything that crosses layers. No Node builtin: usable in a browser. */
export {
  FACT_SOURCES,
  type FactSource,
  type Provenance,
  QWG_DECISIONS,
  type QwgDecisionName,
  withdrawalRecordSchema,
  type WithdrawalRecord,
  storedWithdrawalRecordSchema,
  type StoredWithdrawalRecord,
} from "./withdrawal-record.js";
export {
  LOCKDOWNS,
  type Lockdown,
  defenseEventSchema,
  type DefenseEvent,
  defenseActionSchema,
  type DefenseAction,
  defenseStateSchema,
  type DefenseState,
} from "./defense-state.js";
export {
  dqsnConstraintsSchema,
  type DqsnConstraints,
  dqsnRequestSchema,
  type DqsnRequest,
  dqsnResponseSchema,
  type DqsnResponse,
} from "./dqsn.js";
export {
  envelopeRiskSchema,
  type EnvelopeRisk,
  envelopeSchema,
  type Envelope,
} from "./envelope.js";
export { LAYERS, type Layer, shieldEventSchema, type ShieldEvent } from "./event.js";
export {
  GUARDIAN_DECISIONS,
  type GuardianDecisionName,
  guardianDecisionSchema,
  type GuardianDecision,
} from "./guardian-decision.js";
export { networkViewSchema, type NetworkView } from "./network-view.js";
export {
  idSchema,
  componentSchema,
  reasonCodeSchema,
  wordSchema,
  hash256Schema,
  scoreSchema,
  timeMsSchema,
  heightSchema,
  amountSchema,
  jsonObjectSchema,
  riskTierSchema,
  riskLevelSchema,
  advisoryLevelSchema,
  guardianRiskSchema,
  envelopeDecisionSchema,
} from "./primitives.js";
export {
  isPayment,
  usesWallet,
  RPC_METHOD_KINDS,
  type RpcMethodKind,
  RPC_METHOD_TRAITS,
  type RpcMethodTrait,
  rpcConditionSchema,
  type RpcCondition,
  rpcMethodSchema,
  type RpcMethod,
} from "./rpc-method.js";
export {
  findingSchema,
  type Finding,
  sentinelReportSchema,
  type SentinelReport,
} from "./sentinel-report.js";
export {
  MAX_STATED_FINDINGS,
  MAX_STATED_NODES,
  TIP_STATEMENT_BOUNDS,
  TIP_STATEMENT_CODES,
  TIP_STATEMENT_VERSION,
  type TipStatement,
  type TipStatementCode,
  tipStatementSchema,
} from "./tip-statement.js";
export {
  SIGNAL_SOURCES,
  type SignalSource,
  CHANNELS,
  type Channel,
  signalV2Schema,
  type SignalV2,
} from "./signal-v2.js";
