/** Checks PSBTs that are parameters of methods which read or build: Core 0.21 ends on some that are malformed (decision 40). */
import type { ChainParameters } from "@dgb-shield/chain";
import { decodePsbt } from "@dgb-shield/chain/decode";
import { type Checked, passed, refused } from "../codes.js";
import { isList, type Json } from "../json/value.js";
import { invalidParameter, type Parameters, partsOf } from "./parameters.js";

/** Methods with one PSBT, `psbt`, as their first parameter, and those with a list of them, `txs`. */
const ONE: ReadonlySet<string> = new Set([
  ...["decodepsbt", "analyzepsbt", "finalizepsbt", "utxoupdatepsbt"],
]);
const MANY: ReadonlySet<string> = new Set(["combinepsbt", "joinpsbts"]);

/** Most PSBTs of one call. */
const MAX_PSBTS = 100;

/** Refuses a call of which a PSBT is none that the gateway's own decoder reads. */
export function checkPsbts(
  chain: ChainParameters,
  method: string,
  params: Parameters,
): Checked<null> {
  if (!ONE.has(method) && !MANY.has(method)) return passed(null);
  const { positional, named } = partsOf(params);
  const first = [positional[0], named.get(ONE.has(method) ? "psbt" : "txs")];
  const given = first.filter((one) => one !== undefined);
  const psbts = ONE.has(method) ? given : given.flatMap((one) => (isList(one) ? one : [null]));
  if (psbts.length > MAX_PSBTS) return invalidParameter("more than 100 PSBTs");
  for (const psbt of psbts) {
    const read = checkPsbt(chain, psbt);
    if (!read.ok) return read;
  }
  return passed(null);
}

function checkPsbt(chain: ChainParameters, psbt: Json): Checked<null> {
  if (typeof psbt !== "string") return invalidParameter("a PSBT is no text");
  const decoded = decodePsbt(chain, psbt);
  if (decoded.ok) return passed(null);
  // [REFUSE psbt_refused] malformed, contradictory, or with unknown fields: some nodes end on such
  return refused(
    "psbt_refused",
    `a PSBT is none that the gateway reads (${decoded.code}), and some nodes end on such a one: have it made again`,
  );
}
