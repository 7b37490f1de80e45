/** Whether this process's policy is the ledger's current one (design, section 7: replicas). */
import type { StoredPolicy } from "./ports.js";

/** What a process remembers of its policy's name in the ledger. */
export type PolicyGate = Readonly<{
  /** Compares with the ledger's current version; `register`: this process has to make its own the current one. */
  check(stored: StoredPolicy | null): "current" | "register" | "outdated";
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
      if (stored?.version === version) {
        own = Math.max(own ?? 0, generation);
        isReported = false;
        return "current";
      }
      // Another connection may have read before this process's own registration was committed.
      if (own !== null) return generation > own ? "outdated" : "current";
      // A generation that came after the first look is a newer process's.
      if (baseline !== null && generation > baseline) return "outdated";
      baseline = generation;
      return "register";
    },
    isNews: () => !isReported,
    reported() {
      isReported = true;
    },
  };
}
