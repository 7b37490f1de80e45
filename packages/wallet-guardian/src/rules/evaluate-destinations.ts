/** Rule: money goes only where the policy lets it go (design: layer 4, denied and allowed destinations). */
import { found, type RuleResult, SILENT } from "../finding.js";
import type { Withdrawal } from "../withdrawal.js";

/** Lists of a policy, as `addressKey`s; `allowed` null: anywhere. */
export type DestinationLists = Readonly<{
  allowed: ReadonlySet<string> | null;
  denied: ReadonlySet<string>;
}>;

/**
 * Denies a listed destination and, with an allow-list, an unlisted or missing one.
 *
 * @returns `destination_denied`, REJECT at any risk
 */
export function evaluateDestinations(
  { destinations }: Pick<Withdrawal, "destinations">,
  { allowed, denied }: DestinationLists,
): RuleResult {
  const keys = destinations.map(({ address }) => addressKey(address));
  // [REJECT] a destination is on the deny-list
  if (keys.some((key) => denied.has(key))) return DENIED;
  if (allowed === null) return SILENT;
  // [REJECT] an allow-list is in force and a destination is missing or not on it
  return keys.length > 0 && keys.every((key) => allowed.has(key)) ? SILENT : DENIED;
}

/**
 * What two spellings of one address have in common: Bech32 may be written all in upper case
 * (BIP 173), so that an address without any lower-case letter is compared in lower case.
 *
 * @example addressKey("DGB1QXYZ") // "dgb1qxyz"
 */
export const addressKey = (address: string): string =>
  address === address.toUpperCase() ? address.toLowerCase() : address;

const DENIED: RuleResult = found({ code: "destination_denied", decision: "REJECT" });
