/** Says why a payment is held back, and when it would pass. */
import type { Decision, Incident } from "../model.js";
import { counted, grouped, listed, timeText, words } from "./format.js";

/** What stands between a payment and its ALLOW. */
export type HeldText = Readonly<{
  why: string;
  /** Sentences, each a way; none: it will not pass as it is. */
  ways: readonly string[];
}>;

/** Texts of the Guardian's codes, which have none of their own. */
const CODES: Readonly<Record<string, string>> = {
  per_tx_limit: "more than one payment may be",
  daily_limit: "the limit of 24 hours is used up",
  window_limit: "the limit of a time window is used up",
  cooldown_breach: "the last payment was too short a time ago",
  wallet_frozen: "the account or the wallet is frozen",
  accounts_frozen: "too many accounts of the wallet are frozen",
  high_risk_lockdown: "the risk is HIGH",
  high_risk_freeze: "the risk is HIGH, and the wallet was frozen",
  elevated_risk: "the policy lets nothing pass at this risk",
  clock_untrusted: "the clock is not trusted",
  content_changed: "its id was used before for another content",
  already_committed: "it was paid before",
  in_other_payment: "one of its payouts is in another payment",
  claim_unsettled: "it was claimed before, and may have been signed",
  reservation_lapsed: "its reservation ended unclaimed a short time ago",
  destination_unreadable: "the destination is no address of this chain",
  new_destination: "this destination is new, and waits",
  destination_lookalike: "the destination looks like another one that is known",
  destination_denied: "the policy forbids this destination",
  fee_limit: "the fee is higher than the policy allows",
  ledger_busy: "the ledger was busy",
  ledger_unavailable: "the ledger did not answer",
};

/** Says it of one decision; times by the service's clock, `open`: the incidents that are open now. */
export function heldText(
  decision: Decision,
  unit: string,
  nowMs: number,
  open: readonly Pick<Incident, "cause" | "latched">[] = [],
): HeldText {
  const { reasons, would_pass: pass, veto, next, breaches } = decision;
  const [first] = reasons;
  const known = first === undefined ? undefined : CODES[first.code];
  const breach = breaches[0];
  const limit = breach === undefined ? "" : ` (${breach.scope} limit ${breach.limit})`;
  const why =
    first === undefined
      ? "no reason is recorded"
      : `${first.text ?? known ?? words(first.code)}${limit}`;
  if (pass === null) return { why, ways: [] };
  const ways: string[] = [];
  const amount = pass.amount === null ? null : `${grouped(pass.amount)} ${unit} or less would pass`;
  const isNow = pass.calmer || veto !== null ? ", once the evidence is calm" : "";
  if (amount !== null && pass.amount !== decision.amount) ways.push(`${amount}${isNow || " now"}`);
  if (pass.approvals !== null && pass.approvals.missing > 0) {
    ways.push(
      `the same amount would pass with ${counted(pass.approvals.missing, "more approval")}${isNow}`,
    );
  }
  if (pass.at_ms !== null) {
    const time = `${timeText(pass.at_ms, nowMs)} UTC`;
    // What else holds it back by now is known once it is asked for again.
    if (pass.at_ms <= nowMs) ways.push(`its wait ended at ${time}: ask again`);
    else ways.push(`the same amount would pass after ${time}${isNow}`);
  }
  if (ways.length === 0 && (pass.calmer || veto !== null))
    ways.push(`it would pass once the evidence is calm${openText(open)}`);
  if (ways.length === 0 && next === "retry") ways.push("it may pass later: the wallet asks again");
  return { why, ways };
}

/** What stands against calm evidence now, and what ends it. */
function openText(open: readonly Pick<Incident, "cause" | "latched">[]): string {
  if (open.length === 0) return "";
  const each = open.map(
    ({ cause, latched }) =>
      `${words(cause)} (${latched ? "until an operator releases it" : "until its cause is gone"})`,
  );
  return `; open now: ${listed([...new Set(each)])}`;
}
