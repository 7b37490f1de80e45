/** A proxy in front of a node's JSON-RPC: its ports, its model of a payment, its decoders. */
export type {
  DefenseView,
  Execution,
  NotExecuted,
  SpendAnswer,
  SpendHook,
  UnsettledSpend,
} from "./hook.js";
export {
  METHOD_KINDS,
  type MethodKind,
  type MethodPolicy,
  type PolicyAnswer,
  type PolicyCall,
  type PolicyClient,
} from "./policy.js";
export type {
  DecodedSpend,
  InternalPayout,
  Outpoint,
  Payout,
  Spend,
  SpendFee,
  SpendRefusal,
} from "./spend/model.js";
