/** Rule: no rolling window above its amount or its count (Wallet Guardian v2, sections 3.2 and 4.3). */
import type { GuardianDecisionName } from "@dgb-shield/contract";
import { breachOf, type RuleResult, worstOf } from "./finding.js";
import type { WindowLimit } from "../policy/compile.js";
import type { Usage, UsageRead } from "../ports.js";
import type { Scope } from "../scopes.js";

/** A window as it stands. */
export type WindowState = Readonly<{
  scope: Scope;
  limit: WindowLimit;
  /** What counts in it without the request. */
  usage: Usage;
  /** The table's decision for the limit's code at this risk. */
  decision: GuardianDecisionName;
  /** Payouts of the request that belong to the scope: 1. */
  payouts?: number;
}>;

/**
 * Builds the read of one window.
 *
 * @param request what the request would add: base units, payouts, and `includeRequested`: whether what was only requested
 * counts too, at MEDIUM and HIGH
 */
export function windowRead(
  { windowMs, maxAmount, maxCount }: WindowLimit,
  {
    amount,
    payouts,
    includeRequested,
  }: Readonly<{ amount: bigint; payouts: number; includeRequested: boolean }>,
): UsageRead {
  return {
    window_ms: windowMs,
    include_requested: includeRequested,
    keep_amount: maxAmount === null || amount > maxAmount ? null : maxAmount - amount,
    keep_count: maxCount === null || payouts > maxCount ? null : maxCount - payouts,
  };
}

/**
 * Breached when the sum, or the count, would exceed the limit; the limit itself passes.
 *
 * @param amount base units that the request would add
 * @returns `daily_limit` for the 24 hours, `window_limit` for a further window
 */
export function evaluateDailyVolume(amount: bigint, state: WindowState): RuleResult {
  const { scope, limit, usage, decision, payouts = 1 } = state;
  const { code, maxAmount, maxCount } = limit;
  const headroom = decision === "ALLOW" ? maxAmount : headroomOf(state);
  const freezes = decision === "FREEZE" ? { freezes: { scope, kind: "limit" } as const } : {};
  const breach = breachOf(scope, limit.id);
  // A payment that is above the maximum by itself never fits: at least REJECT.
  if (isAbove(amount, maxAmount) || isAbove(payouts, maxCount)) {
    const worst = worstOf([decision, "REJECT"]);
    return { findings: [{ code, decision: worst, ...breach, ...freezes }], headroom };
  }
  // [DELAY|FREEZE|REJECT daily_limit, window_limit] the sum or the count would exceed the limit
  const exceeded =
    isAbove(usage.amount + amount, maxAmount) || isAbove(usage.count + payouts, maxCount);
  if (!exceeded) return { findings: [], headroom };
  const retry = usage.free_at_ms === null ? {} : { retry_at_ms: usage.free_at_ms };
  return { findings: [{ code, decision, ...breach, ...freezes, ...retry }], headroom };
}

const isAbove = <T extends bigint | number>(value: T, most: T | null): boolean =>
  most !== null && value > most;

function headroomOf({ limit, usage, payouts = 1 }: WindowState): bigint | null {
  const { maxAmount, maxCount } = limit;
  if (maxCount !== null && usage.count + payouts > maxCount) return 0n;
  if (maxAmount === null) return null;
  return usage.amount < maxAmount ? maxAmount - usage.amount : 0n;
}
