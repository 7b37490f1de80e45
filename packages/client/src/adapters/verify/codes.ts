/** Why a token or a transaction is refused: codes, and what each means for the person at the signer. */

const TEXTS = {
  pins_invalid:
    "The pins cannot be used. Correct the field that is named; what is pinned is never guessed.",
  descriptors_invalid:
    "A descriptor cannot be used. Give public descriptors of a known form, with their checksum and range.",
  token_malformed:
    "This is no token in its only spelling. Take it again from the answer to the claim.",
  token_header:
    "The token's header names another algorithm, kind or parameter. Only a token of the service is accepted.",
  token_key_unknown:
    "The token is signed by a key that is not pinned, or not in force. Compare the service's JWKS with the pins.",
  token_signature:
    "The token's signature is false: it was altered, or another key signed it. Do not sign.",
  token_lifetime:
    "The token would be valid for more than a minute, or ends before it begins. Do not sign.",
  token_expired: "The token has expired. Claim the payment again.",
  token_not_yet_valid: "The token is from the future. Compare the clocks of service and signer.",
  wrong_deployment: "The token is of another deployment. Ask the one that is pinned.",
  wrong_chain: "The token is of another chain. Ask the deployment of this one.",
  wrong_wallet: "The token is for another wallet. Sign it with that wallet's signer.",
  wrong_signer: "Another signer claimed the payment. Claim it as this signer.",
  approver_unknown:
    "An approval is by a key that is not pinned, or not in force. Pin the approver's key, or approve with another.",
  approval_signature:
    "An approval is not of these terms: payouts, amounts, fee or wallet differ from what was approved. Do not sign.",
  approval_expired:
    "An approval has expired, or would count for longer than a week. Approve again.",
  approvals_missing:
    "Fewer approvers have approved than the pinned thresholds ask for. Collect the missing approvals.",
  transaction_unreadable:
    "The transaction or PSBT cannot be decoded without doubt. Build or export it again.",
  transaction_kind:
    "The transaction does more than pay the coin, or has a version without rules. Build a plain payment.",
  transaction_other:
    "The transaction is not the one that the payment was claimed for. Claim it for this one.",
  psbt_modifiable: "The PSBT allows others to add inputs or outputs. Finish it first.",
  sighash_unsafe:
    "An input asks for a signature that leaves inputs or outputs open. Ask for one over everything (ALL or DEFAULT).",
  input_unproven:
    "The value of an input is not proven. Add the whole previous transaction of each input.",
  input_foreign:
    "An input is not proven to be the wallet's by the descriptors. Spend own coins alone.",
  output_missing:
    "The transaction lacks a payout, or pays another amount. Build it again from the approved payouts.",
  output_order:
    "The payouts are in another order than was approved. Build the transaction in that order.",
  output_foreign:
    "An output is neither an approved payout nor change proven by the descriptors. Do not sign.",
  fee_too_high: "The network fee is above the approved one. Build it again with a lower fee.",
  token_used: "The token was used before. Claim the payment again.",
  second_payment:
    "This payment was signed before by a transaction that shares no input with this one: both could be mined. Replace the first one.",
  used_unavailable: "The record of used tokens cannot be read or written. Mend the folder first.",
  verifier_failed: "The verification failed by itself. Do not sign; report it.",
} as const;

/** Why something is refused. */
export type RefusalCode = keyof typeof TEXTS;

/** All codes of `verify`. */
export const REFUSAL_CODES = Object.freeze(Object.keys(TEXTS) as RefusalCode[]);

/** What a code means, and what to do next. */
export const refusalText = (code: RefusalCode): string => TEXTS[code];

/** A refusal: what is wrong, where, and what to do. */
export type Refused = Readonly<{
  ok: false;
  code: RefusalCode;
  /** JSON Pointer into token, transaction, pins or descriptors; `""`: all of it. */
  path: string;
  text: string;
}>;

/** Stops the verification; never leaves this subpath. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly path: string;
  readonly detail: string | undefined;

  constructor(code: RefusalCode, path = "", detail?: string) {
    super(code);
    this.code = code;
    this.path = path;
    this.detail = detail;
  }
}

/** Makes the answer of a refusal; whatever else was thrown is `verifier_failed`. */
export function refusedBy(error: unknown): Refused {
  // [REFUSE verifier_failed] an exception is never a permission
  const { code, path, detail } = error instanceof Refusal ? error : new Refusal("verifier_failed");
  const text = detail === undefined ? refusalText(code) : `${refusalText(code)} (${detail})`;
  return { ok: false, code, path, text };
}
