import { describe, expect, it } from "vitest";
import { makeContexts } from "../src/contexts.js";
import { countDifferences } from "../src/equal.js";
import { malformedTable } from "../src/malformed.js";

describe("the rules in three engines", () => {
  it("give equal decisions on 3,000 contexts, each decision among them", async () => {
    const { differences, decisions } = await countDifferences(makeContexts(3_000, 3));
    expect(differences).toBe(0);
    for (const decision of ["allow", "warn", "require_extra_auth", "delay", "block"]) {
      expect(decisions[decision] ?? 0).toBeGreaterThan(50);
    }
  });

  it("differ on malformed input: ours blocks and names the field, the table of the README holds", async () => {
    const rows = await malformedTable();
    for (const { qwg } of rows) expect(qwg).toMatch(/^block \/[a-z_]+$/);
    expect(rows).toMatchSnapshot();
  });
});
