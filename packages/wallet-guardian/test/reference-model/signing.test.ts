import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryLedger } from "../../src/index.js";
import { LEDGERS } from "../support/ledgers.js";
import { playSigning } from "./signing.js";
import { signingHistories } from "./history/signing-history.js";

const RUNS: Readonly<Record<string, number>> = { memory: 200 };

describe.each(LEDGERS)("what can be signed under a guardian on the %s ledger", (name, create) => {
  it("is never more than a limit, in any window of any scope", async () => {
    let [permissions, payments, unpermitted] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(signingHistories(), async (history) => {
        const ledger = create();
        const signed = await playSigning(history, ledger);
        await ledger.close();
        permissions += signed.permissions;
        payments += signed.payments;
        unpermitted += signed.unpermitted;
        expect(signed.breaches).toEqual([]);
      }),
      { seed: 7, numRuns: RUNS[name] ?? 20 },
    );
    // Fee bumps and second claims are among them, and commits that came without a claim.
    expect(permissions).toBeGreaterThan(payments);
    expect(payments).toBeGreaterThan(RUNS[name] ?? 20);
    expect(unpermitted).toBeGreaterThan(0);
  });
});

describe("the search for the worst window", () => {
  it("finds one where signers are two milliseconds later than the skew: the last moment of signing is before the end", async () => {
    const found: string[] = [];
    for (const history of fc.sample(signingHistories(2), { seed: 7, numRuns: 200 })) {
      if (found.length === 0) {
        found.push(...(await playSigning(history, createMemoryLedger())).breaches);
      }
    }
    expect(found.length).toBeGreaterThan(0);
  });
});
