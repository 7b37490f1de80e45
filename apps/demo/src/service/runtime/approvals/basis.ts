/** What approvals a decision counts: those by role, or where approvers are configured those that they signed. */
import { bindingOf, type PaymentTerms } from "@dgb-shield/client";
import type { DecideOptions, WithdrawalParts } from "../../../pipeline/index.js";
import type { PaymentApproval } from "../../service.js";
import type { Signing } from "../../signing/index.js";
import type { ApprovalStore } from "./store.js";

/** Name of the method by which an approver's key approves: a person with a strong credential. */
const METHOD = "operator";
/** More people than a payment can have: nothing passes. */
const NOBODY_IS_ENOUGH = 64;

/** What a decision counts. */
export type ApprovalBasis = Readonly<{
  options: DecideOptions;
  /** What signed approvals bind to; undefined where approvals are not signed. */
  binds: string | undefined;
  terms: PaymentTerms | null;
  /** Whether approvals must be signed, and the request has no terms to sign. */
  isIncomplete: boolean;
}>;

type Parts = Readonly<{ approvals: ApprovalStore; signing: Signing; clock: () => number }>;

/** Makes the function that finds what counts for a request. */
export const createApprovalBasis =
  ({ approvals, signing, clock }: Parts) =>
  async ({ withdrawal }: WithdrawalParts): Promise<ApprovalBasis> => {
    const { payment_id, withdrawal_id } = withdrawal;
    const id = payment_id ?? withdrawal_id;
    const stored = typeof id === "string" ? await approvals.of(id) : [];
    if (!(await signing.isSignedOnly())) {
      const options = { approvals: stored.map(counted) };
      return { options, binds: undefined, terms: null, isIncomplete: false };
    }
    const terms = signing.termsOf(withdrawal);
    if (terms === null) {
      const options = { approvals: [], approvers: NOBODY_IS_ENOUGH };
      return { options, binds: undefined, terms, isIncomplete: true };
    }
    const binds = bindingOf(terms);
    const standing = signing.standing(terms, stored, clock());
    const approvers = signing.approversFor(terms);
    return {
      options: { approvals: standing.map(counted), binds, approvers },
      ...{ binds, terms, isIncomplete: false },
    };
  };

const counted = ({ approver, approved_at_ms, binds }: PaymentApproval) =>
  ({ approver, approved_at_ms, binds, method: METHOD }) as const;
