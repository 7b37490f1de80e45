/** Reason codes of Wallet Guardian (Wallet Guardian v2, section 4.2). They are stable; `toEnvelope` prefixes them. */

/** Why Guardian answered as it did, in the order in which the rules report. */
export const GUARDIAN_CODES = Object.freeze([
  /** The withdrawal is malformed; `path` names the first offending field, `detail` the rule and what to do. */
  "invalid_withdrawal",
  /** The risk is none of `LOW`, `MEDIUM`, `HIGH`. */
  "invalid_risk",
  /** The clock gave no time, stepped back, jumped ahead, or is behind the ledger's time; `detail` says which. */
  "clock_untrusted",
  /** The id was used before for another wallet, account, amount or destination. */
  "content_changed",
  /** The id was committed before; the decision names its transaction. */
  "already_committed",
  /** A destination is denied, or unlisted or missing where an allow-list is in force. */
  "destination_denied",
  /** A scope of the request is frozen. */
  "wallet_frozen",
  /** A scope of the request is frozen, and risk is HIGH. */
  "high_risk_lockdown",
  /** Risk is HIGH, and the policy freezes whatever is asked for then. */
  "high_risk_freeze",
  /** The policy's table lets nothing pass at this risk, limits or not. */
  "elevated_risk",
  /** The amount is above the largest single withdrawal. */
  "per_tx_limit",
  /** The rolling 24 hours would exceed their limit. */
  "daily_limit",
  /** A further rolling window would exceed its amount or its count. */
  "window_limit",
  /** Too little time has passed since the last ALLOW. */
  "cooldown_breach",
  /** A frozen scope is asked again and again. */
  "frozen_persistent_attempts",
  /** Nothing speaks against it. */
  "within_limits",
  /** The `finalize` hook threw, gave no `{allow, record}`, or could not be read from the options. */
  "finalize_failed",
  /** Another process held the ledger for longer than the adapter waits. */
  "ledger_busy",
  /** The ledger failed: unreachable, corrupt, full, or of a newer version. */
  "ledger_unavailable",
] as const);
export type GuardianCode = (typeof GUARDIAN_CODES)[number];

/** Codes of `commit`, `replace`, `release`, `freeze`, `unfreeze`, `wallet`, `acceptClock`. */
export const OPERATION_CODES = Object.freeze([
  /** An argument is malformed; `path` names the first offending field. */
  "invalid_operation",
  /** No withdrawal of this id was ever evaluated. */
  "unknown_withdrawal",
  /** Nothing is reserved for this id. */
  "not_reserved",
  /** The id was not committed, so that there is nothing to replace. */
  "not_committed",
  /** The id was committed with this or another transaction. */
  "already_committed",
  /** The id was committed with another transaction; `replace` serves a replaced one. */
  "txid_conflict",
  /** Accepted and counted, but the money moved without a valid ALLOW. */
  "late_commit",
  /** Nothing of this scope or cause was frozen. */
  "not_frozen",
  "clock_untrusted",
  "ledger_busy",
  "ledger_unavailable",
] as const);
export type OperationCode = (typeof OPERATION_CODES)[number];

/** Codes of malformed input: ERROR in an envelope. */
export const INPUT_CODES: ReadonlySet<string> = new Set<GuardianCode>([
  "invalid_withdrawal",
  "invalid_risk",
]);

/** How long to wait, in milliseconds, after a refusal that has nothing to do with the request. */
export const RETRY_MS: ReadonlyMap<string, number> = new Map<GuardianCode, number>([
  ["clock_untrusted", 5_000],
  ["ledger_busy", 1_000],
  ["ledger_unavailable", 5_000],
]);
