/** Reads the state of an account, a wallet or the whole site: freezes, windows, cooldown (design, section 7: records). */
import { type ClockStatus, formatAmount } from "@dgb-shield/contract";
import { type Context, ledgerCode, transact } from "../context.js";
import { RULES_VERSION } from "../evaluate/default-deny.js";
import { omit } from "../internal/own.js";
import type { CompiledPolicy, Limits } from "../policy/compile.js";
import { clockRejection } from "./index.js";
import { type OperationRejection, rejectOperation } from "./arguments.js";
import type { FreezeKind, LedgerSnapshot, Usage } from "../ports.js";
import { viewReads } from "../evaluate/reads.js";
import { type Scope, scopeKey, type ScopeType } from "../scopes.js";

/** One rolling window of a scope. */
export type WindowView = Readonly<{
  code: "daily_limit" | "window_limit";
  seconds: number;
  max_amount: string | null;
  max_count: number | null;
  /** Where the policy has it, such as `limits/account/max_24h`. */
  limit: string;
  /** What counts at LOW: reserved or claimed, and neither lapsed, released nor out of the window. */
  spent: string;
  spent_count: number;
  /** Counts beside it at MEDIUM and HIGH: requested and delayed. */
  requested: string;
  requested_count: number;
}>;

/** One freeze of a scope. */
export type FreezeView = Readonly<{
  cause_id: string;
  kind: FreezeKind;
  frozen_at_ms: number;
  /** Of an automatic kind its latest cause. */
  last_at_ms: number;
  /** Of an automatic kind how often it was caused. */
  count: number;
  operator: string | null;
  reason: string;
}>;

/** A scope as it stands. */
export type ScopeView = Readonly<{
  accepted: true;
  scope: ScopeType;
  id: string;
  as_of_ms: number;
  /** Whether the clock is trusted; while it is not, every withdrawal is rejected with `clock_untrusted`. */
  clock: ClockStatus;
  /** Whether the scope itself is frozen. */
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

/** Reads the state of a scope, without side effects. */
export async function view(
  context: Context,
  scope: Scope,
): Promise<ScopeView | OperationRejection> {
  const { compiled } = context;
  try {
    const found = await transact(
      context,
      (nowMs) => viewReads(compiled, scope, nowMs),
      (snapshot, { status, detail }) => ({
        result:
          status === "invalid"
            ? clockRejection(detail)
            : viewScope(compiled, scope, { snapshot, clock: status }),
        writes: null,
      }),
      { keep: false },
    );
    return found ?? rejectOperation("ledger_unavailable");
  } catch (error) {
    return rejectOperation(ledgerCode(context, error));
  }
}

/** The view of a scope in a snapshot of `viewReads`; null where the ledger left it out. */
function viewScope(
  compiled: CompiledPolicy,
  scope: Scope,
  { snapshot, clock }: Readonly<{ snapshot: LedgerSnapshot; clock: ClockStatus }>,
): ScopeView | null {
  const own = snapshot.scopes.find((one) => scopeKey(one.scope) === scopeKey(scope));
  if (own === undefined) return null;
  const global = snapshot.scopes.find((one) => one.scope.type === "global");
  const limits = compiled.limits[scope.type];
  const { last_allow_ms, attempts } = own;
  return {
    accepted: true,
    scope: scope.type,
    id: scope.id,
    as_of_ms: snapshot.now_ms,
    clock,
    frozen: own.frozen_by.length > 0,
    globally_frozen: global === undefined || global.frozen_by.length > 0,
    freezes: snapshot.freezes.map((freeze) => omit(freeze, ["scope"])),
    max_per_tx: amountText(limits?.maxPerTx?.units ?? null),
    windows: limits === null ? [] : windowViews(limits, own.usages),
    last_allow_ms,
    cooldown_until_ms: cooldownUntil(limits?.cooldown.ms ?? 0, last_allow_ms, snapshot.now_ms),
    attempts,
    policy_version: compiled.version,
    rules_version: RULES_VERSION,
  };
}

function windowViews({ windows }: Limits, usages: readonly Usage[]): WindowView[] {
  return windows.flatMap(({ code, windowMs, maxAmount, maxCount, id = "" }, index) => {
    const allowed = usages[index];
    const all = usages[index + windows.length];
    if (allowed === undefined || all === undefined) return [];
    return [
      {
        code,
        seconds: windowMs / 1_000,
        max_amount: amountText(maxAmount),
        max_count: maxCount,
        limit: id,
        spent: formatAmount(allowed.amount),
        spent_count: allowed.count,
        requested: formatAmount(all.amount - allowed.amount),
        requested_count: all.count - allowed.count,
      },
    ];
  });
}

function cooldownUntil(cooldownMs: number, last: number | null, nowMs: number): number | null {
  return cooldownMs > 0 && last !== null && nowMs < last + cooldownMs ? last + cooldownMs : null;
}

const amountText = (units: bigint | null): string | null =>
  units === null ? null : formatAmount(units);
