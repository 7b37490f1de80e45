/** Compiles a policy into limits by scope, in base units and milliseconds, each with its id. */
import { parseAmount } from "@dgb-shield/contract";
import {
  compileDestinations,
  type DestinationOptions,
  type DestinationRules,
} from "./destination-rules.js";
import type { GuardianPolicy, ScopeLimits } from "./policy.js";
import { policyVersion } from "./policy.js";
import type { ScopeType } from "../scopes.js";

const DAY_MS = 86_400_000;

/** One rolling window. */
export type WindowLimit = Readonly<{
  code: "daily_limit" | "window_limit";
  windowMs: number;
  maxAmount: bigint | null;
  maxCount: number | null;
  /** Where the policy has it, such as `limits/account/max_24h`. */
  id?: string;
}>;

/** The limits of one scope. */
export type Limits = Readonly<{
  maxPerTx: Readonly<{ units: bigint; id: string }> | null;
  windows: readonly WindowLimit[];
  cooldown: Readonly<{ ms: number; id: string }>;
}>;

/** A policy, compiled for the rules. */
export type CompiledPolicy = Readonly<{
  policy: GuardianPolicy;
  version: string;
  /** A scope without limits has none here. */
  limits: Readonly<Record<ScopeType, Limits | null>>;
  destinations: DestinationRules;
  /** Whether a payment is compared with what left before. */
  judgesBehaviour: boolean;
  /** What a request must have under this policy. */
  requires: Requirements;
  /** Length of the shortest window of any scope; Infinity where there is none. */
  shortestWindowMs: number;
}>;

/** Fields that a request must have so that no limit can be avoided. */
export type Requirements = Readonly<{
  account: boolean;
  /** Destinations that add up, with `max_fee`, to the amount. */
  destinations: boolean;
  max_fee: boolean;
}>;

/** What is kept and judged beside a policy. */
export type CompileOptions = DestinationOptions &
  Readonly<{
    /** Compares payments with what left before. */
    judgeBehaviour?: boolean | undefined;
  }>;

/**
 * Compiles a policy for the rules.
 *
 * @param options what is kept and judged beside the policy
 */
export function compilePolicy(
  policy: GuardianPolicy,
  options: CompileOptions = {},
): CompiledPolicy {
  const { account } = policy.limits;
  const limits = limitsBy(policy);
  const destinations = compileDestinations(policy, options);
  const windows = Object.values(limits).flatMap((one) => one?.windows ?? []);
  return {
    policy,
    version: policyVersion(policy),
    limits,
    destinations,
    judgesBehaviour: options.judgeBehaviour === true,
    requires: {
      account: account !== null || policy.freeze_scope === "account",
      destinations: destinations.isRequired,
      max_fee: policy.max_fee !== null || policy.max_fee_ratio !== null,
    },
    shortestWindowMs: Math.min(Infinity, ...windows.map(({ windowMs }) => windowMs)),
  };
}

/** The limits of each scope. */
function limitsBy(policy: GuardianPolicy): CompiledPolicy["limits"] {
  const { account, wallet, global } = policy.limits;
  return {
    account: account && limitsOf(account, "limits/account/"),
    wallet: walletLimits(limitsOf(policy, ""), wallet && limitsOf(wallet, "limits/wallet/")),
    global: global && limitsOf(global, "limits/global/"),
  };
}

function limitsOf(limits: ScopeLimits, place: string): Limits {
  const daily: WindowLimit[] =
    limits.max_24h === null
      ? []
      : [
          {
            code: "daily_limit",
            windowMs: DAY_MS,
            maxAmount: units(limits.max_24h),
            maxCount: null,
            id: `${place}max_24h`,
          },
        ];
  const windows = limits.windows.map((window, index): WindowLimit => ({
    code: "window_limit",
    windowMs: window.seconds * 1_000,
    maxAmount: units(window.max_amount),
    maxCount: window.max_count,
    id: `${place}windows/${index}`,
  }));
  const perTx = units(limits.max_per_tx);
  return {
    maxPerTx: perTx === null ? null : { units: perTx, id: `${place}max_per_tx` },
    windows: [...daily, ...windows],
    cooldown: { ms: limits.cooldown_seconds * 1_000, id: `${place}cooldown_seconds` },
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
    cooldown: plain.cooldown.ms >= further.cooldown.ms ? plain.cooldown : further.cooldown,
  };
}

const units = (amount: string | null): bigint | null =>
  amount === null ? null : parseAmount(amount);

/** Computes how long anything counts under a policy, in milliseconds: windows, cooldowns, attempts, frozen accounts, spikes. */
export function countedSpans(policy: GuardianPolicy): readonly number[] {
  const { persistent_attempts, accounts_frozen, spike } = policy;
  const limits = Object.values(limitsBy(policy)).flatMap((one) =>
    one === null ? [] : [one.cooldown.ms, ...one.windows.map(({ windowMs }) => windowMs)],
  );
  const seconds = [persistent_attempts.seconds, accounts_frozen.seconds, spike?.seconds ?? 0];
  return [...limits, ...seconds.map((one) => one * 1_000)];
}
