/** Payments of a service: decided, approved, claimed, settled (design, section 7: life of a payment). */
import type { JsonObject } from "@dgb-shield/contract";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { type Decider, readRequest } from "../../pipeline/index.js";
import type { PaymentAnswer, Service, SimulatedAnswer } from "../service.js";
import { answerOf } from "./answer.js";
import type { ApprovalStore } from "./approvals/store.js";
import type { EventLog } from "./events.js";
import { viewOf } from "./payment-view.js";

/** Name of the method by which an approver's key approves: a person with a strong credential. */
const METHOD = "operator";

type PaymentMethods = Pick<
  Service,
  "decide" | "simulate" | "payment" | "payments" | "approve" | "claim" | "commit" | "release"
>;

/** What payments are decided with. */
export type PaymentParts = Readonly<{
  decider: Decider;
  ledger: Ledger;
  approvals: ApprovalStore;
  events: EventLog;
  clock: () => number;
  isEnforced: (walletId: string) => boolean;
  /** Records that a wallet was asked for. */
  saw: (walletId: string) => void;
}>;

/** Makes the methods of payments. */
export function createPayments(parts: PaymentParts): PaymentMethods {
  const { decider, ledger, approvals, events, clock, isEnforced, saw } = parts;
  const given = async (request: JsonObject) => {
    const { payment_id, withdrawal_id } = readRequest(request).withdrawal;
    const id = payment_id ?? withdrawal_id;
    const own = typeof id === "string" ? await approvals.of(id) : [];
    return own.map(({ approver, approved_at_ms, binds }) => ({
      ...({ approver, approved_at_ms, binds, method: METHOD } as const),
    }));
  };
  return {
    async decide(request) {
      const decided = await decider.decideWithdrawal(request, { approvals: await given(request) });
      const { wallet_id } = decided.record.guardian;
      if (wallet_id !== "") saw(wallet_id);
      const answer = answerOf(request, decided, isEnforced(wallet_id));
      events.add("payment", {
        payment_id: answer.payment_id,
        wallet_id,
        final: answer.final,
        enforced: answer.enforced,
        codes: answer.reasons.map(({ code }) => code),
      });
      return answer;
    },
    async simulate(request) {
      const options = { approvals: await given(request) };
      const decided = await decider.simulateWithdrawal(request, options);
      const { wallet_id } = decided.record.guardian;
      return simulatedOf(answerOf(request, decided, isEnforced(wallet_id)));
    },
    async payment(paymentId) {
      const stored = await ledger.withdrawal(paymentId);
      return stored === null ? { missing: true } : viewOf(stored, await approvals.of(paymentId));
    },
    payments: (page) => decider.guardian.payments(page),
    async approve(payment_id, binds, { operator }) {
      const approval = { payment_id, approver: operator, approved_at_ms: clock(), binds };
      await approvals.add(approval);
      return approval;
    },
    async claim(paymentId, { signer_id, transaction }) {
      const stored = await ledger.withdrawal(paymentId);
      const answer = await decider.claim(paymentId, {
        signer_id,
        ...(transaction === undefined ? {} : { transaction }),
      });
      return { ...answer, enforced: isEnforced(stored?.wallet_id ?? "") };
    },
    commit: (paymentId, options) => decider.commit(paymentId, options),
    release: (paymentId, options) => decider.releaseWithdrawal(paymentId, options),
  };
}

function simulatedOf(answer: PaymentAnswer): SimulatedAnswer {
  const simulated: Record<string, unknown> = { ...answer };
  delete simulated["recorded"];
  delete simulated["repeated"];
  return simulated as unknown as SimulatedAnswer;
}
