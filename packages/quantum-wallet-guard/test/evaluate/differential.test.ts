import { describe, expect, it } from "vitest";
import { runDifferential } from "../../fuzz/differential.js";
import { REASON_IDS } from "../../src/index.js";

describe("evaluateTransaction against a restatement in rationals", () => {
  it("agrees on 20,000 contexts, every rule and every boundary met", () => {
    const run = runDifferential(20_000, 7);
    expect(run.differences).toEqual([]);
    const reachable = REASON_IDS.filter((id) => !id.startsWith("QWG_ERROR"));
    expect(reachable.filter((id) => (run.reasons.get(id) ?? 0) < 20)).toEqual([]);
    const unmet = [...run.boundaries].filter(([, count]) => count < 20);
    expect(unmet).toEqual([]);
  });
});
