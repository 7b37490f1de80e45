/** Payments: decide, read, approve, claim, commit, release (design, section 7: life of a payment). */
import type { JsonObject } from "@dgb-shield/contract";
import type { ListedPayment, OperationResult } from "@dgb-shield/wallet-guardian";
import type { Governed, Service } from "../../service.js";
import { accepted, decided, opened } from "../answers.js";
import { HttpProblem } from "../problems.js";
import { route, type Route } from "../route.js";
import { idParams, pageOf } from "../schemas/common.js";
import {
  approvalAnswer,
  approvalBody,
  claimAnswer,
  claimBody,
  commitBody,
  operationAnswer,
  paymentAnswer,
  paymentBody,
  paymentList,
  paymentsQuery,
  paymentView,
  releaseBody,
} from "../schemas/payments.js";
import { listedFor, mayUse, requirePayment, requireWallet } from "../wallets.js";

const TAG = "payments";
/** Bytes of a payment at most: what can be recorded whole. */
export const MAX_PAYMENT_BYTES = 250_000;

/** The routes of payments. */
export const paymentRoutes = (service: Service): Route[] => [
  decide(service),
  read(service),
  list(service),
  approve(service),
  claim(service),
  commit(service),
  release(service),
];

const decide = (service: Service): Route =>
  route({
    id: "PUT /v1/payments/{id}",
    tag: TAG,
    summary: "Decide on a payment",
    description:
      "Idempotent: the same id and content may be asked again, after a time-out as well. A refusal is 200, too: act on `final`, `enforced` and `next`. Anything but a 200 with `final: ALLOW` permits nothing.",
    params: idParams,
    body: paymentBody,
    answer: paymentAnswer,
    bodyLimit: MAX_PAYMENT_BYTES,
    problems: [
      "invalid_withdrawal",
      "wallet_not_allowed",
      "content_changed",
      "in_other_payment",
      "ledger_busy",
      "ledger_unavailable",
      "approvals_unavailable",
      "clock_untrusted",
      "not_recorded",
    ],
    handle: async ({ params, body, key }) => {
      requireWallet(key, body.wallet_id);
      const id = Object.hasOwn(body, "payouts")
        ? { payment_id: params.id }
        : { withdrawal_id: params.id };
      return decided(await service.decide({ ...body, ...id } as JsonObject));
    },
  });

const read = (service: Service): Route =>
  route({
    id: "GET /v1/payments/{id}",
    tag: TAG,
    summary: "Read a payment",
    params: idParams,
    answer: paymentView,
    problems: [
      "not_found",
      "part_of_payment",
      "ledger_busy",
      "ledger_unavailable",
      "approvals_unavailable",
    ],
    handle: async ({ params, key }) => {
      const found = accepted(await service.payment(params.id));
      if (!mayUse(key, found.wallet_id)) throw new HttpProblem("not_found");
      return found;
    },
  });

const list = (service: Service): Route =>
  route({
    id: "GET /v1/payments",
    tag: TAG,
    summary: "List payments that are reserved or claimed",
    query: paymentsQuery,
    answer: paymentList,
    problems: ["invalid_operation", "ledger_busy", "ledger_unavailable"],
    handle: async ({ query, key }) => {
      const status = query.status === undefined ? {} : { status: query.status };
      const page = pageOf(query);
      const ask = async (part: typeof page) =>
        accepted(await service.payments({ ...part, ...status }));
      if (key.wallets === null) {
        const { as_of_ms, payments, next } = await ask(page);
        return { as_of_ms, payments, next };
      }
      let as_of_ms = 0;
      const isShown = ({ wallet_id }: ListedPayment): boolean => mayUse(key, wallet_id);
      const { items, next } = await listedFor(isShown, page, async (part) => {
        const found = await ask(part);
        as_of_ms = found.as_of_ms;
        return { items: found.payments, next: found.next };
      });
      return { as_of_ms, payments: items, next };
    },
  });

