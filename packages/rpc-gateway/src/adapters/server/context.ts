/** What the decoders of transactions need of this gateway. */
import type { TransactionContext } from "../../spend/transaction/index.js";
import type { Site } from "./site.js";

/** @param wallet at whose path the node is asked; null for the node itself */
export const contextOf = (site: Site, wallet: string | null): TransactionContext => ({
  chain: site.ports.chain,
  node: site.questions.of(wallet),
  hasWallet: wallet !== null,
  isOwn: (script) => site.places.isChangeOf(wallet, script),
  isInternal: (script) => site.spending.classOf(script) !== undefined,
  maxFee: site.maxFee,
  maxFeeRate: site.spending.maxFeeRate,
});
