/** Layer 2: validates, deduplicates and aggregates the signals of many nodes into one network view. */
export type { Acceptance, ClockAcceptance } from "./network/clock-history.js";
export {
  type AdvisoryInput,
  type AdvisoryThresholds,
  quorumOf,
  scoreWithin,
  toLevel,
} from "./network/advisory.js";
export { aggregate, type AggregatedSignals } from "./network/aggregator.js";
export { channelOf } from "./network/channels.js";
export {
  INGEST_ERROR_CODES,
  REQUEST_ERROR_CODES,
  type RequestErrorCode,
  RESTORE_ERROR_CODES,
  type RestoreErrorCode,
  type SignalErrorCode,
} from "./codes.js";
export { type DqsnConfig, FORWARDS, INVALID_SIGNAL_POLICIES } from "./evaluate/config.js";
export { DqsnConfigError, type DqsnConfigErrorCode } from "./errors.js";
export { createDqsn, type Dqsn } from "./evaluate/index.js";
export { type AcceptedSignal, type RejectedSignal, signalToEnvelope } from "./network/ingest.js";
export type { MuteTarget } from "./network/muting.js";
export type { NetworkConfig } from "./network/config.js";
export type { NamedTypes } from "./network/live/critical-types.js";
export { createNetworkState, type IngestResult, type NetworkState } from "./network/index.js";
export { restoreNetworkState, type RestoreResult } from "./network/restore.js";
export type { ChannelRisk, NetworkRisk } from "./network/assess.js";
export {
  calculateNetworkRisk,
  type Scoring,
  SCORINGS,
  type ScoringOptions,
} from "./network/scoring.js";
export type { NetworkSnapshot } from "./network/snapshot.js";
