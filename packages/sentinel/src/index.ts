/** Layer 1, Sentinel: chain anomaly detection from what nodes report. */
export {
  type AcknowledgementCode,
  type AcknowledgementOrder,
  type AcknowledgementResult,
} from "./acknowledge.js";
export { type AcceptClockOrder, type AcceptClockResult } from "./clock/accept-clock.js";
export { CIRCUIT_BREAKER } from "./detectors/circuit-breakers.js";
export { type Times } from "./clock/clock-state.js";
export {
  CLOCK_UNTRUSTED,
  EVIDENCE_UNAVAILABLE,
  FINDING_CODES,
  FLEET_CODES,
  OBSERVATION_INVALID,
  ORDER_CODES,
  reasonCodeOf,
  SENTINEL_OK,
  STATUS_CODES,
  WRONG_CHAIN,
} from "./codes.js";
export type {
  Detector,
  DetectorFinding,
  Reduced,
  ReducedUnwatched,
  Timed,
} from "./detectors/detector.js";
export { algoShare } from "./detectors/algo-share.js";
export { blockCadence } from "./detectors/block-cadence.js";
export { blockStall } from "./detectors/block-stall.js";
export { clockTrust } from "./detectors/clock-trust.js";
export { doubleSpend } from "./detectors/double-spend.js";
export { entropyDrop } from "./detectors/entropy-drop.js";
export { flagDay } from "./detectors/flag-day.js";
export { mempoolSurge } from "./detectors/mempool-surge.js";
export { nodeOverloaded } from "./detectors/node-overloaded.js";
export { nodeUnreachable } from "./detectors/node-unreachable.js";
export { nonceReuse } from "./detectors/nonce-reuse.js";
export { peerIsolation } from "./detectors/peer-isolation.js";
export { reorg, REORG_HOLD_SPACINGS } from "./detectors/reorg/index.js";
export { rivalChain } from "./detectors/rival-chain/index.js";
export { retiredAlgorithm } from "./detectors/retired-algorithm.js";
export { slowChain } from "./detectors/slow-chain.js";
export { syncStuck } from "./detectors/sync-stuck.js";
export { workRate } from "./detectors/work-rate.js";
export { subsidy } from "./detectors/subsidy.js";
export { toEnvelope } from "./envelope.js";
export {
  createFleet,
  type Fleet,
  type FleetOptions,
  type FleetReport,
  type FleetState,
  fleetStateSchema,
  type FollowedBranch,
  MAX_FLEET,
} from "./fleet/index.js";
export {
  MAX_STATED_FINDINGS,
  TIP_STATEMENT_CODES,
  TIP_STATEMENT_VERSION,
  type TipStatement,
  type TipStatementCode,
  tipStatementSchema,
} from "@dgb-shield/contract";
export { tipStatementOf, type TipStatementOptions } from "./fleet/tip-statement.js";
export { SentinelError, type SentinelErrorCode } from "./errors.js";
export {
  type BlockDetail,
  blockDetailSchema,
  type BlockHeader,
  blockHeaderSchema,
  type ChainTip,
  chainTipSchema,
  type DoubleSpend,
  doubleSpendSchema,
  type Dropped,
  droppedSchema,
  type Failure,
  LAST_TIP_STATUSES,
  type NodeInfo,
  type Observation,
  OBSERVATION_VERSION,
  observationSchema,
  type Peer,
  type Signature,
  SIGNATURE_SCHEMES,
  TIP_STATUSES,
  type Unavailable,
  type WatchedObservation,
} from "./observation/observation.js";
export {
  isConfiguredNetwork,
  NOT_PUBLICLY_ROUTABLE,
  peerGroupOf,
} from "./observation/peer-group.js";
export {
  compactRecording,
  type CompactRecording,
  createRecordingWriter,
  readCompactRecording,
  recordingHeaderLine,
  type RecordingProvenance,
  type RecordingWriter,
} from "./recording/compact.js";
export {
  COMPACT_FORMAT,
  COMPACT_VERSION,
  type RecordingHeader,
  recordingHeaderSchema,
} from "./recording/compact-format.js";
export { RecordingError, type RecordingErrorCode } from "./recording/error.js";
export { type HeaderListOptions, readHeaderList } from "./recording/headers.js";
export type { LabelledObservation } from "./recording/labelled.js";
export { openRecording, type Recording } from "./recording/open.js";
export { type RawRecordingOptions, readRecording } from "./recording/raw.js";
export { recordedChain, type RecordedChain } from "./recording/recorded-chain.js";
export {
  createReplay,
  MAX_REPLAYED_FINDINGS,
  type Replay,
  replay,
  type ReplayedFinding,
  type ReplayedPhase,
  type ReplayOptions,
  type RunningReplay,
} from "./recording/replay.js";
export {
  readStaleBlocks,
  type StaleBlock,
  type StaleBranch,
  staleBranches,
  staleObservations,
} from "./recording/stale-blocks.js";
export {
  createSentinel,
  DEFAULT_DETECTORS,
  type Sentinel,
  type SentinelOptions,
} from "./sentinel.js";
export { isNotable, MAX_SEVERITY, severityOfReturnPeriod } from "./stats/severity.js";
export { NODE_STATUS, type SignalOptions, toSignals } from "./signals.js";
export {
  type TolerateCode,
  type TolerateOrder,
  type TolerateResult,
  type UntolerateOrder,
} from "./tolerate.js";
export type { Toleration } from "./tolerations.js";
export { applyStateChanges, stateChanges, type StateChanges } from "./state-changes.js";
export {
  type AcceptedClock,
  type Acknowledgement,
  type SentinelState,
  sentinelStateSchema,
} from "./state.js";
