import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { check } from "../fuzz/check.js";
import { generate } from "../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";

const INPUTS = runs(1_000, 5_000);

describe("the fuzzer's short form", () => {
  it(`finds nothing in ${INPUTS} inputs, with answers of each kind`, () => {
    const random = createRandom(20_260_628);
    const decisions = Array.from({ length: INPUTS }, (_, i) => check(generate(random), i));
    for (const decision of ["ALLOW", "WARN", "BLOCK", "ERROR"]) {
      expect(decisions.filter((each) => each === decision).length).toBeGreaterThan(INPUTS / 250);
    }
  });
});
