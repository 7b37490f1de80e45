/** How a wallet stands: freezes, windows, cooldown (design: layer 4, `wallet`). */
import { type ClockStatus, formatAmount } from "@dgb-shield/contract";
import { RULES_VERSION } from "./draft.js";
import { omit } from "./internal/omit.js";
import type { CompiledPolicy, Limits } from "./limits.js";
import type { FreezeKind, LedgerSnapshot, Usage } from "./ports.js";

/** One rolling window of a wallet. */
export type WindowView = Readonly<{
  code: "daily_limit" | "window_limit";
  seconds: number;
  max_amount: string | null;
  max_count: number | null;
  /** What counts at LOW: allowed, and neither released nor out of the window. */
  spent: string;
  spent_count: number;
  /** What counts beside it at MEDIUM and HIGH: asked for and delayed. */
  asked: string;
  asked_count: number;
}>;

/** One freeze of a wallet. */
export type FreezeView = Readonly<{
  cause_id: string;
  kind: FreezeKind;
  frozen_at_ms: number;
  operator: string | null;
  reason: string;
}>;

/** A wallet as it stands. */
export type WalletView = Readonly<{
  accepted: true;
  wallet_id: string;
  as_of_ms: number;
  /** Whether the clock is trusted; while it is not, every withdrawal is refused with `clock_untrusted`. */
  clock: ClockStatus;
  /** Whether the wallet itself is frozen. */
  frozen: boolean;
  /** Whether everything is frozen. */
  globally_frozen: boolean;
  freezes: readonly FreezeView[];
  max_per_tx: string | null;
  windows: readonly WindowView[];
  last_allow_ms: number | null;
  /** When the next ALLOW is possible; null: no cooldown is running. */
  cooldown_until_ms: number | null;
  /** Recent attempts while frozen, counted up to `persistent_attempts.count`. */
  attempts: number;
  policy_version: string;
  rules_version: string;
}>;

/** The view of a wallet in a snapshot of `viewReads`; null where the ledger left it out. */
export function viewWallet(
  compiled: CompiledPolicy,
  walletId: string,
  { snapshot, clock }: Readonly<{ snapshot: LedgerSnapshot; clock: ClockStatus }>,
): WalletView | null {
  const wallet = snapshot.scopes.find(({ scope }) => scope.type === "wallet");
  if (wallet === undefined) return null;
  const global = snapshot.scopes.find(({ scope }) => scope.type === "global");
  const limits = compiled.limits.wallet;
  const { last_allow_ms, attempts } = wallet;
  return {
    accepted: true,
    wallet_id: walletId,
    as_of_ms: snapshot.now_ms,
    clock,
    frozen: wallet.frozen_by.length > 0,
    globally_frozen: global === undefined || global.frozen_by.length > 0,
    freezes: snapshot.freezes.map((freeze) => omit(freeze, ["scope"])),
    max_per_tx: amountText(limits?.maxPerTx ?? null),
    windows: limits === null ? [] : windowViews(limits, wallet.usages),
    last_allow_ms,
    cooldown_until_ms: cooldownUntil(limits?.cooldownMs ?? 0, last_allow_ms, snapshot.now_ms),
    attempts,
    policy_version: compiled.version,
    rules_version: RULES_VERSION,
  };
}

function windowViews({ windows }: Limits, usages: readonly Usage[]): WindowView[] {
  return windows.flatMap(({ code, windowMs, maxAmount, maxCount }, index) => {
    const allowed = usages[index];
    const all = usages[index + windows.length];
    if (allowed === undefined || all === undefined) return [];
    return [
      {
        code,
        seconds: windowMs / 1_000,
        max_amount: amountText(maxAmount),
        max_count: maxCount,
        spent: formatAmount(allowed.amount),
        spent_count: allowed.count,
        asked: formatAmount(all.amount - allowed.amount),
        asked_count: all.count - allowed.count,
      },
    ];
  });
}

function cooldownUntil(cooldownMs: number, last: number | null, nowMs: number): number | null {
  return cooldownMs > 0 && last !== null && nowMs < last + cooldownMs ? last + cooldownMs : null;
}

const amountText = (units: bigint | null): string | null =>
  units === null ? null : formatAmount(units);
