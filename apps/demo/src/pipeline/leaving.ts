/** What a request moves. */
import { type JsonObject, parseAmount } from "@dgb-shield/contract";

/** What leaves, of several payouts together, in base units; null where the Guardian finds it malformed. */
export function leavingUnits(withdrawal: JsonObject): bigint | null {
  const { payouts } = withdrawal;
  try {
    const parts = Array.isArray(payouts) ? (payouts as readonly JsonObject[]) : [withdrawal];
    return parts.reduce((sum, part) => sum + parseAmount(part["amount"]), 0n);
  } catch {
    return null;
  }
}
