/** Checks what a token states against the signer's pins: place, time, and the approvals that it carries. */
import { termsOf } from "../../payment-terms.js";
import { MAX_APPROVAL_MS } from "../../approval.js";
import { approverName, isInForce, type Pins } from "../../pins.js";
import { approversNeeded } from "../../thresholds.js";
import { MAX_TOKEN_MS, type PaymentToken } from "../../token.js";
import { isSignedBy } from "../approve/signed-approval.js";
import { Refusal } from "./codes.js";

/**
 * Checks a token that was read.
 *
 * @returns the approvers, as the pins name them
 * @throws Refusal
 */
export function checkToken(token: PaymentToken, pins: Pins, nowMs: number): readonly string[] {
  checkPlace(token, pins);
  checkTime(token, pins, nowMs);
  return checkApprovals(token, pins, nowMs);
}

function checkPlace(token: PaymentToken, pins: Pins): void {
  // [REFUSE wrong_deployment] what another deployment decided
  if (token.deployment_id !== pins.deployment_id) refuse("wrong_deployment", "/deployment_id");
  // [REFUSE wrong_chain] equal scripts exist on other chains
  if (token.genesis !== pins.genesis) refuse("wrong_chain", "/genesis");
  // [REFUSE wrong_wallet] thresholds and limits are the wallet's
  if (token.wallet_id !== pins.wallet_id) refuse("wrong_wallet", "/wallet_id");
  // [REFUSE wrong_signer] a claim is of one signer
  if (token.signer_id !== pins.signer_id) refuse("wrong_signer", "/signer_id");
}

function checkTime(token: PaymentToken, { clock_skew_ms }: Pins, nowMs: number): void {
  const { issued_at_ms, expires_at_ms } = token;
  const lifetime = expires_at_ms - issued_at_ms;
  // [REFUSE token_lifetime] longer than a minute
  if (lifetime <= 0 || lifetime > MAX_TOKEN_MS) refuse("token_lifetime", "/expires_at_ms");
  // [REFUSE token_expired] by the signer's clock, less the skew
  if (nowMs - clock_skew_ms >= expires_at_ms) refuse("token_expired", "/expires_at_ms");
  // [REFUSE token_not_yet_valid] from the future, by more than the skew
  if (issued_at_ms > nowMs + clock_skew_ms) refuse("token_not_yet_valid", "/issued_at_ms");
}

function checkApprovals(token: PaymentToken, pins: Pins, nowMs: number): readonly string[] {
  const terms = termsOf(token);
  const { clock_skew_ms } = pins;
  const names = token.approvals.map(({ key_id, expires_at_ms, signature }, at) => {
    const path = `/approvals/${at}`;
    const key = pins.approver_keys.find((pinned) => pinned.key_id === key_id);
    // [REFUSE approver_unknown] not pinned, not yet, or no longer
    if (key === undefined || !isInForce(key, nowMs)) return refuse("approver_unknown", path);
    const isShort = expires_at_ms <= nowMs + clock_skew_ms + MAX_APPROVAL_MS;
    // [REFUSE approval_expired] over, or for longer than a week
    if (nowMs - clock_skew_ms >= expires_at_ms || !isShort) refuse("approval_expired", path);
    // [REFUSE approval_signature] of other terms, or by another key
    if (!isSignedBy({ ...terms, expires_at_ms }, signature, key.public_key)) {
      refuse("approval_signature", path);
    }
    return approverName(key.approver);
  });
  const approvers = [...new Set(names)];
  // [REFUSE approvals_missing] fewer people than the pinned thresholds ask for
  if (!(approvers.length >= approversNeeded(pins.thresholds, terms))) {
    refuse("approvals_missing", "/approvals");
  }
  return approvers;
}

function refuse(code: ConstructorParameters<typeof Refusal>[0], path: string): never {
  throw new Refusal(code, path);
}
