/** Terms of payments that wait for approvals, for those who approve. They are asked for again after a restart. */
import type { PaymentTerms } from "@dgb-shield/client";

const MAX_REQUESTED = 2_000;

/** Terms that were asked for last. */
export type RequestedTerms = Readonly<{
  add(terms: PaymentTerms): void;
  of(paymentId: string): PaymentTerms | null;
}>;

/** Creates a memory of at most 2,000 payments; the oldest goes first. */
export function createRequestedTerms(): RequestedTerms {
  const known = new Map<string, PaymentTerms>();
  return Object.freeze({
    add(terms) {
      known.delete(terms.payment_id);
      known.set(terms.payment_id, terms);
      const [oldest] = known.keys();
      if (known.size > MAX_REQUESTED && oldest !== undefined) known.delete(oldest);
    },
    of: (paymentId) => known.get(paymentId) ?? null,
  } satisfies RequestedTerms);
}
