import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { check } from "../fuzz/check.js";
import { checkEnvelope, nearlyEnvelope } from "../fuzz/envelopes.js";
import { generate } from "../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";

const INPUTS = runs(5_000, 25_000);

describe("the fuzzer's short form", () => {
  it("finds nothing in thousands of inputs, some accepted and some refused", () => {
    const random = createRandom(20_260_628);
    let accepted = 0;
    for (let i = 0; i < INPUTS; i++) if (check(generate(random))) accepted++;
    expect(accepted).toBeGreaterThan(0.1 * INPUTS);
    expect(accepted).toBeLessThan(0.9 * INPUTS);
  });

  it("finds both definitions of an envelope in agreement on as many values", () => {
    const random = createRandom(20_260_629);
    let envelopes = 0;
    for (let i = 0; i < 2 * INPUTS; i++) if (checkEnvelope(nearlyEnvelope(random))) envelopes++;
    expect(envelopes).toBeGreaterThan(0.4 * INPUTS);
    expect(envelopes).toBeLessThan(1.6 * INPUTS);
  });
});
