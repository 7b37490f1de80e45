/** What a gateway takes from its caller besides its configuration. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { RpcAuth } from "@dgb-shield/chain/rpc";
import type { SpendHook } from "../../hook.js";
import type { MethodPolicy } from "../../policy.js";

/** One line about a refusal or a payment; never a parameter, a password or a key. */
export type GatewayLogEntry = Readonly<{
  event: "refused" | "paid" | "released" | "unclear" | "settled" | "hook_failed" | "internal_error";
  client: string | null;
  /** Null where it is no name of a method. */
  method: string | null;
  code: string | null;
  payment_id: string | null;
  txid: string | null;
}>;

/** Everything that the gateway does not do itself. */
export type GatewayPorts = Readonly<{
  node: Readonly<{
    /** Of the node, without a path. */
    url: string;
    auth?: RpcAuth;
  }>;
  policy: MethodPolicy;
  hook: SpendHook;
  /** Of the node, such as chain's `digibyte`. */
  chain: ChainParameters;
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number;
  /** Monotonic clock, milliseconds. */
  monotonicMs(): number;
  log?(entry: GatewayLogEntry): void;
  /** Adds one to a counter. */
  count?(name: string, labels: Readonly<Record<string, string>>): void;
  /** Records that a client called a method, for learn mode. */
  used?(client: string, method: string, isRefused: boolean): void;
}>;
