import { describe, expect, it } from "vitest";
import { check } from "../fuzz/check.js";
import { generate } from "../fuzz/generate.js";
import { Random } from "../fuzz/random.js";

describe("the fuzzer's short form", () => {
  it("finds nothing in 5,000 inputs, with answers of each kind", () => {
    const random = new Random(20_260_628);
    const decisions = Array.from({ length: 5_000 }, (_, i) => check(generate(random), i));
    for (const decision of ["ALLOW", "WARN", "BLOCK", "ERROR"]) {
      expect(decisions.filter((each) => each === decision).length).toBeGreaterThan(20);
    }
  });
});
