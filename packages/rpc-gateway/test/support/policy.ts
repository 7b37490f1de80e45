/** A policy for tests: kinds as chain's table has them, roles as plain as possible. */
import { RPC_METHODS } from "@dgb-shield/chain";
import type { MethodPolicy } from "../../src/index.js";

const KINDS = new Map(RPC_METHODS.map((method) => [method.name, method]));

const ROLES: Readonly<Record<string, readonly string[]>> = {
  chain_reader: ["read", "build"],
  wallet_reader: ["read", "build", "wallet-read"],
  spender: ["read", "build", "wallet-read", "receive", "sign", "spend"],
  operator: ["read", "admin", "network", "mining", "wallet-read"],
};

/** @param perMinute calls of each kind */
export const testPolicy = (perMinute = 1_000_000): MethodPolicy => ({
  decide({ client, method, lockdown }) {
    const known = KINDS.get(method);
    const refuse = (code: string) =>
      ({ allowed: false, code, text: "refused by the policy" }) as const;
    if (known === undefined) return refuse("unknown_method");
    if (ROLES[client.role]?.includes(known.kind) !== true) return refuse("role_forbids");
    const isCalm =
      lockdown === "NONE" || !["spend", "sign", "receive", "admin"].includes(known.kind);
    if (!isCalm && method !== "walletlock") return refuse("state_forbids");
    const hook = known.kind === "spend" || known.kind === "sign";
    return { allowed: true, kind: known.kind, max_calls_per_minute: perMinute, hook };
  },
});
