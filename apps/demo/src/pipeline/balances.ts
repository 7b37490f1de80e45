/** What the pipeline needs to have a wallet's balance proven by a node (design, section 10). */

/** The balance of a wallet, as a node gave it. */
export type AskedBalance = Readonly<{
  /** The own node that was asked; null where none could be. */
  node_id: string | null;
  /** Coins that the wallet can spend, as a decimal text; null where the node does not give them. */
  amount: string | null;
  /** Time since the question was sent, in milliseconds. */
  age_ms: () => number;
}>;

/** Asks nodes for balances. */
export type Balances = Readonly<{
  /**
   * The balance of a wallet.
   *
   * @returns null where no node has the wallet, so that the caller's statement counts; never rejects
   */
  of(walletId: string): Promise<AskedBalance | null>;
}>;

/** Age at which a balance no longer counts, in milliseconds: the time of a question, and of a busy ledger. */
export const MAX_BALANCE_AGE_MS = 15_000;

/** What a port that failed has found out. */
const NOTHING: AskedBalance = Object.freeze({ node_id: null, amount: null, age_ms: () => 0 });

/** Asks for the balance of the wallet that a request names; a failure gives no balance, and never the one that the caller states. */
export async function askBalance(
  balances: Balances | undefined,
  walletId: unknown,
): Promise<AskedBalance | null> {
  if (balances === undefined || typeof walletId !== "string") return null;
  try {
    return await balances.of(walletId);
  } catch {
    return NOTHING;
  }
}
