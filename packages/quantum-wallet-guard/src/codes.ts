/** Reason ids of Quantum Wallet Guard; they are stable and contract-facing (contract v3, section 5). */
import type { QwgDecisionName } from "@dgb-shield/contract";

/** All reason ids, in the order of the rules that give them. */
export const REASON_IDS = Object.freeze([
  "QWG_ERROR_INVALID_CONTEXT",
  "QWG_ERROR_INVALID_POLICY",
  "QWG_CRITICAL_CHAIN_OR_NODE_RISK",
  "QWG_GUARDIAN_BLOCK",
  "QWG_POLICY_MAX_RISK_EXCEEDED",
  "QWG_GUARDIAN_DELAY",
  "QWG_AMOUNT_EXCEEDS_BALANCE",
  "QWG_FULL_BALANCE_WIPE",
  "QWG_EXTRA_AUTH_THRESHOLD",
  "QWG_RATIO_HIGH_RISK",
  "QWG_RATIO_NORMAL",
  "QWG_BEHAVIOUR_OR_DEVICE",
  "QWG_NEW_ADDRESS",
  "QWG_ALLOW",
] as const);
/** One reason id. */
export type ReasonId = (typeof REASON_IDS)[number];

/** The one decision that each reason belongs to. */
export const DECISION_OF_REASON: Readonly<Record<ReasonId, QwgDecisionName>> = Object.freeze({
  QWG_ERROR_INVALID_CONTEXT: "block",
  QWG_ERROR_INVALID_POLICY: "block",
  QWG_CRITICAL_CHAIN_OR_NODE_RISK: "block",
  QWG_GUARDIAN_BLOCK: "block",
  QWG_POLICY_MAX_RISK_EXCEEDED: "delay",
  QWG_GUARDIAN_DELAY: "delay",
  QWG_AMOUNT_EXCEEDS_BALANCE: "block",
  QWG_FULL_BALANCE_WIPE: "block",
  QWG_EXTRA_AUTH_THRESHOLD: "require_extra_auth",
  QWG_RATIO_HIGH_RISK: "warn",
  QWG_RATIO_NORMAL: "warn",
  QWG_BEHAVIOUR_OR_DEVICE: "warn",
  QWG_NEW_ADDRESS: "warn",
  QWG_ALLOW: "allow",
});
