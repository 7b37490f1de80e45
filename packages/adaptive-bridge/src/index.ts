/** Adaptive bridge: best-effort export of events that never stands in the way of a decision. */
export { createAdaptiveBridge, createFunctionSink, type AdaptiveBridge } from "./bridge.js";
export { BRIDGE_DEFAULTS, type BridgeLimits, type BridgeOptions } from "./config.js";
export { DROP_REASONS } from "./codes.js";
export { BridgeError, type BridgeErrorCode } from "./errors.js";
export { PERSONAL_DATA_MODES, type PersonalDataMode } from "./personal-data.js";
export type {
  BridgeSink,
  SetAsideListener,
  SinkAnswer,
  Timers,
  WriteContext,
  WriteResult,
} from "./ports.js";
export type { BridgeStats, DropReason, SinkStats } from "./stats.js";
export { type ThreatPacket, toThreatPacket } from "./threat-packet.js";
