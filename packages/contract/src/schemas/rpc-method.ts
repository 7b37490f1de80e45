/** What is known of one JSON-RPC method of a node: chain data, read by the policy of layer 3 and by a gateway. */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { oneOf, strictObject } from "./own-object.js";
import { wordSchema } from "./primitives.js";

/**
 * Kinds of JSON-RPC methods, by the worst that a call can do, the mildest first: `read` reads chain, mempool or node; `build` makes or
 * changes transactions without any key; `wallet-read` reads a wallet; `receive` makes addresses and labels; `mining`; `network`
 * changes which peers the node connects to; `admin` changes node or wallet; `sign` makes signatures or the power to make them; `spend`
 * moves, broadcasts, reserves or frees coins; `key-export` gives secrets out; `unknown` are stubs for tests.
 */
export const RPC_METHOD_KINDS = frozen([
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
  "unknown",
]);
/** One of `RPC_METHOD_KINDS`. */
export type RpcMethodKind = (typeof RPC_METHOD_KINDS)[number];

/**
 * What a gateway has to know besides: `secret-arguments` has private keys or passphrases as arguments; `holds-thread` keeps one of
 * the node's RPC threads until something happens; `uses-wallet` needs a wallet, where the kind does not show it; `no-payment` signs
 * what is no payment.
 */
export const RPC_METHOD_TRAITS = frozen([
  "secret-arguments",
  "holds-thread",
  "uses-wallet",
  "no-payment",
]);
/** One of `RPC_METHOD_TRAITS`. */
export type RpcMethodTrait = (typeof RPC_METHOD_TRAITS)[number];

/** A condition on one argument, given by position or by name. */
export const rpcConditionSchema = strictObject({
  /** Index among positional arguments, from 0. */
  position: z.int().min(0).max(31),
  /** Names of the argument; of several aliases each. */
  names: z.array(z.string().min(1).max(64)).min(1).max(4),
  /** Where the argument is an object: the names of the member that decides. It can be given beside the object, too. */
  members: z.array(z.string().min(1).max(64)).min(1).max(4).optional(),
  /** Values by which the condition holds. */
  values: z.array(z.union([z.boolean(), z.int()])).max(8),
  /** Whether it holds where the argument is absent or null: whether the node's own default is one of the values. */
  absent: z.boolean(),
});
/** What `rpcConditionSchema` accepts. */
export type RpcCondition = z.infer<typeof rpcConditionSchema>;

const conditionsSchema = z.array(rpcConditionSchema).min(1).max(4);

/** One method. */
export const rpcMethodSchema = strictObject({
  /** Exactly as the node knows it. */
  name: wordSchema,
  /** The worst that a call can do, whatever its arguments. */
  kind: oneOf(RPC_METHOD_KINDS),
  /** A milder kind that a call has where every condition holds. */
  milder: strictObject({ kind: oneOf(RPC_METHOD_KINDS), when: conditionsSchema }).optional(),
  /** Whether a call costs the node much work, a thread or megabytes: always, or unless every condition holds. */
  expensive: z.union([z.literal(true), strictObject({ unless: conditionsSchema })]).optional(),
  traits: z.array(oneOf(RPC_METHOD_TRAITS)).max(RPC_METHOD_TRAITS.length).optional(),
  /** Nodes that have it, as words. */
  nodes: z.array(wordSchema).max(16).optional(),
  /** First major version of Bitcoin Core that has it, where it is later than 22. */
  since: z.int().min(1).max(999).optional(),
  /** Whether the node's `help` leaves it out. */
  hidden: z.boolean().optional(),
  note: z.string().min(1).max(256).optional(),
});
/** What `rpcMethodSchema` accepts. */
export type RpcMethod = z.infer<typeof rpcMethodSchema>;

/** Kinds whose calls go to a wallet. */
const WALLET_KINDS: ReadonlySet<RpcMethodKind> = new Set([
  "wallet-read",
  "receive",
  "sign",
  "spend",
]);

/**
 * Whether a call pays, or signs what could pay.
 *
 * @param kind of the call, its arguments considered
 * @param method as the table has it; of a method that no table has, the kind alone decides
 * @example isPayment("sign", { traits: ["no-payment"] }) // false
 */
export const isPayment = (
  kind: RpcMethodKind,
  { traits = [] }: Pick<RpcMethod, "traits">,
): boolean => (kind === "spend" || kind === "sign") && !traits.includes("no-payment");

/**
 * Whether a call needs a wallet.
 *
 * @param kind of the call, its arguments considered
 * @param method as the table has it; of a method that no table has, the kind alone decides
 * @example usesWallet("build", { traits: ["uses-wallet"] }) // true
 */
export const usesWallet = (
  kind: RpcMethodKind,
  { traits = [] }: Pick<RpcMethod, "traits">,
): boolean => WALLET_KINDS.has(kind) || traits.includes("uses-wallet");