const approve = (service: Service): Route =>
  route({
    id: "POST /v1/payments/{id}/approvals",
    tag: TAG,
    summary: "Approve a payment",
    description:
      "The approval counts for the payment whose decision had the same `binds`. Where approvers are configured, it is signed by one of them (`shield approve`). Ask for the payment again afterwards.",
    params: idParams,
    body: approvalBody,
    answer: approvalAnswer,
    bodyLimit: MAX_PAYMENT_BYTES,
    problems: [
      "not_found",
      "signature_required",
      "approval_refused",
      "too_many_approvals",
      "ledger_busy",
      "ledger_unavailable",
      "approvals_unavailable",
    ],
    handle: async ({ params, body, key, by }) => {
      await requirePayment(service, key, params.id);
      const answer = await service.approve(params.id, body, by);
      if ("refused" in answer) throw new HttpProblem(answer.refused, { detail: answer.detail });
      return answer;
    },
  });

/** Codes of a claim that is none: the request is at fault, or the service. */
const CLAIM_FAULTS = {
  invalid_claim: "malformed_request",
  unknown_withdrawal: "not_found",
  part_of_payment: "part_of_payment",
  ledger_busy: "ledger_busy",
  ledger_unavailable: "ledger_unavailable",
  clock_untrusted: "clock_untrusted",
} as const;

const claim = (service: Service): Route =>
  route({
    id: "POST /v1/payments/{id}/claim",
    tag: TAG,
    summary: "Claim a payment for signing",
    description:
      "Risk, freezes and evidence are read again. A refused claim is 200, too: only `decision: ALLOW` permits signing, only to this signer, and only for `valid_for_ms`.",
    params: idParams,
    body: claimBody,
    answer: claimAnswer,
    problems: Object.values(CLAIM_FAULTS),
    handle: async ({ params, body, key }) => {
      await requirePayment(service, key, params.id);
      const answer = await service.claim(params.id, body);
      const [code] = answer.reason_codes;
      if (code !== undefined && Object.hasOwn(CLAIM_FAULTS, code)) {
        throw new HttpProblem(CLAIM_FAULTS[code as keyof typeof CLAIM_FAULTS], {
          detail: answer.detail,
          retryAfterMs: answer.retry_after_ms,
          members: { enforced: answer.enforced },
        });
      }
      return answer;
    },
  });

const commit = (service: Service): Route =>
  route({
    id: "POST /v1/payments/{id}/commit",
    tag: TAG,
    summary: "Record the transaction that paid",
    description:
      "Call it again until it is accepted. `double_payment` in `reason_codes` is an alarm.",
    params: idParams,
    body: commitBody,
    answer: operationAnswer,
    problems: [
      "not_found",
      "invalid_operation",
      "clock_untrusted",
      "ledger_busy",
      "ledger_unavailable",
    ],
    handle: async ({ params, body: { txid, fee, inputs }, key }) => {
      await requirePayment(service, key, params.id);
      const paid = {
        txid,
        ...(fee === undefined ? {} : { fee }),
        ...(inputs === undefined ? {} : { inputs }),
      };
      return operation(await service.commit(params.id, paid));
    },
  });

const release = (service: Service): Route =>
  route({
    id: "POST /v1/payments/{id}/release",
    tag: TAG,
    summary: "Give back a payment that will never be signed",
    description:
      "A claimed payment is given back only with proof that nothing was executed: by its signer at once, by an operator once the claim is over; where changes are governed, by a proposal alone.",
    params: idParams,
    body: releaseBody,
    answer: operationAnswer,
    problems: [
      "not_found",
      "part_of_payment",
      "not_reserved",
      "already_committed",
      "claimed",
      "claim_running",
      "governed",
      "ledger_busy",
      "ledger_unavailable",
    ],
    handle: async ({ params, body: { reason, signer_id, not_executed }, key, by }) => {
      await requirePayment(service, key, params.id);
      const order = {
        reason,
        ...(key.role === "operator" ? { operator: by.operator } : {}),
        ...(signer_id === undefined ? {} : { signer_id }),
        ...(not_executed === undefined ? {} : { not_executed }),
      };
      return operation(await service.release(params.id, order));
    },
  });

/** The answer to an order that was accepted. */
export const operation = (result: OperationResult | Governed) => ({
  ...opened(result),
  accepted: true as const,
});
