/** Which RPC methods run, and how often, in each lockdown state: two tables (design, section 6). */
import { type DefenseState, type Lockdown, LOCKDOWNS } from "@dgb-shield/contract";
import { frozen } from "./internal/frozen.js";
import { ownValue } from "./internal/own-data.js";

/** Classes of JSON-RPC methods, from reading to administration. */
export const RPC_CLASSES = frozen([
  "read_chain",
  "read_wallet",
  "receive",
  "spend",
  "mine",
  "administer",
]);
/** One class of methods. */
export type RpcClass = (typeof RPC_CLASSES)[number];

/** Methods of each class, by the names of DigiByte Core and Bitcoin Core. What is not here never runs. */
export const RPC_METHODS: Readonly<Record<RpcClass, readonly string[]>> = frozen({
  read_chain: [
    "estimatesmartfee",
    "getbestblockhash",
    "getblock",
    "getblockchaininfo",
    "getblockcount",
    "getblockhash",
    "getblockheader",
    "getblockstats",
    "getchaintips",
    "getchaintxstats",
    "getconnectioncount",
    "getdifficulty",
    "getmempoolentry",
    "getmempoolinfo",
    "getmininginfo",
    "getnetworkhashps",
    "getnetworkinfo",
    "getpeerinfo",
    "getrawmempool",
    "getrawtransaction",
    "gettxout",
    "ping",
    "testmempoolaccept",
    "uptime",
    "validateaddress",
    "verifymessage",
  ],
  read_wallet: [
    "getaddressinfo",
    "getbalance",
    "getbalances",
    "getreceivedbyaddress",
    "gettransaction",
    "getwalletinfo",
    "listreceivedbyaddress",
    "listsinceblock",
    "listtransactions",
    "listunspent",
    "listwallets",
  ],
  receive: ["getnewaddress"],
  spend: [
    "bumpfee",
    "fundrawtransaction",
    "send",
    "sendall",
    "sendmany",
    "sendrawtransaction",
    "sendtoaddress",
    "signrawtransactionwithkey",
    "signrawtransactionwithwallet",
    "walletcreatefundedpsbt",
    "walletprocesspsbt",
  ],
  mine: ["getblocktemplate", "submitblock", "submitheader"],
  administer: [
    "addnode",
    "disconnectnode",
    "invalidateblock",
    "loadwallet",
    "reconsiderblock",
    "setban",
    "stop",
    "unloadwallet",
    "walletlock",
    "walletpassphrase",
  ],
});

/** Calls a minute, for each class and state; 0 is refused. */
export const RPC_RATES: Readonly<Record<Lockdown, Readonly<Record<RpcClass, number>>>> = frozen({
  NONE: {
    read_chain: 6_000,
    read_wallet: 3_000,
    receive: 600,
    spend: 600,
    mine: 600,
    administer: 60,
  },
  PARTIAL: {
    read_chain: 3_000,
    read_wallet: 600,
    receive: 60,
    spend: 10,
    mine: 600,
    administer: 0,
  },
  FULL: { read_chain: 600, read_wallet: 60, receive: 0, spend: 0, mine: 0, administer: 0 },
});

/** Which classes run in a state, and how many calls a minute each. */
export type RpcPolicy = Readonly<{
  lockdown: Lockdown;
  classes: Readonly<Record<RpcClass, Readonly<{ allowed: boolean; max_calls_per_minute: number }>>>;
}>;

/** Whether one method runs, how often, and why. */
export type RpcDecision = Readonly<{
  allowed: boolean;
  /** Null for an unknown method. */
  rpc_class: RpcClass | null;
  max_calls_per_minute: number;
  reason: string;
}>;

const classOfMethod: ReadonlyMap<unknown, RpcClass> = new Map(
  RPC_CLASSES.flatMap((name) => RPC_METHODS[name].map((method) => [method, name] as const)),
);

/**
 * Looks up which classes of methods run, and how often.
 *
 * @param state a defense state, of which the own data property `lockdown` alone is read; one whose
 * lockdown is none of the three words, as a text, counts as FULL. Never throws.
 */
export function rpcPolicy(state: Pick<DefenseState, "lockdown">): RpcPolicy {
  const lockdown = lockdownIn(state);
  const rates = RPC_RATES[lockdown];
  const entries = RPC_CLASSES.map((name) => {
    const max_calls_per_minute = rates[name];
    return [name, { allowed: max_calls_per_minute > 0, max_calls_per_minute }] as const;
  });
  return { lockdown, classes: Object.fromEntries(entries) as RpcPolicy["classes"] };
}

/** Reads the own lockdown of a state. */
function lockdownIn(state: unknown): Lockdown {
  const given = ownValue(state, "lockdown");
  // [FULL unreadable_state] no own `lockdown` of the three words
  return LOCKDOWNS.find((lockdown) => lockdown === given) ?? "FULL";
}

/**
 * Decides whether a method runs. An unknown one is refused in every state, and names are taken exactly. A
 * state that cannot be read counts as FULL. Never throws.
 *
 * @param state a defense state, of which the own `lockdown` alone is read
 * @param method name of a JSON-RPC method
 * @example rpcDecision({ lockdown: "FULL" }, "sendtoaddress").allowed // false
 */
export function rpcDecision(state: Pick<DefenseState, "lockdown">, method: unknown): RpcDecision {
  const rpc_class = classOfMethod.get(method) ?? null;
  // [REFUSE unknown_method] in no class of the table
  if (rpc_class === null) {
    return { allowed: false, rpc_class, max_calls_per_minute: 0, reason: "unknown method" };
  }
  const { lockdown, classes } = rpcPolicy(state);
  const { allowed, max_calls_per_minute } = classes[rpc_class];
  const verb = allowed ? "runs" : "is refused";
  const reason = `${rpc_class} ${verb} under lockdown ${lockdown}`;
  return { allowed, rpc_class, max_calls_per_minute, reason };
}
