import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLAIM_CODES, GUARDIAN_CODES, OPERATION_CODES } from "../../src/index.js";
import { LEDGERS } from "../support/ledgers.js";
import { agree, newTally } from "./agree.js";
import { histories } from "./history/index.js";

const RUNS: Readonly<Record<string, number>> = { memory: 2_000 };

/**
 * What no history of this seed leads to: a ledger that fails, an operation with malformed arguments, twenty claims,
 * a commit above its fee cap (held by `test/life/second-commits.test.ts`).
 */
const ELSEWHERE = new Set<string>([
  "ledger_busy",
  "ledger_unavailable",
  "invalid_operation",
  "claims_exhausted",
  "fee_exceeded",
]);

describe.each(LEDGERS)("the model of section 7 and the engine on the %s ledger", (name, create) => {
  it("agree on random histories, and every hint is exact", async () => {
    const tally = newTally();
    await fc.assert(
      fc.asyncProperty(histories, (history) => agree(history, tally, create)),
      { seed: 7, numRuns: RUNS[name] ?? 60 },
    );
    expect([tally.retries, tally.amounts].every((count) => count > 0)).toBe(true);
    if (name !== "memory") return;
    const all = [...GUARDIAN_CODES, ...CLAIM_CODES, ...OPERATION_CODES];
    const codes = all.filter((code) => !ELSEWHERE.has(code));
    expect(codes.filter((code) => !tally.said.has(code))).toEqual([]);
  }, 300_000);
});
