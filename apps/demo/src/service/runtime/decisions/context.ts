/** Makes what reading a decision's record needs of the deployment. */
import { bindingOf as bindingOfTerms } from "@dgb-shield/client";
import type { WalletPolicyInput } from "@dgb-shield/quantum-wallet-guard";
import { bindingOf } from "../../../pipeline/index.js";
import type { Signing } from "../../signing/index.js";
import type { EntryContext } from "./entry.js";

/** The smallest amount: a threshold that every payment reaches. */
const SMALLEST = "0.00000001";

type Parts = Readonly<{
  guard: WalletPolicyInput;
  signing: Pick<Signing, "termsOf" | "approversFor">;
  isEnforced: (walletId: string) => boolean;
}>;

/** The context of a deployment: a payment that needs approvers whatever its amount has a threshold of one unit. */
export function decisionContext({ guard, signing, isEnforced }: Parts): EntryContext {
  return {
    isEnforced,
    policyFor(withdrawal) {
      const terms = signing.termsOf(withdrawal);
      const needed = terms === null ? undefined : signing.approversFor(terms);
      if (needed === undefined) return guard;
      return { ...guard, threshold_extra_auth: SMALLEST, required_approvals: needed };
    },
    bindsOf(withdrawal) {
      const terms = signing.termsOf(withdrawal);
      return terms === null ? bindingOf(withdrawal) : bindingOfTerms(terms);
    },
  };
}
