/** Lists the JSON-RPC methods of peers and of mining, and the stubs for tests. */
import { EVERY_NODE, NEWER, PAYMASTER, SINCE_0_21, ofKind } from "./row.js";

/** Methods that change which peers the node connects to, or what it sends them. */
export const NETWORKING = ofKind("network", [
  {
    name: "addconnection",
    nodes: ["bitcoin_core", "digibyte_9_26", "litecoin_0_21"],
    hidden: true,
    note: "regtest alone",
  },
  { name: "addnode", nodes: EVERY_NODE, note: "steers what the node sees (eclipse); DNS look-up" },
  {
    name: "addpeeraddress",
    nodes: SINCE_0_21,
    hidden: true,
    note: "fills the address table (eclipse); meant for tests",
  },
  { name: "checkpaymasterendpoint", nodes: PAYMASTER },
  { name: "clearbanned", nodes: EVERY_NODE },
  { name: "disconnectnode", nodes: EVERY_NODE, note: "isolation" },
  { name: "getblockfrompeer", nodes: NEWER, since: 23, note: "makes the node ask a peer" },
  { name: "ping", nodes: EVERY_NODE, note: "sends to all peers; harmless" },
  { name: "sendmsgtopeer", nodes: NEWER, since: 26, hidden: true, note: "raw P2P message" },
  { name: "setban", nodes: EVERY_NODE, note: "isolation" },
  {
    name: "setnetworkactive",
    nodes: EVERY_NODE,
    note: "`false` cuts the node off: it goes blind while RPC still answers",
  },
]);

/** Methods of mining. */
export const MINING = ofKind("mining", [
  { name: "generate", nodes: EVERY_NODE, hidden: true },
  { name: "generateblock", nodes: SINCE_0_21, hidden: true, note: "can carry any transaction" },
  {
    name: "generatetoaddress",
    nodes: EVERY_NODE,
    hidden: true,
    note: "of no use on a main network, but not refused there",
  },
  { name: "generatetodescriptor", nodes: SINCE_0_21, hidden: true },
  {
    name: "getblocktemplate",
    nodes: EVERY_NODE,
    expensive: {
      unless: [
        {
          position: 0,
          names: ["template_request"],
          members: ["longpollid"],
          values: [],
          absent: true,
        },
      ],
    },
    traits: ["holds-thread"],
    note: "a long poll (`longpollid`) holds a thread",
  },
  {
    name: "prioritisetransaction",
    nodes: EVERY_NODE,
    note: "decides which transactions are mined",
  },
  {
    name: "submitblock",
    nodes: EVERY_NODE,
    note: "a block carries transactions; it can also reorganise the node",
  },
  { name: "submitheader", nodes: SINCE_0_21 },
]);

/** Stubs for tests. */
export const TEST_STUBS = ofKind("unknown", [
  { name: "echo", nodes: EVERY_NODE, hidden: true, note: "test" },
  { name: "echoipc", nodes: NEWER, since: 23, hidden: true, note: "test" },
  { name: "echojson", nodes: EVERY_NODE, hidden: true, note: "test" },
]);
