import { describe, expect, it } from "vitest";
import { check } from "../fuzz/check.js";
import { checkEnvelope, nearlyEnvelope } from "../fuzz/envelopes.js";
import { generate } from "../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";

describe("the fuzzer's short form", () => {
  it("finds nothing in 20,000 inputs, some accepted and some refused", () => {
    const random = createRandom(20_260_628);
    let accepted = 0;
    for (let i = 0; i < 20_000; i++) if (check(generate(random))) accepted++;
    expect(accepted).toBeGreaterThan(2_000);
    expect(accepted).toBeLessThan(18_000);
  });

  it("finds both definitions of an envelope in agreement on 50,000 values", () => {
    const random = createRandom(20_260_629);
    let envelopes = 0;
    for (let i = 0; i < 50_000; i++) if (checkEnvelope(nearlyEnvelope(random))) envelopes++;
    expect(envelopes).toBeGreaterThan(10_000);
    expect(envelopes).toBeLessThan(40_000);
  });
});
