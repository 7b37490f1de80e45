/** The chains that the command knows by name. */
import { bitcoin, bitcoinRegtest } from "../../chains/bitcoin.js";
import { digibyte, digibyteRegtest, digibyteTestnet } from "../../chains/digibyte.js";
import { litecoin, litecoinRegtest } from "../../chains/litecoin.js";
import type { ChainParameters } from "../../chains/parameters.js";

export const CHAINS: readonly ChainParameters[] = Object.freeze([
  digibyte,
  digibyteTestnet,
  digibyteRegtest,
  bitcoin,
  bitcoinRegtest,
  litecoin,
  litecoinRegtest,
]);
