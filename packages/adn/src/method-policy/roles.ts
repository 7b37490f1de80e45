/** States which kinds of RPC methods each role may call, and how often in each state (design, section 6). */
import { LOCKDOWNS, type Lockdown, type RpcMethodKind } from "@dgb-shield/contract";
import { frozen } from "../internal/frozen.js";

/** Kinds of methods that a policy can let run. */
export type AllowedKind = Exclude<RpcMethodKind, "unknown">;

/** Roles of a client, each with the kinds that it may call. */
export const KINDS_OF_ROLE = frozen({
  chain_reader: ["read", "build"],
  wallet_reader: ["read", "build", "wallet-read", "receive"],
  spender: ["read", "build", "wallet-read", "receive", "sign", "spend"],
  miner: ["read", "build", "mining"],
  node_operator: ["read", "build", "wallet-read", "network", "admin"],
} satisfies Readonly<Record<string, readonly AllowedKind[]>>);

/** Role of a client. */
export type RpcRole = keyof typeof KINDS_OF_ROLE;
/** Roles of clients. */
export const RPC_ROLES: readonly RpcRole[] = Object.freeze(Object.keys(KINDS_OF_ROLE) as RpcRole[]);

/** Roles that reach no wallet: not even `build` methods that read one. */
export const ROLES_WITHOUT_WALLET: readonly RpcRole[] = frozen(["chain_reader", "miner"]);

/** Methods that run in every state: for every role, or for the operator of the node, whose tools in an incident they are. */
export const ALWAYS_RUNNING: Readonly<Record<"every_role" | "node_operator", readonly string[]>> =
  frozen({
    every_role: ["walletlock"],
    node_operator: [
      "addnode",
      "disconnectnode",
      "invalidateblock",
      "reconsiderblock",
      "setban",
      "stop",
    ],
  });

/** Budgets that calls are charged to: one for each kind, `expensive` for costly calls of any kind, `incident` for what runs in every state. */
export const RATE_CLASSES = frozen([
  "read",
  "build",
  "wallet-read",
  "receive",
  "mining",
  "network",
  "admin",
  "sign",
  "spend",
  "key-export",
  "expensive",
  "incident",
]);
/** One of `RATE_CLASSES`. */
export type RateClass = (typeof RATE_CLASSES)[number];

/** Calls a minute of one client, by state and budget; 0 is refused. */
export type RpcRates = Readonly<Record<Lockdown, Readonly<Record<RateClass, number>>>>;

/**
 * Calls a minute of one client by default. Each row falls, or stays, as the state gets worse. A block every 15 s needs about
 * four calls of `expensive`; a wallet that unlocks and sends needs one each of `sign` and `spend` for a payment.
 */
export const RPC_RATES: RpcRates = frozen({
  NONE: {
    read: 6_000,
    build: 3_000,
    "wallet-read": 3_000,
    receive: 600,
    mining: 600,
    network: 60,
    admin: 60,
    sign: 600,
    spend: 600,
    "key-export": 6,
    expensive: 60,
    incident: 60,
  },
  PARTIAL: {
    read: 3_000,
    build: 600,
    "wallet-read": 600,
    receive: 60,
    mining: 600,
    network: 0,
    admin: 0,
    sign: 10,
    spend: 10,
    "key-export": 0,
    expensive: 30,
    incident: 60,
  },
  FULL: {
    read: 600,
    build: 60,
    "wallet-read": 60,
    receive: 0,
    mining: 0,
    network: 0,
    admin: 0,
    sign: 0,
    spend: 0,
    "key-export": 0,
    expensive: 10,
    incident: 60,
  },
});

/** Budgets that no configuration opens under FULL. */
const NEVER_UNDER_FULL: readonly RateClass[] = frozen(["sign", "spend", "key-export"]);

/** Checks that no budget grows as the state gets worse, and that none is open that has to be closed. */
export function isSoundRates(rates: RpcRates): boolean {
  const falls = RATE_CLASSES.every((name) =>
    LOCKDOWNS.slice(1).every(
      (lockdown, index) => rates[lockdown][name] <= rates[LOCKDOWNS[index] ?? "NONE"][name],
    ),
  );
  return (
    falls && NEVER_UNDER_FULL.every((name) => rates.FULL[name] === 0) && rates.FULL.incident > 0
  );
}
