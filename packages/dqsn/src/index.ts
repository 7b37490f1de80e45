/** Layer 2: validates, deduplicates and aggregates the signals of many nodes into one network picture. */
export type { Acceptance, ClockAcceptance } from "./acceptance.js";
export {
  type AdvisoryInput,
  type AdvisoryThresholds,
  quorumOf,
  scoreWithin,
  toLevel,
} from "./advisory.js";
export { aggregate, type NetworkState } from "./aggregator.js";
export { channelOf } from "./channels.js";
export {
  INGEST_ERROR_CODES,
  REQUEST_ERROR_CODES,
  type RequestErrorCode,
  RESTORE_ERROR_CODES,
  type RestoreErrorCode,
  type SignalErrorCode,
} from "./codes.js";
export { type DqsnConfig, FORWARDS, INVALID_SIGNAL_POLICIES } from "./config.js";
export { DqsnConfigError, type DqsnConfigErrorCode } from "./errors.js";
export { createDqsn, type Dqsn } from "./evaluate.js";
export { type AcceptedSignal, type RefusedSignal, signalToEnvelope } from "./ingest.js";
export type { Reporter } from "./muting.js";
export type { NetworkConfig } from "./network-config.js";
export { createNetworkState, type IngestResult, type LiveNetwork } from "./network-state.js";
export { restoreNetworkState, type RestoreResult } from "./restore.js";
export {
  calculateNetworkRisk,
  type ChannelRisk,
  type NetworkRisk,
  type Scoring,
  SCORINGS,
  type ScoringOptions,
} from "./scoring.js";
export type { NetworkSnapshot } from "./snapshot.js";
