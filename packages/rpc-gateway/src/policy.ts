/** The port of the method policy: which client may call which method, in which state (design, section 6). */
import type { JsonObject, JsonValue, Lockdown, RpcMethodKind } from "@dgb-shield/contract";

/** A client of the gateway, as the policy knows it. */
export type PolicyClient = Readonly<{ name: string; role: string }>;

/** A call to judge. */
export type PolicyCall = Readonly<{
  client: PolicyClient;
  /** Exactly as the client wrote it. */
  method: string;
  /** Positional parameters, or named ones; both at once are named ones with an array `args`. */
  params: readonly JsonValue[] | JsonObject;
  /** Name of the wallet that the call goes to; null where it goes to none. */
  wallet: string | null;
  /** State of the defense. */
  lockdown: Lockdown;
}>;

/** What the policy answers. */
export type PolicyAnswer =
  | Readonly<{
      allowed: true;
      /** Of this call, its arguments considered. */
      kind: RpcMethodKind;
      /** The budget that the call is charged to, such as `expensive`; default: its kind. */
      rate_class?: string;
      /** For this client and budget, at least 1. */
      max_calls_per_minute: number;
      /** Whether the spend hook decides as well. */
      hook: boolean;
    }>
  | Readonly<{ allowed: false; code: string; text: string }>;

/** Decides whether a method runs. Pure and immediate; one that throws refuses. */
export interface MethodPolicy {
  decide(call: PolicyCall): PolicyAnswer;
}
