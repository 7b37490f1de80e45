/** Every chain of this package, for a lookup by name. */
import { bitcoin, bitcoinRegtest, bitcoinTestnet } from "./bitcoin.js";
import { digibyte, digibyteRegtest, digibyteRegtest26, digibyteTestnet } from "./digibyte.js";
import { litecoin, litecoinRegtest, litecoinTestnet } from "./litecoin.js";
import type { ChainParameters } from "./parameters.js";

/**
 * All chains, each under a name of its own.
 *
 * @example CHAINS.find(({ name }) => name === "digibyte_regtest") // digibyteRegtest
 */
export const CHAINS: readonly ChainParameters[] = Object.freeze([
  digibyte,
  digibyteTestnet,
  digibyteRegtest,
  digibyteRegtest26,
  bitcoin,
  bitcoinTestnet,
  bitcoinRegtest,
  litecoin,
  litecoinTestnet,
  litecoinRegtest,
]);
