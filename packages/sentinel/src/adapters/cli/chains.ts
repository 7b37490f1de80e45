/** The chains that the command knows by name. */
import { digibyte, digibyteRegtest } from "../../chains/digibyte.js";
import type { ChainParameters } from "../../chains/parameters.js";

export const CHAINS: readonly ChainParameters[] = [digibyte, digibyteRegtest];
