/** Terms of payments that wait for approvals, for those who approve: by the ledger, so that any process has them, after a restart too. */
import type { PaymentTerms } from "@dgb-shield/client";
import { storedWithdrawalRecordSchema } from "@dgb-shield/contract";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import type { Signing } from "../../signing/index.js";
import type { Decisions } from "../decisions/index.js";

type Parts = Readonly<{
  ledger: Pick<Ledger, "records">;
  decisions: Pick<Decisions, "of">;
  signing: Pick<Signing, "isSignedOnly" | "termsOf">;
}>;

/**
 * Makes the function that finds the terms which a payment waits for; null where approvals are not signed, and where the
 * latest decision on the payment is none that approvals would change, or is no longer kept.
 */
export const createRequestedTerms =
  ({ ledger, decisions, signing }: Parts) =>
  async (paymentId: string): Promise<PaymentTerms | null> => {
    if (!(await signing.isSignedOnly())) return null;
    const decision = await decisions.of(paymentId);
    if (decision?.next !== "approve") return null;
    const [stored] = await ledger.records(decision.seq - 1, 1);
    const read = storedWithdrawalRecordSchema.safeParse(stored?.record);
    return read.success ? signing.termsOf(read.data.withdrawal) : null;
  };
