/** Whether this process's policy is the ledger's current one (design, section 7: replicas). */
import type { StoredPolicy } from "../ports.js";

/** What a process remembers of its policy's name in the ledger. */
export type PolicyGate = Readonly<{
  /** Compares with the ledger's current version; `register`: this process has to make its own the current one. */
  check(stored: StoredPolicy | null): "current" | "register" | "outdated";
  /** Takes note of what a transaction that is durable had read. */
  committed(stored: StoredPolicy | null): void;
  /** Whether the loss has not been reported yet. */
  isNews(): boolean;
  /** Takes note that the loss was reported. */
  reported(): void;
}>;

/**
 * Makes a gate. A process makes its policy the current one with its first transaction; from then on another
 * current version means that a newer process has taken over, and this one refuses.
 */
export function createPolicyGate(version: string): PolicyGate {
  let baseline: number | null = null;
  let own: number | null = null;
  let isReported = false;
  return {
    check(stored) {
      const generation = stored?.generation ?? 0;
      // Perhaps by an earlier step of this very transaction, which may fail yet: `committed` remembers it.
      if (stored?.version === version) return "current";
      // Another connection may have read before this process's own registration was committed.
      if (own !== null) return generation < own ? "current" : "outdated";
      // A generation that came after the first look is a newer process's.
      if (baseline !== null && generation > baseline) return "outdated";
      baseline = generation;
      return "register";
    },
    committed(stored) {
      if (stored?.version !== version) return;
      own = Math.max(own ?? 0, stored.generation);
      isReported = false;
    },
    isNews: () => !isReported,
    reported() {
      isReported = true;
    },
  };
}
