import { describe, expect, it } from "vitest";
import { check } from "../fuzz/check.js";
import { generate } from "../fuzz/generate.js";
import { Random } from "../fuzz/random.js";

describe("the fuzzer's short form", () => {
  it("finds nothing in 20,000 inputs, some accepted and some refused", () => {
    const random = new Random(20_260_628);
    let accepted = 0;
    for (let i = 0; i < 20_000; i++) if (check(generate(random))) accepted++;
    expect(accepted).toBeGreaterThan(2_000);
    expect(accepted).toBeLessThan(18_000);
  });
});
