/** What one evaluation reads of the ledger, known before its transaction begins. */
import type { CompiledPolicy } from "./limits.js";
import type { LedgerReads, ScopeRead } from "./ports.js";
import { windowRead } from "./rules/evaluate-daily-volume.js";
import { GLOBAL_SCOPE, type Scope, scopesOf } from "./scopes.js";
import type { Request } from "./withdrawal.js";

/**
 * The reads of one evaluation.
 *
 * @param nowMs the caller's time
 */
export function evaluationReads(
  compiled: CompiledPolicy,
  { withdrawal, risk }: Request,
  nowMs: number,
): LedgerReads {
  const question = { amount: withdrawal.amount, withAsked: risk !== "LOW" };
  return {
    now_ms: nowMs,
    withdrawal_id: withdrawal.withdrawal_id,
    scopes: scopesOf(withdrawal).map((scope) => scopeRead(compiled, scope, [question])),
    freezes: null,
  };
}

/** What a view of one scope reads: each window once as it counts at LOW, once as at MEDIUM and HIGH. */
export function viewReads(compiled: CompiledPolicy, scope: Scope, nowMs: number): LedgerReads {
  return {
    now_ms: nowMs,
    withdrawal_id: null,
    scopes: [
      scopeRead(compiled, scope, [
        { amount: 0n, withAsked: false },
        { amount: 0n, withAsked: true },
      ]),
      { ...scopeRead(compiled, GLOBAL_SCOPE, []), lock: false },
    ],
    freezes: { scope },
  };
}

/** What a call reads that only takes the locks of its scopes, and perhaps one withdrawal. */
export const lockReads = (
  compiled: CompiledPolicy,
  scopes: readonly Scope[],
  withdrawalId: string | null,
): LedgerReads => ({
  now_ms: 0,
  withdrawal_id: withdrawalId,
  scopes: scopes.map((scope) => scopeRead(compiled, scope, [])),
  freezes: null,
});

/** Nothing is read: a record is appended, and that is all. */
export const recordOnlyReads = (nowMs: number): LedgerReads => ({
  now_ms: nowMs,
  withdrawal_id: null,
  scopes: [],
  freezes: null,
});

type Question = Readonly<{ amount: bigint; withAsked: boolean }>;

function scopeRead(
  { limits, policy }: CompiledPolicy,
  scope: Scope,
  questions: readonly Question[],
): ScopeRead {
  const windows = limits[scope.type]?.windows ?? [];
  return {
    scope,
    lock: scope.type === "wallet" || limits[scope.type] !== null,
    usages: questions.flatMap(({ amount, withAsked }) =>
      windows.map((window) => windowRead(window, amount, withAsked)),
    ),
    attempts: {
      window_ms: policy.persistent_attempts.seconds * 1_000,
      limit: policy.persistent_attempts.count,
    },
  };
}
