/** What holds of transactions that the wallet is asked to sign. */
import type { DecodedPsbt } from "@dgb-shield/chain/decode";
import { refusal } from "./codes.js";
import type { TransactionContext } from "./context.js";
import { ask, valueOf } from "./resolve-inputs.js";

const WHOLE: ReadonlySet<string | undefined> = new Set([undefined, "ALL", "DEFAULT"]);
const SIGHASH_DEFAULT = 0;
const SIGHASH_ALL = 1;

/** Refuses a signature type that does not commit to all inputs and outputs, by its name. */
export function checkSighashName(name: string | undefined): void {
  // [REFUSE sighash_refused] others could change what is paid after the signature
  if (!WHOLE.has(name)) throw refusal("sighash_refused");
}

/** Refuses such a type where a PSBT asks for it. */
export function checkSighashes({ inputs }: DecodedPsbt): void {
  const isWhole = (sighash: number | null): boolean =>
    sighash === null || sighash === SIGHASH_DEFAULT || sighash === SIGHASH_ALL;
  if (!inputs.every(({ sighash }) => isWhole(sighash))) throw refusal("sighash_refused");
}

/** The height of the node's best block. */
export async function heightOf(context: TransactionContext): Promise<number> {
  const [answer] = await ask(context, [{ method: "getblockcount" }]);
  const height = valueOf(answer);
  if (!Number.isSafeInteger(height)) throw refusal("node_unreadable");
  return height as number;
}
