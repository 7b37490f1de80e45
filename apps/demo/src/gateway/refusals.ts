/** What a refused payment is answered with: what happened, why, what to do. */

/** Texts of the codes that a client of the gateway meets most; other codes are explained by the document of their layer. */
const TEXTS: Readonly<Record<string, string>> = {
  payment_unannounced:
    "this payment was not announced: evaluate it at the service first, and name its id",
  approvals_missing: "a lockdown is in force: people have to approve this payment first",
  content_changed: "this id stands for another payment: use a new id, and find out why",
  already_committed: "this payment was made",
  claim_unsettled:
    "an earlier try at this payment is under way, or its outcome is unclear: ask again; do not use a new id",
  reservation_lapsed: "the reservation ended before it was used: try again",
  own_node_stale: "too few own nodes have a fresh report: payments wait until they have",
  clock_untrusted: "the clock is not trusted: an operator compares and accepts it",
  state_unavailable: "the service cannot rely on its stored state: see its readiness",
  network_unknown: "nothing is known of the network: payments wait",
  evidence_changed: "the evidence became worse during the decision: try again later",
  balance_unavailable: "the node does not prove the wallet's balance: payments wait until it does",
  wallet_frozen: "the wallet is frozen: an operator lifts the freeze",
  high_risk_lockdown: "the wallet is frozen, and risk is high: see the service's incidents",
  high_risk_freeze: "risk is high: see the service's incidents",
  daily_limit: "the rolling 24 hours would exceed their limit: try again later",
  window_limit: "a window's limit would be exceeded: try again later",
  per_tx_limit: "the amount is above the largest single payment",
  cooldown_breach: "too little time has passed since the last payment: try again later",
  fee_limit: "the network fee is above the largest that is allowed",
  destination_denied: "a destination is not allowed",
  destination_unreadable: "a destination is no address of this chain",
  new_destination: "a destination is new, and its waiting time is not over",
  destination_lookalike: "a destination looks like another one: an operator approves it",
  ledger_busy: "the ledger is busy: try again",
  ledger_unavailable: "the ledger cannot be used: nothing is paid until it can",
};

/** A refusal. */
export type Refusal = Readonly<{
  allow: false;
  code: string;
  text: string;
  retry_after_ms?: number;
}>;

/**
 * Makes a refusal.
 *
 * @param code of the service, the Guardian or the Quantum Wallet Guard
 */
export const refused = (
  code: string,
  { retry_after_ms }: Readonly<{ retry_after_ms?: number | undefined }> = {},
): Refusal => ({
  allow: false,
  code,
  text: Object.hasOwn(TEXTS, code)
    ? (TEXTS[code] ?? code)
    : "the service refused this payment: see its record",
  ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
});
