/** A bound on canonical text counts every value each time, shared or not (contract v3, section 8). */
import { describe, expect, it } from "vitest";
import { canonicalize } from "../../src/index.js";

describe("canonicalize", () => {
  it.each([
    ["numbers", 0],
    ["booleans", true],
    ["nulls", null],
    ["texts", ""],
    ["lists", []],
  ])(
    "refuses half a megabyte of shared lists of %s that stands for gigabytes, at once",
    (_, leaf) => {
      const shared = Array.from({ length: 10_000 }, () => leaf);
      const value = { x: Array.from({ length: 50_000 }, () => shared) };
      const begun = process.cpuUsage();
      expect(() => canonicalize(value)).toThrow(
        expect.objectContaining({ code: "payload_too_large" }),
      );
      const { user, system } = process.cpuUsage(begun);
      expect((user + system) / 1_000).toBeLessThan(2_000);
    },
  );

  it("still writes as many values as a text may have", () => {
    const value = Array.from({ length: 250_000 }, () => 7);
    expect(canonicalize(value)).toHaveLength(500_001);
  });
});
