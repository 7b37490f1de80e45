import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quorumOf, scoreWithin, toLevel } from "../src/index.js";

describe("toLevel", () => {
  it.each([
    [{ score: 0.2499, critical_reporters: 0 }, "NORMAL"],
    [{ score: 0.25, critical_reporters: 0 }, "ELEVATED"],
    [{ score: 0.5999, critical_reporters: 0 }, "ELEVATED"],
    [{ score: 0.6, critical_reporters: 0 }, "CRITICAL_LOCAL"],
    [{ score: 0.1, critical_reporters: 1 }, "CRITICAL_LOCAL"],
    [{ score: 0.1, critical_reporters: 2 }, "CRITICAL_GLOBAL"],
    // quorum of 30 live ones: ceil(30 / 10) = 3
    [{ score: 0.9, critical_reporters: 2, live_reporters: 30 }, "CRITICAL_LOCAL"],
    [{ score: 0.9, critical_reporters: 3, live_reporters: 30 }, "CRITICAL_GLOBAL"],
    // silence replaces NORMAL only
    [{ score: 0.25, critical_reporters: 0, live_reporters: 0 }, "UNKNOWN"],
    [{ score: 0.1, critical_reporters: 0, live_reporters: 5, silent: true }, "UNKNOWN"],
    [{ score: 0.3, critical_reporters: 0, live_reporters: 5, silent: true }, "ELEVATED"],
    // what is no score is no reassurance
    [{ score: NaN, critical_reporters: 0 }, "CRITICAL_LOCAL"],
    [{ score: -1, critical_reporters: 0 }, "CRITICAL_LOCAL"],
    [{ score: 0, critical_reporters: NaN }, "CRITICAL_LOCAL"],
  ])("reads %j as %s", (input, level) => {
    expect(toLevel(input)).toBe(level);
  });

  it("takes other thresholds", () => {
    const input = { score: 0.3, critical_reporters: 2 };
    expect(toLevel(input, { global_quorum: 3 })).toBe("CRITICAL_LOCAL");
    expect(toLevel({ ...input, critical_reporters: 0 }, { elevated: 0.4 })).toBe("NORMAL");
    expect(toLevel({ ...input, critical_reporters: 0 }, { high: 0.3 })).toBe("CRITICAL_LOCAL");
  });
});

describe("quorumOf", () => {
  it.each([
    [0, 2],
    [20, 2],
    [21, 3],
    [100, 10],
  ])("asks for a tenth of %i live reporters, at least 2: %i", (live, quorum) => {
    expect(quorumOf(live)).toBe(quorum);
    expect(quorumOf(live, 5)).toBe(5);
  });
});

describe("scoreWithin", () => {
  it.each([
    ["NORMAL", 0.1, 0.1],
    ["UNKNOWN", 0.1, 0.25],
    ["ELEVATED", 0.1, 0.25],
    ["CRITICAL_LOCAL", 0.1, 0.25],
    ["CRITICAL_LOCAL", 1, 0.59],
    ["CRITICAL_GLOBAL", 0.1, 0.6],
    ["CRITICAL_GLOBAL", 0.95, 0.95],
  ] as const)("keeps %s with %d at %d", (level, score, expected) => {
    expect(scoreWithin(level, score)).toBe(expected);
  });

  it("does not change the level that the score is read as", () => {
    const inputs = fc.record({
      score: fc.double({ min: 0, max: 0.599999, noNaN: true }),
      critical_reporters: fc.nat(3),
      live_reporters: fc.integer({ min: 3, max: 30 }),
      silent: fc.boolean(),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const level = toLevel(input);
        expect(toLevel({ ...input, score: scoreWithin(level, input.score) })).toBe(level);
      }),
    );
  });
});
