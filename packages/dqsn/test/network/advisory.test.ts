import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quorumOf, scoreWithin, toLevel } from "../../src/index.js";

describe("toLevel", () => {
  it.each([
    [{ score: 0.2499, critical_reporters: 0, live_reporters: 1 }, "NORMAL"],
    [{ score: 0.2499, critical_reporters: 0, silent: false }, "NORMAL"],
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
    [{ score: 0, critical_reporters: 0 }, "UNKNOWN"],
    [{ score: 0, critical_reporters: 0, live_reporters: 0, silent: false }, "UNKNOWN"],
    [{ score: 0, critical_reporters: 0, live_reporters: NaN }, "UNKNOWN"],
    [{ score: 0, critical_reporters: 0, live_reporters: 3, silent: "no" as never }, "UNKNOWN"],
    [{ score: 0.9, critical_reporters: 2, live_reporters: Infinity }, "CRITICAL_GLOBAL"],
    [{ score: 0.9, critical_reporters: 2, live_reporters: -1 }, "CRITICAL_GLOBAL"],
    [{}, "CRITICAL_LOCAL"],
    [null, "CRITICAL_LOCAL"],
    [{ score: NaN, critical_reporters: 0 }, "CRITICAL_LOCAL"],
    [{ score: -1, critical_reporters: 0 }, "CRITICAL_LOCAL"],
    [{ score: 0, critical_reporters: NaN }, "CRITICAL_LOCAL"],
  ])("reads %j as %s", (input, level) => {
    expect(toLevel(input as never)).toBe(level);
  });

  it.each([
    [{ elevated: NaN }, "ELEVATED"],
    [{ elevated: -1 }, "ELEVATED"],
    [{ elevated: Infinity }, "ELEVATED"],
    [{ elevated: "0.9" }, "ELEVATED"],
    [{ high: NaN }, "CRITICAL_LOCAL"],
    [{ high: 2 }, "CRITICAL_LOCAL"],
  ])("takes the malformed threshold %j for the strictest one", (thresholds, level) => {
    const input = { score: 0.1, critical_reporters: 0, live_reporters: 3 };
    expect(toLevel(input, thresholds as never)).toBe(level);
  });

  it.each([NaN, 0, -3, 1.5, Infinity, "2"])("takes the malformed quorum %s for 1", (quorum) => {
    const input = { score: 0.1, critical_reporters: 1, live_reporters: 30 };
    expect(toLevel(input, { global_quorum: quorum as number })).toBe("CRITICAL_GLOBAL");
    expect(quorumOf(30, quorum as number)).toBe(1);
  });

  it("takes other thresholds", () => {
    const input = { score: 0.3, critical_reporters: 2, live_reporters: 5 };
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
  ])("requires a tenth of %i live operators, at least 2: %i", (live, quorum) => {
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

  it.each([NaN, -1, 1.1, Infinity, undefined])("takes the score %s for the worst one", (score) => {
    expect(scoreWithin("NORMAL", score as number)).toBe(1);
    expect(scoreWithin("CRITICAL_LOCAL", score as number)).toBe(0.59);
    expect(scoreWithin("CRITICAL_GLOBAL", score as number)).toBe(1);
    expect(scoreWithin("normal" as never, 0)).toBe(1);
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
