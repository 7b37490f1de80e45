/** Rule: only permitted destinations are paid (design, section 7: destinations). */
import type { DestinationRules } from "../policy/destination-rules.js";
import { combine, found, type RuleResult, NO_FINDING } from "./finding.js";
import type { Payment } from "../request/withdrawal.js";

type Named = Readonly<{
  payouts: readonly Pick<Payment["payouts"][number], "destinations">[];
}>;

/**
 * Rejects a destination that cannot be read, that is listed as denied, or that is unlisted where an allow-list is
 * in force. A payment without destinations pays its fee alone.
 *
 * @returns `destination_denied`, `destination_unreadable`, REJECT at any risk
 */
export function evaluateDestinations(
  { payouts }: Named,
  { allowed, denied, keyOf }: Pick<DestinationRules, "allowed" | "denied" | "keyOf">,
): RuleResult {
  if (payouts.every(({ destinations }) => destinations.length === 0)) return NO_FINDING;
  const keys = payouts.flatMap(({ destinations }) =>
    destinations.map(({ address }) => keyOf(address)),
  );
  const isDenied = (key: string | null) =>
    key !== null && (denied.has(key) || (allowed !== null && !allowed.has(key)));
  return combine([
    // [REJECT destination_denied] it is on the deny-list, or not on the allow-list
    keys.some(isDenied) ? found({ code: "destination_denied", decision: "REJECT" }) : NO_FINDING,
    // [REJECT destination_unreadable] it cannot be read as an address of the chain
    keys.includes(null)
      ? found({ code: "destination_unreadable", decision: "REJECT" })
      : NO_FINDING,
  ]);
}
