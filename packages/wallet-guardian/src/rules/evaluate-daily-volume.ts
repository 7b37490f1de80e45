/** Rule: no rolling window above its amount or its count (Wallet Guardian v2, sections 3.2 and 4.3). */
import type { GuardianDecisionName } from "@dgb-shield/contract";
import { type RuleResult, worstOf } from "../finding.js";
import type { WindowLimit } from "../limits.js";
import type { Usage, UsageRead } from "../ports.js";
import type { Scope } from "../scopes.js";

/** A window as it stands. */
export type WindowState = Readonly<{
  scope: Scope;
  limit: WindowLimit;
  /** What counts in it without the request. */
  usage: Usage;
  /** What the table says of the limit's code at this risk. */
  decision: GuardianDecisionName;
}>;

/**
 * What to ask the ledger for one window.
 *
 * @param amount base units that the request would add
 * @param withAsked whether what was only asked for counts too: at MEDIUM and HIGH
 */
export function windowRead(limit: WindowLimit, amount: bigint, withAsked: boolean): UsageRead {
  const { windowMs, maxAmount, maxCount } = limit;
  return {
    window_ms: windowMs,
    with_asked: withAsked,
    keep_amount: maxAmount === null || amount > maxAmount ? null : maxAmount - amount,
    keep_count: maxCount === null ? null : maxCount - 1,
  };
}

/**
 * Breached when the sum, or the count, would exceed the limit; the limit itself passes.
 *
 * @param amount base units that the request would add
 * @returns `daily_limit` for the 24 hours, `window_limit` for a further window
 */
export function evaluateDailyVolume(amount: bigint, state: WindowState): RuleResult {
  const { scope, limit, usage, decision } = state;
  const { code, maxAmount, maxCount } = limit;
  const room = decision === "ALLOW" ? maxAmount : roomOf(limit, usage);
  const freezes = decision === "FREEZE" ? { freezes: { scope, kind: "limit" } as const } : {};
  // [REJECT] the amount alone is above the window's maximum: no waiting helps
  if (maxAmount !== null && amount > maxAmount) {
    return { findings: [{ code, decision: worstOf([decision, "REJECT"]), ...freezes }], room };
  }
  // [table: daily_limit, window_limit] the sum or the count would exceed the limit
  const exceeded =
    (maxAmount !== null && usage.amount + amount > maxAmount) ||
    (maxCount !== null && usage.count + 1 > maxCount);
  if (!exceeded) return { findings: [], room };
  const retry = usage.free_at_ms === null ? {} : { retry_at_ms: usage.free_at_ms };
  return { findings: [{ code, decision, ...freezes, ...retry }], room };
}

function roomOf({ maxAmount, maxCount }: WindowLimit, usage: Usage): bigint | null {
  if (maxCount !== null && usage.count >= maxCount) return 0n;
  if (maxAmount === null) return null;
  return usage.amount < maxAmount ? maxAmount - usage.amount : 0n;
}
