/** Claims a payment, and issues the token that its signer verifies (design, section 13). */
import type { Ledger, StoredWithdrawal } from "@dgb-shield/wallet-guardian";
import type { Decider } from "../../pipeline/index.js";
import type { PaymentClaim, Service } from "../service.js";
import type { ClaimTerms, Signing } from "../signing/index.js";
import type { ApprovalStore } from "./approvals/store.js";
import { recordOf } from "./payment-view.js";

/** When a token that could not be signed may be asked for again, in milliseconds. */
const RETRY_MS = 2_000;

type Parts = Readonly<{
  decider: Decider;
  ledger: Ledger;
  approvals: ApprovalStore;
  signing: Signing;
  clock: () => number;
  isEnforced: (walletId: string) => boolean;
}>;

/** Makes `claim`: where approvals are signed, a payment without enough of them is not claimed. */
export function createClaim(parts: Parts): Service["claim"] {
  const { decider, ledger, signing, clock, isEnforced } = parts;
  return async (paymentId, { signer_id, transaction }) => {
    const stored = await ledger.withdrawal(paymentId);
    const enforced = isEnforced(stored?.wallet_id ?? "");
    const refusal = await refusalOf(stored, parts);
    const named = { withdrawal_id: paymentId, signer_id, enforced };
    if (refusal !== null) return { ...named, ...refusal, decided_at_ms: clock() };
    const answer = await decider.claim(paymentId, {
      signer_id,
      ...(transaction === undefined ? {} : { transaction: { inputs: transaction.inputs } }),
    });
    const { decision, valid_for_ms = 0 } = answer;
    if (decision !== "ALLOW" || !signing.issuesTokens) return { ...answer, enforced };
    try {
      const claim = await termsFor(await ledger.withdrawal(paymentId), parts);
      if (claim === null) throw new Error("the terms are gone");
      const token = await signing.issue(claim, {
        ...{ signer_id, valid_for_ms, now_ms: clock() },
        transaction: transaction?.txid ?? null,
      });
      return { ...answer, enforced, token };
    } catch {
      // The claim holds: the same signer asks again.
      const detail = "the token could not be signed: claim again as the same signer";
      return {
        ...named,
        ...{ decision: "DELAY", reason_codes: ["token_unavailable"], detail },
        ...{ decided_at_ms: answer.decided_at_ms, retry_after_ms: RETRY_MS },
      };
    }
  };
}

type Refusal = Pick<PaymentClaim, "decision" | "reason_codes"> & Readonly<{ detail: string }>;

/** Why a payment that is known is not claimed; null where the Guardian decides. */
async function refusalOf(stored: StoredWithdrawal | null, parts: Parts): Promise<Refusal | null> {
  const { signing } = parts;
  const isSignedOnly = await signing.isSignedOnly();
  // Without an ALLOW in force the Guardian refuses by itself.
  const isOpen = stored === null || recordOf(stored) === null;
  if (isOpen || (!isSignedOnly && !signing.issuesTokens)) return null;
  const claim = await termsFor(stored, parts);
  if (claim === null) {
    const detail = "it has no destinations or max_fee, so that nothing can be verified";
    return { decision: "REJECT", reason_codes: ["terms_incomplete"], detail };
  }
  const people = new Set(claim.approvers);
  if (isSignedOnly && people.size < signing.approversFor(claim.terms)) {
    const detail = "too few approvals stand: have it approved, and ask for the payment again";
    return { decision: "REJECT", reason_codes: ["approvals_missing"], detail };
  }
  return null;
}

const termsFor = async (
  stored: StoredWithdrawal | null,
  { approvals, signing, clock }: Parts,
): Promise<ClaimTerms | null> =>
  stored === null
    ? null
    : signing.claimTerms(recordOf(stored), await approvals.of(stored.payment_id), clock());
