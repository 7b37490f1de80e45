/** Finds transactions that are other payments: with which the ledger has one committed. */
import type { UnsettledSpend } from "@dgb-shield/rpc-gateway";
import type { Decision, Service } from "../service/service.js";
import { scriptIn } from "./announced.js";

/** What is asked of the service. */
type Port = Pick<Service, "decisions" | "payment">;

/** Decisions of one page. */
const PAGE = 1_000;
/** Payments that are read for one answer at most, the newest: it is asked for again at each settlement. */
const MAX_READ = 1_000;

/**
 * Of some transactions, gives those with which a payment is committed. Only payments that could be mistaken for `spend` are looked at,
 * of those that the service's list of decisions has: a transaction that is not found may still be another payment's.
 *
 * @param scriptOf the script of an address, hexadecimal; null where it is none
 * @throws Error where the service does not answer
 */
export async function committedWith(
  { payment_id, payouts = [] }: UnsettledSpend,
  txids: readonly string[],
  { service, scriptOf }: Readonly<{ service: Port; scriptOf: (address: string) => string | null }>,
): Promise<readonly string[]> {
  const wanted = new Set(txids);
  const found = new Set<string>();
  // By script alone: what left can be less than was asked for, where the payee bears the fee.
  const keyOf = (address: string | null): string | null =>
    address === null ? null : scriptIn(address, scriptOf);
  const asked = new Set(payouts.map(({ address }) => keyOf(address)));
  // What cannot be compared could be the same.
  const isVague = payouts.length === 0 || asked.has(null);
  const couldBeMistaken = ({ destinations, destinations_count }: Decision): boolean =>
    isVague ||
    destinations_count > destinations.length ||
    destinations.some(({ address }) => asked.has(keyOf(address)));
  let read = 0;
  for (let before: number | null | undefined; before !== null && found.size < wanted.size;) {
    const page = await service.decisions({ before, limit: PAGE, isShown: () => true });
    for (const decision of page.decisions) {
      const isOther = decision.standing === "committed" && decision.payment_id !== payment_id;
      if (!isOther || !couldBeMistaken(decision)) continue;
      if (read++ === MAX_READ) return [...found];
      // The list says where to look; the ledger says what was committed.
      const payment = await service.payment(decision.payment_id);
      const txid = "status" in payment && payment.status === "committed" ? payment.txid : null;
      if (typeof txid === "string" && wanted.has(txid)) found.add(txid);
    }
    before = page.next;
  }
  return [...found];
}
