/** Counts who accepted and who refused what. */
import type { Decoded } from "../../../src/adapters/decode/index.js";
import type { Answer } from "./node-oracle.js";

/** Most inputs that are listed for one reason. */
const LISTED = 5;

/** Counts of a differential test. */
export function createTally(what: string) {
  const counts = { both: 0, neither: 0, onlyNode: 0, onlyOurs: 0 };
  /** Our codes for what a node accepts, and a node's reasons against what we accept. */
  const codes = new Map<string, number>();
  const reasons = new Map<string, string[]>();
  return {
    add(own: Decoded<unknown>, answer: Answer<unknown>, input: string): void {
      if ("result" in answer) {
        counts[own.ok ? "both" : "onlyNode"]++;
        if (!own.ok) codes.set(own.code, (codes.get(own.code) ?? 0) + 1);
        return;
      }
      counts[own.ok ? "onlyOurs" : "neither"]++;
      if (!own.ok) return;
      const listed = reasons.get(answer.error) ?? [];
      reasons.set(answer.error, listed);
      if (listed.length < LISTED) listed.push(input);
    },
    /** Prints the counts. */
    report: () => console.info(what, counts, Object.fromEntries(codes), [...reasons.keys()]),
    counts,
    /** The codes by which we refused what a node accepts. */
    codes: () => [...codes.keys()].sort(),
    /** What we accept and a node refuses, by its reason. */
    onlyOurs: () => Object.fromEntries(reasons),
  };
}
