/** Says why a method that pays is not decoded, and what to use instead. */
import { type Checked, refused } from "../codes.js";

/** The refusal of a method that has no decoder. */
export function withoutDecoder(method: string): Extract<Checked<never>, { ok: false }> {
  // [REFUSE sendall_refused] the whole balance would leave, and the amount is known after the node has chosen the coins
  if (method === "sendall") {
    return refused(
      "sendall_refused",
      "sendall empties the wallet, and how much it pays is open until the node has chosen the coins: pay an amount by sendtoaddress with subtractfeefromamount, or have a PSBT built and signed by walletprocesspsbt",
    );
  }
  // [REFUSE decoder_missing] what the call would pay cannot be worked out
  return refused(
    "decoder_missing",
    "the gateway cannot work out what this method would pay: use sendtoaddress, sendmany or send",
  );
}
