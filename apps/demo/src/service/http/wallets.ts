/** What a key that is bound to wallets may see and do. */
import type { ApiKey } from "../keys/key.js";
import type { Service, ServiceStatus } from "../service.js";
import { accepted } from "./answers.js";
import { HttpProblem } from "./problems.js";

/** Whether a key may act on a wallet. */
export const mayUse = ({ wallets }: Pick<ApiKey, "wallets">, walletId: string): boolean =>
  wallets === null || wallets.includes(walletId);

/**
 * Checks that a key may act on a wallet.
 *
 * @throws HttpProblem `wallet_not_allowed`
 */
export function requireWallet(key: Pick<ApiKey, "wallets">, walletId: string): void {
  if (!mayUse(key, walletId)) throw new HttpProblem("wallet_not_allowed");
}

/**
 * Checks that a key may act on a payment that was asked for.
 *
 * @throws HttpProblem `not_found`, as well for a payment of another wallet: its existence is not shown
 */
export async function requirePayment(
  service: Pick<Service, "payment">,
  key: Pick<ApiKey, "wallets">,
  paymentId: string,
): Promise<void> {
  if (key.wallets === null) return;
  const { wallet_id } = accepted(await service.payment(paymentId));
  if (!mayUse(key, wallet_id)) throw new HttpProblem("not_found");
}

type Page<T> = Readonly<{ items: readonly T[]; next: string | null }>;
type Ask = Readonly<{ after?: string; limit: number }>;

/** Entries that are read at once where most of them may be of other wallets. */
const SCANNED = 1_000;

/**
 * Lists what may be shown. Where a page ends amid others' entries, its end is asked for again by the place of the
 * last entry that is shown, so that no `next` names anything of another wallet.
 *
 * @param list gives a page of everything
 */
export async function listedFor<T>(
  isShown: (item: T) => boolean,
  { after, limit }: Ask,
  list: (page: Ask) => Promise<Page<T>>,
): Promise<Page<T>> {
  const shown: T[] = [];
  let place = after;
  for (;;) {
    const begin = place === undefined ? {} : { after: place };
    const { items, next } = await list({ ...begin, limit: SCANNED });
    for (const [at, item] of items.entries()) {
      if (!isShown(item)) continue;
      shown.push(item);
      if (shown.length < limit) continue;
      const end = await list({ ...begin, limit: at + 1 });
      const last = end.items.at(-1);
      // The list has changed in between: what is shown is right, and the rest is asked for from the beginning.
      const isSame = last !== undefined && isShown(last);
      return { items: shown, next: isSame ? end.next : (after ?? "") };
    }
    if (next === null) return { items: shown, next: null };
    place = next;
  }
}

/** The status as a bound key sees it: of its own wallets alone. */
export function statusFor(
  { wallets }: Pick<ApiKey, "wallets">,
  status: ServiceStatus,
): ServiceStatus {
  if (wallets === null) return status;
  const own = status.wallets.filter(({ wallet_id }) => wallets.includes(wallet_id));
  const seen = { ...status, wallets: own, observing: own.some(({ mode }) => mode === "observe") };
  if (status.state !== "restricted") return seen;
  const held = own.filter(({ state }) => state !== "open");
  if (held.length === 0) {
    return { ...seen, state: "open", summary: "Payments are decided.", cause: null, remedies: [] };
  }
  const text = `Wallets are held: ${held.map(({ wallet_id }) => wallet_id).join(", ")}.`;
  const code = held[0]?.cause ?? "restricted";
  return { ...seen, summary: text, cause: { code, text } };
}
