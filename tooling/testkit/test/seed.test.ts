import fc from "fast-check";
import { expect, it } from "vitest";

it("draws random inputs from a seed that is known, but for the full forms", () => {
  const { FULL, SEED } = process.env;
  const seed = SEED === undefined && FULL === "1" ? undefined : Number(SEED ?? 1);
  expect(fc.readConfigureGlobal().seed).toBe(seed);
});
