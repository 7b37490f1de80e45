/** Retention of the memory ledger: what is settled keeps its id and what it counts. */
import type { Pruned, PruneStep, StoredWithdrawal } from "../../ports.js";
import type { Store } from "./store.js";

/** Takes one bounded step of retention. */
export function pruneStore(store: Store, step: PruneStep): Pruned {
  let left = step.limit;
  left -= shrinkSettled(store, step.settled_before_ms, left);
  left -= forgetAttempts(store, step.sums_before_ms, left);
  left -= removeRecords(store, step.records_through_seq, left);
  return { rows: step.limit - left, done: left > 0 };
}

/** A payment of several payouts keeps the list of them, for a second transaction. */
const isSettled = ({ status, state }: StoredWithdrawal): boolean =>
  state !== null &&
  !state.includes('"payouts":') &&
  (status === "committed" || status === "released");

function shrinkSettled({ withdrawals }: Store, beforeMs: number | null, limit: number): number {
  if (beforeMs === null) return 0;
  let shrunk = 0;
  for (const [id, row] of withdrawals) {
    if (shrunk === limit) return shrunk;
    const since = row.counted_at_ms ?? row.allowed_at_ms ?? 0;
    if (!isSettled(row) || since >= beforeMs) continue;
    withdrawals.set(id, Object.freeze({ ...row, state: null }));
    shrunk += 1;
  }
  return shrunk;
}

function forgetAttempts({ scopes }: Store, beforeMs: number | null, limit: number): number {
  if (beforeMs === null) return 0;
  let forgotten = 0;
  for (const { attempts } of scopes.values()) {
    while (forgotten < limit && (attempts[0] ?? Infinity) < beforeMs) {
      attempts.shift();
      forgotten += 1;
    }
  }
  return forgotten;
}

function removeRecords(store: Store, throughSeq: number | null, limit: number): number {
  if (throughSeq === null) return 0;
  const end = store.records.findIndex(({ seq }) => seq > throughSeq);
  const old = Math.min(end < 0 ? store.records.length : end, limit);
  store.records = store.records.slice(old);
  return old;
}
