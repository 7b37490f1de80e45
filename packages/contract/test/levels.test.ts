import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DECISION_OF_LEVEL,
  ENVELOPE_DECISIONS,
  GUARDIAN_RISK_OF_LEVEL,
  isWorseLevel,
  LEVEL_OF_ADVISORY,
  levelOfScore,
  RISK_LEVELS,
  RISK_TIERS,
  TIER_OF_LEVEL,
  tierOfScore,
  worstDecision,
  worstLevel,
  worstTier,
} from "../src/index.js";
import { onObjects, polluted } from "./support/pollution.js";

describe("levelOfScore", () => {
  it.each([
    [0, "normal", "LOW", "LOW", "ALLOW"],
    [0.2499999, "normal", "LOW", "LOW", "ALLOW"],
    [0.25, "elevated", "MEDIUM", "MEDIUM", "WARN"],
    [0.5999999, "elevated", "MEDIUM", "MEDIUM", "WARN"],
    [0.6, "high", "HIGH", "HIGH", "BLOCK"],
    [0.8999999, "high", "HIGH", "HIGH", "BLOCK"],
    [0.9, "critical", "CRITICAL", "HIGH", "BLOCK"],
    [1, "critical", "CRITICAL", "HIGH", "BLOCK"],
    [NaN, "critical", "CRITICAL", "HIGH", "BLOCK"],
    [-0.1, "critical", "CRITICAL", "HIGH", "BLOCK"],
    [1.1, "critical", "CRITICAL", "HIGH", "BLOCK"],
  ] as const)("maps %d", (score, level, tier, risk, decision) => {
    expect(levelOfScore(score)).toBe(level);
    expect(tierOfScore(score)).toBe(tier);
    expect(GUARDIAN_RISK_OF_LEVEL[level]).toBe(risk);
    expect(DECISION_OF_LEVEL[level]).toBe(decision);
  });

  it("reads advisories by the scale", () => {
    expect(LEVEL_OF_ADVISORY).toEqual({
      NORMAL: "normal",
      UNKNOWN: "elevated",
      ELEVATED: "elevated",
      CRITICAL_LOCAL: "elevated",
      CRITICAL_GLOBAL: "critical",
    });
  });
});

describe("the worst of several", () => {
  it("is the worst", () => {
    expect(worstLevel(["elevated", "critical", "normal"])).toBe("critical");
    expect(worstTier(["LOW", "HIGH", "MEDIUM"])).toBe("HIGH");
    expect(worstDecision(["ALLOW", "WARN"])).toBe("WARN");
    expect(worstDecision(["ALLOW", "ERROR"])).toBe("BLOCK");
    expect(isWorseLevel("high", "elevated")).toBe(true);
    expect(isWorseLevel("high", "high")).toBe(false);
  });

  it("of none is the worst there is, unless the caller defines the level of none", () => {
    expect([worstLevel([]), worstTier([]), worstDecision([])]).toEqual([
      "critical",
      "CRITICAL",
      "BLOCK",
    ]);
    expect(worstLevel([], "normal")).toBe("normal");
    expect(worstTier([], "LOW")).toBe("LOW");
    expect(worstDecision([], "ALLOW")).toBe("ALLOW");
    expect(worstDecision([], "ERROR")).toBe("BLOCK");
    expect(worstLevel([], "calm" as never)).toBe("critical");
  });

  it("takes an unknown level for the worst (property)", () => {
    const unknown = fc
      .anything()
      .filter(
        (value) => ![...RISK_LEVELS, ...RISK_TIERS, ...ENVELOPE_DECISIONS].includes(value as never),
      );
    fc.assert(
      fc.property(unknown, fc.boolean(), (value, isFirst) => {
        const beside = (mild: string) => (isFirst ? [value, mild] : [mild, value]) as never[];
        expect(worstLevel(beside("normal"))).toBe("critical");
        expect(worstTier(beside("LOW"))).toBe("CRITICAL");
        expect(worstDecision(beside("ALLOW"))).toBe("BLOCK");
        expect(isWorseLevel(value as never, "high")).toBe(true);
        expect(isWorseLevel("critical", value as never)).toBe(false);
      }),
    );
  });

  it.each([["BLOCKED"], ["allow"], [undefined], [null], [["ALLOW"]], [0], ["toString"]])(
    "takes %s for the worst",
    (value) => {
      expect(worstDecision([value] as never[])).toBe("BLOCK");
      expect(worstLevel(["normal", value] as never[])).toBe("critical");
      expect(worstTier([value, "LOW"] as never[])).toBe("CRITICAL");
    },
  );

  it("takes a hole, and what is no list, for the worst", () => {
    const hole = ["ALLOW"];
    hole.length = 2;
    expect(worstDecision(hole as never[])).toBe("BLOCK");
    for (const value of [undefined, null, "ALLOW", {}, new Set(["ALLOW"])]) {
      expect(worstDecision(value as never, "ALLOW")).toBe("BLOCK");
      expect(worstLevel(value as never, "normal")).toBe("critical");
    }
  });
});

describe("levelOfScore", () => {
  it.each([
    NaN,
    -0.1,
    1.1,
    Infinity,
    "0.1",
    null,
    undefined,
    [0.1],
    { valueOf: () => 0 },
    0n,
    true,
  ])("takes %s for critical", (score) => {
    expect(levelOfScore(score as never)).toBe("critical");
    expect(tierOfScore(score as never)).toBe("CRITICAL");
  });
});

describe("the tables", () => {
  it.each(["toString", "constructor", "__proto__", "CRITICAL", "LOW"])(
    "have nothing under %s",
    (key) => {
      const tables = [TIER_OF_LEVEL, LEVEL_OF_ADVISORY, GUARDIAN_RISK_OF_LEVEL, DECISION_OF_LEVEL];
      for (const table of tables) {
        expect((table as Record<string, unknown>)[key]).toBeUndefined();
        expect(polluted(onObjects("CRITICAL", "normal"), () => key in table)).toBe(false);
      }
    },
  );
});
