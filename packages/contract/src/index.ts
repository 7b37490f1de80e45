/** Shield Contract v3: what all layers share. */
export { formatAmount, isAmount, parseAmount, UNITS_PER_COIN } from "./amounts/amount.js";
export { canonicalize } from "./json/canonical.js";
export {
  acceptedClock,
  advanceClock,
  type CheckedTime,
  checkTimeMs,
  type ClockAnchor,
  type ClockStatus,
  type CoreClock,
  DEFAULT_MAX_CLOCK_SKEW_MS,
  EARLIEST_TIME_MS,
  END_OF_TIME_MS,
  type InvalidTime,
  type TimeErrorCode,
  type TimeReading,
} from "./clock.js";
export {
  compareDecimals,
  compareToShare,
  type Decimal,
  parseDecimal,
  shareOf,
} from "./amounts/decimal.js";
export { createEnvelope, isEnvelope, type Statement } from "./envelope.js";
export {
  ContractError,
  type ContractErrorCode,
  type ErrorFacts,
  type Result,
  ShieldError,
} from "./errors.js";
export { canonicalHash, sha256Hex } from "./json/hash.js";
export type { JsonObject, JsonValue } from "./json/value.js";
export { type ParsedList, parseJsonList } from "./json/parse-list.js";
export { PATTERNS } from "./json/patterns.js";
export { boundedPointer, firstErrorPath, pointer } from "./json/pointer.js";
export { copyUntrusted, type PlainBounds } from "./json/untrusted-copy.js";
export { SCHEMA_NAMES, type SchemaName, toJsonSchema } from "./schemas/json-schema.js";
export {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  DECISION_OF_LEVEL,
  ENVELOPE_DECISIONS,
  type EnvelopeDecision,
  GUARDIAN_RISK_OF_LEVEL,
  GUARDIAN_RISKS,
  type GuardianRisk,
  isWorseLevel,
  LEVEL_OF_ADVISORY,
  levelOfScore,
  RISK_LEVELS,
  RISK_TIERS,
  type RiskLevel,
  type RiskTier,
  SCALE,
  TIER_OF_LEVEL,
  tierOfScore,
  worstDecision,
  worstLevel,
  worstTier,
} from "./levels.js";
export { CONTRACT_VERSION, LIMITS } from "./limits.js";
export { parseOwn, withoutPrototypes } from "./schemas/parse-own.js";
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
} from "./schemas/withdrawal-record.js";
export {
  LOCKDOWNS,
  type Lockdown,
  defenseEventSchema,
  type DefenseEvent,
  defenseActionSchema,
  type DefenseAction,
  defenseStateSchema,
  type DefenseState,
} from "./schemas/defense-state.js";
export {
  dqsnConstraintsSchema,
  type DqsnConstraints,
  dqsnRequestSchema,
  type DqsnRequest,
  dqsnResponseSchema,
  type DqsnResponse,
} from "./schemas/dqsn.js";
export {
  envelopeRiskSchema,
  type EnvelopeRisk,
  envelopeSchema,
  type Envelope,
} from "./schemas/envelope.js";
export {
  type EventSink,
  LAYERS,
  type Layer,
  shieldEventSchema,
  type ShieldEvent,
} from "./schemas/event.js";
export {
  GUARDIAN_DECISIONS,
  type GuardianDecisionName,
  guardianDecisionSchema,
  type GuardianDecision,
} from "./schemas/guardian-decision.js";
export { networkViewSchema, type NetworkView } from "./schemas/network-view.js";
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
} from "./schemas/primitives.js";
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
} from "./schemas/rpc-method.js";
export {
  findingSchema,
  type Finding,
  sentinelReportSchema,
  type SentinelReport,
} from "./schemas/sentinel-report.js";
export {
  MAX_STATED_FINDINGS,
  MAX_STATED_NODES,
  TIP_STATEMENT_BOUNDS,
  TIP_STATEMENT_CODES,
  TIP_STATEMENT_VERSION,
  type TipStatement,
  type TipStatementCode,
  tipStatementSchema,
} from "./schemas/tip-statement.js";
export {
  SIGNAL_SOURCES,
  type SignalSource,
  CHANNELS,
  type Channel,
  signalV2Schema,
  type SignalV2,
} from "./schemas/signal-v2.js";
export { parseStrictJson } from "./json/parse-strict.js";
export { utf8Length } from "./json/text.js";
