/** Payments of a service: decided, approved, claimed, settled (design, section 7: life of a payment). */
import type { SignedApproval } from "@dgb-shield/client";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import {
  type Decided,
  type Decider,
  readRequest,
  type WithdrawalParts,
} from "../../pipeline/index.js";
import type {
  ApprovalRefusal,
  PaymentAnswer,
  PaymentApproval,
  Service,
  SimulatedAnswer,
} from "../service.js";
import type { Signing } from "../signing/index.js";
import { answerOf } from "./answer.js";
import { type ApprovalBasis, createApprovalBasis } from "./approvals/basis.js";
import { createRequestedTerms } from "./approvals/requested-terms.js";
import type { ApprovalStore } from "./approvals/store.js";
import { createClaim } from "./claim.js";
import type { Decisions } from "./decisions/index.js";
import type { EventLog } from "./events.js";
import { recordOf, viewOf } from "./payment-view.js";

type PaymentMethods = Pick<
  Service,
  | "release"
  | "decide"
  | "simulate"
  | "payment"
  | "payments"
  | "approve"
  | "claim"
  | "commit"
  | "releaseUnsent"
>;

/** What payments are decided with. */
export type PaymentParts = Readonly<{
  decider: Decider;
  ledger: Ledger;
  approvals: ApprovalStore;
  signing: Signing;
  decisions: Pick<Decisions, "of">;
  events: EventLog;
  clock: () => number;
  isEnforced: (walletId: string) => boolean;
  /** Records that a wallet was asked for. */
  saw: (walletId: string) => void;
}>;

/** Makes the methods of payments. */
export function createPayments(parts: PaymentParts): PaymentMethods {
  const { decider, ledger, approvals, signing, decisions, events, clock, isEnforced, saw } = parts;
  const basisOf = createApprovalBasis({ approvals, signing, clock });
  const requestedTerms = createRequestedTerms({ ledger, decisions, signing });
  const claim = createClaim({ decider, ledger, approvals, signing, clock, isEnforced });
  const noted = <T>(work: Promise<T>): Promise<T> => work.finally(events.recorded);
  return {
    async decide(given) {
      const request = readRequest(given);
      const basis = await basisOf(request);
      const decided = await decider.decideWithdrawal(request, basis.options);
      const { wallet_id } = decided.record.guardian;
      if (wallet_id !== "") saw(wallet_id);
      events.recorded();
      return withBasis(request, decided, { basis, enforced: isEnforced(wallet_id) });
    },
    async simulate(given) {
      const request = readRequest(given);
      const basis = await basisOf(request);
      const decided = await decider.simulateWithdrawal(request, basis.options);
      const { wallet_id } = decided.record.guardian;
      return simulatedOf(withBasis(request, decided, { basis, enforced: isEnforced(wallet_id) }));
    },
    async payment(paymentId) {
      const stored = await ledger.withdrawal(paymentId);
      if (stored === null) return { missing: true };
      const claim = signing.claimTerms(recordOf(stored), [], clock());
      const terms = claim?.terms ?? (await requestedTerms(paymentId));
      return viewOf(stored, await approvals.of(paymentId), terms);
    },
    payments: (page) => decider.guardian.payments(page),
    async approve(payment_id, given, { operator }) {
      const approval = Object.hasOwn(given, "approval")
        ? signing.accept(payment_id, given as SignedApproval, clock())
        : await byRole(payment_id, (given as Readonly<{ binds: string }>).binds, operator);
      if ("refused" in approval) return approval;
      await approvals.add(approval);
      return approval;
    },
    claim: (paymentId, given) => noted(claim(paymentId, given)),
    commit: (paymentId, options) => noted(decider.commit(paymentId, options)),
    release: (paymentId, options) => noted(decider.releaseWithdrawal(paymentId, options)),
    releaseUnsent: (paymentId, options) => noted(decider.releaseWithdrawal(paymentId, options)),
  };

  /** An approval by the caller's role, which counts until an approver's key was configured. */
  async function byRole(
    payment_id: string,
    binds: string,
    approver: string,
  ): Promise<PaymentApproval | ApprovalRefusal> {
    if (!(await signing.isSignedOnly())) {
      return { payment_id, approver, approved_at_ms: clock(), binds };
    }
    const detail = "approvals are signed here: run shield approve";
    return { refused: "signature_required", detail };
  }
}

type Answered = Readonly<{ basis: ApprovalBasis; enforced: boolean }>;

function withBasis(request: WithdrawalParts, decided: Decided, { basis, enforced }: Answered) {
  const { terms, binds, isIncomplete } = basis;
  const answer = answerOf(request, decided, { enforced, terms, binds });
  if (!isIncomplete || answer.next !== "approve") return answer;
  const text =
    "approvals are signed here: give destinations with addresses of this chain, and max_fee";
  const reason = { layer: "service", code: "terms_incomplete", text } as const;
  return { ...answer, next: "stop", reasons: [reason, ...answer.reasons] } as const;
}

function simulatedOf(answer: PaymentAnswer): SimulatedAnswer {
  const simulated: Record<string, unknown> = { ...answer };
  delete simulated["recorded"];
  delete simulated["repeated"];
  return simulated as unknown as SimulatedAnswer;
}
