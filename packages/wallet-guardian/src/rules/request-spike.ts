/** Behavioural spikes: many asks of one wallet in little time (Wallet Guardian v2, section 3.5). They decide nothing. */
import type { CompiledPolicy } from "../policy/compile.js";
import type { LedgerReads, LedgerSnapshot, ScopeRead } from "../ports.js";

/** The reads of an evaluation, and beside them how often the wallet was asked lately. */
export function withSpikeRead({ policy }: CompiledPolicy, reads: LedgerReads): LedgerReads {
  const { spike } = policy;
  if (spike === null) return reads;
  const asks = {
    window_ms: spike.seconds * 1_000,
    with_asked: true,
    keep_amount: null,
    keep_count: null,
  };
  const withAsks = (read: ScopeRead): ScopeRead =>
    read.scope.type === "wallet" ? { ...read, usages: [...read.usages, asks] } : read;
  return { ...reads, scopes: reads.scopes.map(withAsks) };
}

/**
 * Whether a request has the `count`-th withdrawal of its wallet within `seconds`: other ids that were allowed or
 * delayed, and its own. Later ones tell nothing new.
 */
export function isSpike(
  { policy, limits }: CompiledPolicy,
  { scopes }: LedgerSnapshot,
  payouts: number,
): boolean {
  const wallet = scopes.find(({ scope }) => scope.type === "wallet");
  const asks = wallet?.usages[limits.wallet?.windows.length ?? 0];
  const { spike } = policy;
  if (spike === null || asks === undefined) return false;
  return asks.count < spike.count && asks.count + payouts >= spike.count;
}
