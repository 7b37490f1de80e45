/** Lists the JSON-RPC methods that make or change transactions without any key. */
import { EVERY_NODE, SINCE_0_21, ofKind } from "./row.js";

/** Methods that make or change transactions without any key. */
export const BUILDING = ofKind("build", [
  { name: "analyzepsbt", nodes: SINCE_0_21 },
  { name: "combinepsbt", nodes: EVERY_NODE },
  { name: "combinerawtransaction", nodes: EVERY_NODE },
  { name: "converttopsbt", nodes: EVERY_NODE },
  { name: "createmultisig", nodes: EVERY_NODE },
  { name: "createpsbt", nodes: EVERY_NODE },
  { name: "createrawtransaction", nodes: EVERY_NODE },
  { name: "decodepsbt", nodes: EVERY_NODE },
  { name: "decoderawtransaction", nodes: EVERY_NODE },
  { name: "decodescript", nodes: EVERY_NODE },
  {
    name: "finalizepsbt",
    nodes: EVERY_NODE,
    note: "needs no key; turns a signed PSBT into a transaction",
  },
  { name: "joinpsbts", nodes: SINCE_0_21 },
  {
    name: "psbtbumpfee",
    nodes: ["bitcoin_core", "digibyte_9_26", "litecoin_0_21"],
    traits: ["uses-wallet"],
    note: "signs and sends nothing",
  },
  { name: "utxoupdatepsbt", nodes: SINCE_0_21 },
]);
