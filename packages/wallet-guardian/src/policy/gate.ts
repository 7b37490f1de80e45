/** Checks that this process's policy is the ledger's current one (design, section 7: replicas). */
import type { StoredPolicy } from "../ports.js";

/** The latest generation that a process has read for its policy's name. */
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
 * current version means that a newer process has taken over, and this one rejects.
 */
export function createPolicyGate(version: string): PolicyGate {
  let baseline: number | null = null;
  let own: number | null = null;
  let isReported = false;
  return {
    check(stored) {
      const generation = stored?.generation ?? 0;
      // An earlier step of the same transaction may have registered it, and may still fail: `committed` stores it.
      if (stored?.version === version) return "current";
      // Another connection may have read before this process's own registration was committed.
      if (own !== null) return generation < own ? "current" : "outdated";
      // A generation later than the first one read belongs to a newer process.
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
