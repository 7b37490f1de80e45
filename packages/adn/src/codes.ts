/** Codes of this package. Each is stable, stands in docs/design.md, and is tagged at the check that leads to it. */

import { INPUT_TYPES } from "./inputs/model.js";

/** Codes of `AdnError`: mistakes of the integrating program. */
export const ADN_ERROR_CODES = Object.freeze([
  "invalid_config",
  "invalid_state",
  "invalid_options",
] as const);

/** Why an operator's order is rejected: the reason of the action `refuse_order` begins with one of these. */
export const ORDER_REJECTION_CODES = Object.freeze([
  "invalid_order",
  "unknown_event",
  "until_out_of_range",
  "no_order_in_force",
  "clock_invalid",
] as const);

/** Types of the events that this package makes. */
export const EVENT_TYPES = Object.freeze([
  "malformed_event",
  "event_overflow",
  "sentinel_alert",
  "sentinel_level",
  "node_unwatched",
  "dqsn_critical",
  "dqsn_warning",
  "network_advisory",
  ...INPUT_TYPES,
] as const);

/** Why an RPC call is refused by the method policy. */
export const RPC_REFUSAL_CODES = Object.freeze([
  "unknown_role",
  "unknown_method",
  "invalid_params",
  "key_export_refused",
  "not_for_role",
  "lockdown_forbids",
] as const);

/** Rules that do not refuse by themselves: a state that counts as FULL. */
export const RPC_RULES = Object.freeze(["unreadable_state"] as const);
