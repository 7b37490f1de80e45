/** Builds what calls read of the ledger, before their transactions begin. */
import type { CompiledPolicy } from "../policy/compile.js";
import type { LedgerReads, ScopeRead } from "../ports.js";
import { idsOf, type Request } from "../request/read-request.js";
import { windowRead } from "../rules/evaluate-daily-volume.js";
import { GLOBAL_SCOPE, type Scope, type ScopeType } from "../scopes.js";
import { destinationReads } from "./track-destinations.js";

/**
 * Builds the reads of one evaluation.
 *
 * @param nowMs the caller's time
 */
export function evaluationReads(
  compiled: CompiledPolicy,
  { payment, risk }: Request,
  nowMs: number,
): LedgerReads {
  const { policy, destinations } = compiled;
  return {
    now_ms: nowMs,
    ids: idsOf(payment),
    scopes: payment.shares.map(({ scope, amount, payouts }) => {
      const includeRequested = risk.level !== "LOW" && countsRequested(compiled, scope.type);
      return scopeRead(compiled, scope, [{ amount, payouts, includeRequested }]);
    }),
    freezes: null,
    policy: policy.name,
    ...(destinations.isTracked ? { destinations: destinationReads(compiled, payment) } : {}),
    ...(policy.freeze_scope === "account"
      ? { account_freezes: accountFreezes(compiled, payment.wallet_id) }
      : {}),
  };
}

/** Checks whether what was only requested and delayed counts in a scope under risk: with frozen accounts in theirs alone. */
const countsRequested = ({ policy }: CompiledPolicy, type: ScopeType): boolean =>
  policy.freeze_scope === "wallet" || type === "account";

const accountFreezes = ({ policy }: CompiledPolicy, wallet_id: string) => ({
  wallet_id,
  window_ms: policy.accounts_frozen.seconds * 1_000,
  limit: policy.accounts_frozen.count,
});

/** Builds the reads of a view: each window once as it counts at LOW, once as at MEDIUM and HIGH. */
export function viewReads(compiled: CompiledPolicy, scope: Scope, nowMs: number): LedgerReads {
  const nothing = { amount: 0n, payouts: 0 };
  const includeRequested = countsRequested(compiled, scope.type);
  const read = scopeRead(compiled, scope, [
    { ...nothing, includeRequested: false },
    { ...nothing, includeRequested },
  ]);
  const global = { ...scopeRead(compiled, GLOBAL_SCOPE, []), lock: false };
  return {
    now_ms: nowMs,
    ids: [],
    scopes: scope.type === "global" ? [read] : [read, global],
    freezes: { scope },
  };
}

/** Builds the reads of a call that needs only the locks of its scopes, and some ids. */
export const lockReads = (
  compiled: CompiledPolicy,
  scopes: readonly Scope[],
  ids: readonly string[],
): LedgerReads => ({
  now_ms: 0,
  ids,
  scopes: scopes.map((scope) => scopeRead(compiled, scope, [])),
  freezes: null,
});

/** Builds the reads of a call that only appends a record. */
export const recordOnlyReads = (nowMs: number): LedgerReads => ({
  now_ms: nowMs,
  ids: [],
  scopes: [],
  freezes: null,
});

type Question = Readonly<{ amount: bigint; payouts: number; includeRequested: boolean }>;

/** Builds the reads of one scope. */
export function scopeRead(
  { limits, policy }: CompiledPolicy,
  scope: Scope,
  questions: readonly Question[],
): ScopeRead {
  const windows = limits[scope.type]?.windows ?? [];
  return {
    scope,
    lock: scope.type === "wallet" || limits[scope.type] !== null,
    usages: questions.flatMap((question) => windows.map((window) => windowRead(window, question))),
    attempts: {
      window_ms: policy.persistent_attempts.seconds * 1_000,
      limit: policy.persistent_attempts.count,
    },
  };
}
