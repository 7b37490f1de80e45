/** Reason codes of Wallet Guardian (Wallet Guardian v2, section 4.2). They are stable; `toEnvelope` prefixes them. */

/** Reason codes of `evaluate`, in the order in which the rules report. */
export const GUARDIAN_CODES = Object.freeze([
  /** The withdrawal is malformed; `path` names the first offending field, `detail` the rule and what to do. */
  "invalid_withdrawal",
  /** The risk is none of `LOW`, `MEDIUM`, `HIGH`. */
  "invalid_risk",
  /** The clock gave no time, stepped back, jumped ahead, or is behind the ledger's time; `detail` names which. */
  "clock_untrusted",
  /** The ledger's current policy of this name is another one: this process is older. */
  "policy_outdated",
  /** The id was used before for another content: wallet, account, amount, destination or payout. */
  "content_changed",
  /** The id was committed before; the decision names its transaction. */
  "already_committed",
  /** A payout is reserved, claimed or paid in another payment. */
  "in_other_payment",
  /** The payment was claimed, so that it may have been signed, and is not settled. */
  "claim_unsettled",
  /** A destination cannot be read as an address of the chain. */
  "destination_unreadable",
  /** A destination is denied, or unlisted where an allow-list is in force. */
  "destination_denied",
  /** The network fee is above the policy's largest, in coins or as a share. */
  "fee_limit",
  /** The account names a destination for the first time, and its waiting time is not over. */
  "new_destination",
  /** A destination looks like another one of the same account, and no operator has approved it. */
  "destination_lookalike",
  /** A scope of the request is frozen. */
  "wallet_frozen",
  /** A scope of the request is frozen, and risk is HIGH. */
  "high_risk_lockdown",
  /** Risk is HIGH, and the policy freezes the wallet of every request then. */
  "high_risk_freeze",
  /** The policy's table lets nothing pass at this risk, limits or not. */
  "elevated_risk",
  /** The amount is above the largest single withdrawal. */
  "per_tx_limit",
  /** The rolling 24 hours would exceed their limit. */
  "daily_limit",
  /** A further rolling window would exceed its amount or its count. */
  "window_limit",
  /** So many accounts of the wallet were frozen that the wallet is frozen, too. */
  "accounts_frozen",
  /** Too little time has passed since the last ALLOW. */
  "cooldown_breach",
  /** A reservation of this payment lapsed unclaimed a short time ago. */
  "reservation_lapsed",
  /** A frozen scope receives request after request. */
  "frozen_persistent_attempts",
  /** All rules have passed. */
  "within_limits",
  /** The `finalize` hook threw, gave no `{allow, record}`, or could not be read from the options. */
  "finalize_failed",
  /** Another process held the ledger for longer than the adapter waits. */
  "ledger_busy",
  /** The ledger failed: unreachable, corrupt, full, not the same, or of a newer version. */
  "ledger_unavailable",
] as const);
/** A reason code of an evaluation. */
export type GuardianCode = (typeof GUARDIAN_CODES)[number];

/** Codes of `claim`. */
export const CLAIM_CODES = Object.freeze([
  /** The payment may be signed. */
  "claimed_now",
  /** An argument is malformed; `path` names the first offending field. */
  "invalid_claim",
  "clock_untrusted",
  "policy_outdated",
  /** No payment of this id was ever evaluated. */
  "unknown_withdrawal",
  /** The id is a payout's; `detail` names the payment, which is claimed as a whole. */
  "part_of_payment",
  /** Nothing is reserved: the payment was not allowed, or was released. */
  "not_reserved",
  /** The payment was committed; the answer names its transaction. */
  "already_committed",
  /** The reservation ended before it was claimed: evaluate again. */
  "reservation_lapsed",
  /** Another signer has claimed the payment, and its time is not over. */
  "claimed",
  /** It was claimed before, and the transaction shares no input with every earlier one, or none was named: it is another payment, and needs an id of its own. */
  "not_a_replacement",
  /** It was claimed too often. */
  "claims_exhausted",
  "wallet_frozen",
  "high_risk_lockdown",
  "high_risk_freeze",
  /** The ALLOW is not in force: risk is higher, the policy or the rules are other ones, or it was revoked. Evaluate again. */
  "allow_not_in_force",
  /** The payment has left a window, and there is no room for it now. */
  "daily_limit",
  "window_limit",
  /** The `finalize` hook rejected. */
  "finalize_refused",
  "finalize_failed",
  "ledger_busy",
  "ledger_unavailable",
] as const);
/** A reason code of a claim. */
export type ClaimCode = (typeof CLAIM_CODES)[number];

/** Codes of `commit`, `release`, `freeze`, `unfreeze`, destinations, listings, views and `acceptClock`. */
export const OPERATION_CODES = Object.freeze([
  /** An argument is malformed; `path` names the first offending field. */
  "invalid_operation",
  /** No payment of this id was ever evaluated. */
  "unknown_withdrawal",
  /** The id is a payout's; `detail` names the payment, which is settled as a whole. */
  "part_of_payment",
  /** Nothing is reserved for this id. */
  "not_reserved",
  /** The id was committed: it cannot be released. */
  "already_committed",
  /** The payment was claimed, so that it may have been signed: only proof that nothing was executed releases it. */
  "claimed",
  /** The claim still permits signing. */
  "claim_running",
  /** Accepted and counted, but the money moved without a claim. */
  "late_commit",
  /** Accepted: the transaction shares an input with the one before, and takes its place. */
  "replaced",
  /** Accepted and counted once more: a second transaction that does not replace the first. */
  "double_payment",
  /** Accepted: the fee is above the request's `max_fee`. */
  "fee_exceeded",
  /** Nothing of this scope or cause was frozen. */
  "not_frozen",
  /** Only operators have frozen this scope: lift each by its cause. */
  "operator_freeze",
  /** A destination cannot be read as an address of the chain. */
  "destination_unreadable",
  "clock_untrusted",
  "ledger_busy",
  "ledger_unavailable",
] as const);
/** A reason code of an operation. */
export type OperationCode = (typeof OPERATION_CODES)[number];

/** Codes of what is wrong with one payment of an import. */
export const IMPORT_CODES = Object.freeze([
  /** A field is malformed, or one that the policy requires is missing. */
  "invalid_payment",
  /** The list has the id twice. */
  "duplicate_id",
  /** It was paid later than now. */
  "paid_later",
  /** A destination cannot be read as an address of the chain. */
  "destination_unreadable",
  /** The ledger has the id for another content, transaction or time. */
  "content_changed",
  /** The guardian decided on the id itself, and it is not committed: commit it instead. */
  "not_outside",
] as const);
/** What is wrong with one payment of an import. */
export type ImportCode = (typeof IMPORT_CODES)[number];

/** Codes of malformed input: ERROR in an envelope. */
export const INPUT_CODES: ReadonlySet<string> = new Set<GuardianCode>([
  "invalid_withdrawal",
  "invalid_risk",
]);

/** Waiting time in milliseconds after a rejection that does not depend on the request. */
export const RETRY_MS: ReadonlyMap<string, number> = new Map<string, number>([
  ["clock_untrusted", 5_000],
  ["ledger_busy", 1_000],
  ["ledger_unavailable", 5_000],
]);
