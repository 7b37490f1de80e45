/** JSON-RPC of Bitcoin Core and its forks: a client that never throws, and what its failures mean. */
export type { RpcResult } from "./answer.js";
export { type Credentials, credentialsOf, type RpcAuth } from "./auth.js";
export {
  type CallOptions,
  createNodeRpc,
  MAX_BATCH,
  type NodeRpc,
  type NodeRpcOptions,
  type RpcCall,
  type RpcStatistics,
} from "./client.js";
export { RPC_IN_WARMUP, type RpcFailure } from "./failure.js";
