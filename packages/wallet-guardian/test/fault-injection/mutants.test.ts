import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CASES } from "../../fault-injection/cases/all-cases.js";
import { MUTANTS } from "../../fault-injection/mutants/mutants.js";

const PACKAGE = join(import.meta.dirname, "../..");

describe("MUTANTS", () => {
  it.each(MUTANTS)("has a text to replace, and something that looks for it: $name", (mutant) => {
    const { file, search, replace, tests = [], cases = [] } = mutant;
    const source = readFileSync(join(PACKAGE, "src", file), "utf8");
    expect(source.split(search)).toHaveLength(2);
    expect(replace).not.toBe(search);
    expect(tests.length + cases.length).toBeGreaterThan(0);
    for (const test of tests) expect(existsSync(join(PACKAGE, "test", test))).toBe(true);
    for (const name of cases) expect(CASES.map((one) => one.name)).toContain(name);
  });

  it("has names of their own", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});
