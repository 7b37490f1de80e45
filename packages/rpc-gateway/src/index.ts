/** A proxy in front of a node's JSON-RPC: its ports, its model of a payment, its decoders. */
export { GATEWAY_CODES, type GatewayCode, type Refusal } from "./codes.js";
export {
  type GatewayClient,
  type GatewayConfig,
  type GatewayConfigInput,
  gatewayConfigSchema,
} from "./config.js";
export type {
  DefenseView,
  Execution,
  NotExecuted,
  SpendAnswer,
  SpendHook,
  UnsettledSpend,
} from "./hook.js";
export { type Permissions, permissionsOf } from "./permissions.js";
export type { MethodPolicy, PolicyAnswer, PolicyCall, PolicyClient } from "./policy.js";
export { PAYMENT_ID_HEADER, PAYMENT_ID_SOURCES, type PaymentIdSource } from "./spend/payment-id.js";
export type {
  DecodedSpend,
  InternalPayout,
  Outpoint,
  Payout,
  Spend,
  SpendFee,
} from "./spend/model.js";
export { createUsage, type Usage, type UsedMethod } from "./usage.js";
