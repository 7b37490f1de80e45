/** Parameters of chains, as data. */
export { bitcoin, bitcoinRegtest, bitcoinTestnet } from "./bitcoin.js";
export { CHAINS } from "./chains.js";
export { digibyte, digibyteRegtest, digibyteRegtest26, digibyteTestnet } from "./digibyte.js";
export { litecoin, litecoinRegtest, litecoinTestnet } from "./litecoin.js";
export {
  type AddressFormat,
  addressFormatSchema,
  type Algorithm,
  algorithmBits,
  algorithmOf,
  algorithmSchema,
  blocksPerYear,
  type ChainParameters,
  chainParametersSchema,
  type ConsensusChange,
  consensusChangeSchema,
  copyOfChain,
  isActiveAt,
} from "./parameters.js";
export { RPC_FAILURE_KINDS, type RpcFailureKind } from "./rpc-failure-kinds.js";
export { NODE_LINES, type NodeLine, RPC_METHODS } from "./rpc-methods/index.js";
