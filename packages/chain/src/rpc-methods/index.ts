/**
 * Lists the JSON-RPC methods of Bitcoin Core 22 to 29, DigiByte Core and Litecoin Core, by the worst that a call can do.
 *
 * Sources, read in July 2026: the tables of each version in rust-bitcoin/corepc, which are tested against each release of Bitcoin
 * Core; the dispatch tables of Bitcoin Core, DigiByte Core (7.17.3, 8.21.1, and DigiDollar of 9.26) and Litecoin Core (0.21.5.5).
 * DigiByte Core 9.26 is based on Bitcoin Core 26, from which its other methods are taken over. Less certain: 8.22, which counts as
 * 8.21; the methods of the Paymaster branch, which a build may have or not.
 */
import type { RpcMethod } from "@dgb-shield/contract";
import { deepFrozen } from "../internal/frozen.js";
import { ADMINISTRATION } from "./admin.js";
import { BUILDING } from "./build.js";
import { MINING, NETWORKING, TEST_STUBS } from "./network.js";
import { READING } from "./read.js";
import { EXPORTING_KEYS, SIGNING, SPENDING } from "./spend.js";
import { READING_A_WALLET, RECEIVING } from "./wallet.js";

export { NODE_LINES, type NodeLine } from "./row.js";

/**
 * Every method, each once. The kind is the worst that a call can do over all its arguments; `milder` names the arguments by which it
 * does less. A method that is not here is unknown: refuse it.
 *
 * @example RPC_METHODS.find(({ name }) => name === "dumpprivkey")?.kind // "key-export"
 */
export const RPC_METHODS: readonly RpcMethod[] = deepFrozen([
  ...READING,
  ...BUILDING,
  ...READING_A_WALLET,
  ...RECEIVING,
  ...MINING,
  ...NETWORKING,
  ...ADMINISTRATION,
  ...SIGNING,
  ...SPENDING,
  ...EXPORTING_KEYS,
  ...TEST_STUBS,
]);
