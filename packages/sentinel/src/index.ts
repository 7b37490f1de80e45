/** Layer 1, Sentinel: chain anomaly detection from what nodes say. */
export {
  type AcknowledgementCode,
  type AcknowledgementOrder,
  type AcknowledgementResult,
} from "./acknowledge.js";
export { digibyte, digibyteRegtest } from "./chains/digibyte.js";
export {
  type Algorithm,
  algorithmBits,
  algorithmOf,
  algorithmSchema,
  blocksPerYear,
  type ChainParameters,
  chainParametersSchema,
  isActiveAt,
} from "./chains/parameters.js";
export { OBSERVATION_INVALID, reasonCodeOf, SENTINEL_OK, STATUS_CODES } from "./codes.js";
export type { Detector, DetectorFinding, Reduced } from "./detector.js";
export { blockCadence } from "./detectors/block-cadence.js";
export { blockStall } from "./detectors/block-stall.js";
export { reorg, REORG_HOLD_SPACINGS } from "./detectors/reorg.js";
export { retiredAlgorithm } from "./detectors/retired-algorithm.js";
export { toEnvelope } from "./envelope.js";
export { SentinelError, type SentinelErrorCode } from "./errors.js";
export {
  type BlockHeader,
  blockHeaderSchema,
  type ChainTip,
  chainTipSchema,
  type Observation,
  observationSchema,
  TIP_STATUSES,
  type WatchedObservation,
} from "./observation.js";
export {
  compactRecording,
  type CompactRecording,
  readCompactRecording,
  type RecordingProvenance,
} from "./recording/compact.js";
export {
  COMPACT_FORMAT,
  COMPACT_VERSION,
  type RecordingHeader,
  recordingHeaderSchema,
} from "./recording/compact-format.js";
export { RecordingError, type RecordingErrorCode } from "./recording/error.js";
export type { LabelledObservation } from "./recording/labelled.js";
export { openRecording, type Recording } from "./recording/open.js";
export { type RawRecordingOptions, readRecording } from "./recording/raw.js";
export {
  createSentinel,
  DEFAULT_DETECTORS,
  type Sentinel,
  type SentinelOptions,
} from "./sentinel.js";
export { isNotable, MAX_SEVERITY, severityOfReturnPeriod } from "./severity.js";
export { NODE_STATUS, type SignalOptions, toSignals } from "./signals.js";
export { type Acknowledgement, type SentinelState, sentinelStateSchema } from "./state.js";
