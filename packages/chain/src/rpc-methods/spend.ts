/** Lists the JSON-RPC methods that move coins, sign, or give secrets out. */
import {
  BITCOIN,
  DIGIBYTE_7,
  DIGIBYTE_9,
  EVERY_NODE,
  NEWER,
  PAYMASTER,
  SINCE_0_21,
  ofKind,
} from "./row.js";

/** Methods that move, broadcast, reserve or free coins. */
export const SPENDING = ofKind("spend", [
  {
    name: "abandontransaction",
    nodes: EVERY_NODE,
    note: "frees the coins of an unconfirmed transaction: the way to a double payment",
  },
  {
    name: "bumpfee",
    nodes: ["bitcoin_core", "digibyte_7_17", "digibyte_9_26", "litecoin_0_21"],
    note: "signs and sends; in newer versions `outputs` can replace every recipient of the earlier transaction",
  },
  {
    name: "fundrawtransaction",
    nodes: EVERY_NODE,
    milder: {
      kind: "build",
      when: [
        {
          position: 1,
          names: ["options"],
          members: ["lockUnspents", "lock_unspents"],
          values: [false],
          absent: true,
        },
      ],
    },
    traits: ["uses-wallet"],
    note: "`lockUnspents` reserves coins of the wallet",
  },
  {
    name: "importmempool",
    nodes: NEWER,
    since: 26,
    note: "reads a file and puts its transactions into the mempool",
  },
  { name: "mintdigidollar", nodes: DIGIBYTE_9, note: "locks DGB as collateral" },
  { name: "preparepaymasterpool", nodes: PAYMASTER },
  { name: "processpaymasterresult", nodes: PAYMASTER },
  { name: "processpaymastersubmits", nodes: PAYMASTER },
  { name: "rebalancepaymasterpool", nodes: PAYMASTER },
  { name: "redeemdigidollar", nodes: DIGIBYTE_9, note: "burns DD, releases DGB" },
  { name: "requestpaymasterquote", nodes: PAYMASTER, note: "reserves inputs" },
  { name: "resendwallettransactions", nodes: DIGIBYTE_7 },
  { name: "resolvepaymastersession", nodes: PAYMASTER, note: "`cancel_to_self` signs and sends" },
  {
    name: "send",
    nodes: SINCE_0_21,
    note: "`add_to_wallet: false` or `psbt: true` does not broadcast, but signs",
  },
  { name: "sendall", nodes: NEWER, since: 24, note: "empties the wallet by design" },
  {
    name: "senddigidollar",
    nodes: DIGIBYTE_9,
    note: "also resumes and signs Paymaster sessions by `options`",
  },
  { name: "sendfrom", nodes: DIGIBYTE_7, note: "accounts" },
  { name: "sendmany", nodes: EVERY_NODE },
  { name: "sendmanydigidollar", nodes: DIGIBYTE_9 },
  { name: "sendrawtransaction", nodes: EVERY_NODE, note: "broadcast of anything signed elsewhere" },
  { name: "sendtoaddress", nodes: EVERY_NODE },
  {
    name: "submitpackage",
    nodes: NEWER,
    since: 24,
    note: "broadcasts a package: the same as several sendrawtransaction; hidden before Bitcoin Core 26",
  },
  { name: "submitpaymasterdigidollar", nodes: PAYMASTER },
  {
    name: "walletcreatefundedpsbt",
    nodes: EVERY_NODE,
    milder: {
      kind: "build",
      when: [
        {
          position: 3,
          names: ["options"],
          members: ["lockUnspents", "lock_unspents"],
          values: [false],
          absent: true,
        },
      ],
    },
    traits: ["uses-wallet"],
    note: "`lockUnspents` reserves coins of the wallet",
  },
  { name: "withdrawpaymastercarrier", nodes: PAYMASTER },
]);

/** Methods that make signatures, or the power to make them. */
export const SIGNING = ofKind("sign", [
  {
    name: "descriptorprocesspsbt",
    nodes: NEWER,
    since: 26,
    traits: ["secret-arguments"],
    note: "finalizes by default: the result is ready to broadcast",
  },
  { name: "processpaymasterrequests", nodes: PAYMASTER },
  {
    name: "signmessage",
    nodes: EVERY_NODE,
    traits: ["no-payment"],
    note: "proves ownership; the signed text is prefixed, so it is no transaction",
  },
  { name: "signmessagewithprivkey", nodes: EVERY_NODE, traits: ["secret-arguments", "no-payment"] },
  {
    name: "signrawtransaction",
    nodes: DIGIBYTE_7,
    traits: ["secret-arguments"],
    note: "private keys are optional arguments",
  },
  { name: "signrawtransactionwithkey", nodes: EVERY_NODE, traits: ["secret-arguments"] },
  { name: "signrawtransactionwithwallet", nodes: EVERY_NODE },
  { name: "startoracle", nodes: DIGIBYTE_9, note: "the node then signs prices by itself" },
  { name: "startpaymaster", nodes: PAYMASTER, note: "the node then signs by itself" },
  {
    name: "walletpassphrase",
    nodes: EVERY_NODE,
    traits: ["secret-arguments", "no-payment"],
    note: "every caller of the wallet can sign for `timeout` seconds",
  },
  { name: "walletprocesspaymasterpsbt", nodes: PAYMASTER },
  {
    name: "walletprocesspsbt",
    nodes: EVERY_NODE,
    milder: {
      kind: "build",
      when: [{ position: 1, names: ["sign"], values: [false], absent: false }],
    },
    traits: ["uses-wallet"],
    note: "signs unless `sign` is false; with `finalize` (default true) the result is ready to broadcast",
  },
]);

/** Methods by which secrets leave the node. */
export const EXPORTING_KEYS = ofKind("key-export", [
  {
    name: "backupwallet",
    nodes: EVERY_NODE,
    note: "writes the whole wallet to a path on the node's disk",
  },
  {
    name: "createrestrictedpaymasterdescriptor",
    nodes: PAYMASTER,
    note: "a secret sponsorship capability",
  },
  { name: "dumpprivkey", nodes: EVERY_NODE, note: "one private key (legacy wallets)" },
  {
    name: "dumpwallet",
    nodes: EVERY_NODE,
    note: "writes all private keys in clear to a path on the node's disk",
  },
  { name: "exportoracleprivkey", nodes: DIGIBYTE_9, note: "the oracle's signing key" },
  {
    name: "gethdkeys",
    nodes: BITCOIN,
    since: 28,
    milder: {
      kind: "wallet-read",
      when: [
        { position: 0, names: ["options"], members: ["private"], values: [false], absent: true },
      ],
    },
    note: "with `private: true` it returns private keys",
  },
  {
    name: "listdescriptors",
    nodes: NEWER,
    milder: {
      kind: "wallet-read",
      when: [{ position: 0, names: ["private"], values: [false], absent: true }],
    },
    note: "with `private: true` it returns private keys",
  },
]);
