/** Autonomous Defense Node: the lockdown state of one node (layer 3). */
export { ACTIONS } from "./reports/actions.js";
export {
  type DefenseNodeConfig,
  type DefenseNodeConfigInput,
  defenseNodeConfigSchema,
} from "./config.js";
export { createDefenseNode, type DefenseNode } from "./defense-node.js";
export { toEnvelope } from "./reports/envelope.js";
export { AdnError, type AdnErrorCode } from "./errors.js";
export { eventsFromDqsn } from "./events/from-dqsn.js";
export { eventsFromNetwork, type NetworkEventOptions } from "./events/from-network.js";
export { eventsFromSentinel, sentinelEventId } from "./events/from-sentinel.js";
export type { EventOptions } from "./events/make-event.js";
export { type Telemetry, telemetrySchema } from "./inputs/telemetry.js";
export { type InputsConfig, inputsConfigSchema } from "./inputs/config.js";
export type { ClockAcceptance, DefenseSnapshot, ReleaseRecord } from "./memory/model.js";
export { type OperatorOrder, operatorOrderSchema } from "./orders/override.js";
export { RPC_REFUSAL_CODES } from "./codes.js";
export { type MethodPolicyConfig, methodPolicyConfigSchema } from "./method-policy/config.js";
export {
  createMethodPolicy,
  type MethodAnswer,
  type MethodCall,
  type MethodPolicy,
} from "./method-policy/policy.js";
export {
  ALWAYS_RUNNING,
  KINDS_OF_ROLE,
  RATE_CLASSES,
  type RateClass,
  RPC_RATES,
  RPC_ROLES,
  type RpcRates,
  type RpcRole,
} from "./method-policy/roles.js";
export { type SignalOptions, toSignals } from "./reports/signals.js";
