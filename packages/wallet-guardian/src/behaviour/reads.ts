/** Reads the history that a payment's behaviour is judged by, as sums of windows, and scores the payment. */
import type { LedgerReads, LedgerSnapshot, ScopeRead, UsageRead } from "../ports.js";
import { type Share, sharesOf, type Shared } from "../request/shares.js";
import { type Scope, scopeKey } from "../scopes.js";
import { BEHAVIOUR_WINDOWS_MS, behaviourScore } from "./score.js";

const READS: readonly UsageRead[] = Object.freeze(
  BEHAVIOUR_WINDOWS_MS.map((window_ms) => ({
    ...{ window_ms, include_requested: false, keep_amount: null, keep_count: null },
  })),
);

/** The shares of accounts, and of the wallet where a payout is of none. */
function judged(payment: Shared): readonly Share[] {
  const hasNoAccount = payment.payouts.some(({ account_id }) => account_id === null);
  return sharesOf(payment).filter(
    ({ scope }) => scope.type === "account" || (scope.type === "wallet" && hasNoAccount),
  );
}

/** Adds the windows of the judged scopes to the reads of an evaluation, behind those that are there. */
export function withBehaviourReads(reads: LedgerReads, payment: Shared): LedgerReads {
  const keys = new Set(judged(payment).map(({ scope }) => scopeKey(scope)));
  const withWindows = (read: ScopeRead): ScopeRead =>
    keys.has(scopeKey(read.scope))
      ? { ...read, lock: true, usages: [...read.usages, ...READS] }
      : read;
  return { ...reads, scopes: reads.scopes.map(withWindows) };
}

/** The worst score of a payment's accounts. */
export function behaviourOf(payment: Shared, { scopes }: LedgerSnapshot): number {
  const scores = judged(payment).map(({ scope, amount }) =>
    behaviourScore(sumsOf(scopes, scope), amount),
  );
  return Math.max(1, ...scores);
}

const sumsOf = (scopes: LedgerSnapshot["scopes"], scope: Scope): readonly bigint[] =>
  (scopes.find((one) => scopeKey(one.scope) === scopeKey(scope))?.usages ?? [])
    .slice(-READS.length)
    .map(({ amount }) => amount);
