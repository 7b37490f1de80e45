/** Limits as the rules need them: base units and milliseconds, by scope. */
import { parseAmount } from "@dgb-shield/contract";
import type { GuardianPolicy, ScopeLimits } from "./policy.js";
import { policyVersion } from "./policy.js";
import type { ScopeType } from "./scopes.js";
import { addressKey } from "./rules/evaluate-destinations.js";

const DAY_MS = 86_400_000;

/** One rolling window. */
export type WindowLimit = Readonly<{
  code: "daily_limit" | "window_limit";
  windowMs: number;
  maxAmount: bigint | null;
  maxCount: number | null;
}>;

/** The limits of one scope. */
export type Limits = Readonly<{
  maxPerTx: bigint | null;
  windows: readonly WindowLimit[];
  cooldownMs: number;
}>;

/** A policy made ready for the rules. */
export type CompiledPolicy = Readonly<{
  policy: GuardianPolicy;
  version: string;
  /** A scope without limits has none here. */
  limits: Readonly<Record<ScopeType, Limits | null>>;
  allowed: ReadonlySet<string> | null;
  denied: ReadonlySet<string>;
}>;

/** Makes a policy ready for the rules. */
export function compilePolicy(policy: GuardianPolicy): CompiledPolicy {
  const { account, wallet, global } = policy.limits;
  return {
    policy,
    version: policyVersion(policy),
    limits: {
      account: account && limitsOf(account),
      wallet: walletLimits(limitsOf(policy), wallet && limitsOf(wallet)),
      global: global && limitsOf(global),
    },
    allowed: policy.allow_destinations && new Set(policy.allow_destinations.map(addressKey)),
    denied: new Set(policy.deny_destinations.map(addressKey)),
  };
}

function limitsOf(limits: ScopeLimits): Limits {
  const daily: WindowLimit[] =
    limits.max_24h === null
      ? []
      : [
          {
            code: "daily_limit",
            windowMs: DAY_MS,
            maxAmount: units(limits.max_24h),
            maxCount: null,
          },
        ];
  const windows = limits.windows.map((window): WindowLimit => ({
    code: "window_limit",
    windowMs: window.seconds * 1_000,
    maxAmount: units(window.max_amount),
    maxCount: window.max_count,
  }));
  return {
    maxPerTx: units(limits.max_per_tx),
    windows: [...daily, ...windows],
    cooldownMs: limits.cooldown_seconds * 1_000,
  };
}

/** The plain limits and `limits.wallet` together, the day first; the policy gives no single limit twice. */
function walletLimits(plain: Limits, further: Limits | null): Limits {
  if (further === null) return plain;
  const windows = [...plain.windows, ...further.windows];
  const isDaily = ({ code }: WindowLimit) => code === "daily_limit";
  return {
    maxPerTx: plain.maxPerTx ?? further.maxPerTx,
    windows: [...windows.filter(isDaily), ...windows.filter((window) => !isDaily(window))],
    cooldownMs: Math.max(plain.cooldownMs, further.cooldownMs),
  };
}

const units = (amount: string | null): bigint | null =>
  amount === null ? null : parseAmount(amount);
