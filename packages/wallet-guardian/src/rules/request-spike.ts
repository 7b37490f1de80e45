/** Detects request spikes: many requests of one wallet in little time (Wallet Guardian v2, section 3.5). They change no decision. */
import type { CompiledPolicy } from "../policy/compile.js";
import type { LedgerReads, LedgerSnapshot, ScopeRead } from "../ports.js";

/** Adds the number of the wallet's recent requests to the reads of an evaluation. */
export function withSpikeRead({ policy }: CompiledPolicy, reads: LedgerReads): LedgerReads {
  const { spike } = policy;
  if (spike === null) return reads;
  const requests = {
    window_ms: spike.seconds * 1_000,
    include_requested: true,
    keep_amount: null,
    keep_count: null,
  };
  const withRequests = (read: ScopeRead): ScopeRead =>
    read.scope.type === "wallet" ? { ...read, usages: [...read.usages, requests] } : read;
  return { ...reads, scopes: reads.scopes.map(withRequests) };
}

/**
 * Checks whether a request has the `count`-th withdrawal of its wallet within `seconds`: other ids that were allowed or
 * delayed, and its own. Later ones are not reported again.
 */
export function isSpike(
  { policy, limits }: CompiledPolicy,
  { scopes }: LedgerSnapshot,
  payouts: number,
): boolean {
  const wallet = scopes.find(({ scope }) => scope.type === "wallet");
  const requests = wallet?.usages[limits.wallet?.windows.length ?? 0];
  const { spike } = policy;
  if (spike === null || requests === undefined) return false;
  return requests.count < spike.count && requests.count + payouts >= spike.count;
}
