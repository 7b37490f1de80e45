import { describe, expect, it } from "vitest";
import {
  DECISION_OF_LEVEL,
  GUARDIAN_RISK_OF_LEVEL,
  isWorseLevel,
  LEVEL_OF_ADVISORY,
  levelOfScore,
  tierOfScore,
  worstDecision,
  worstLevel,
  worstTier,
} from "../src/index.js";

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

  it("reads advisories as the scale says", () => {
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
  it("is the worst, and the mildest of none", () => {
    expect(worstLevel(["elevated", "critical", "normal"])).toBe("critical");
    expect(worstLevel([])).toBe("normal");
    expect(worstTier(["LOW", "HIGH", "MEDIUM"])).toBe("HIGH");
    expect(worstDecision(["ALLOW", "WARN"])).toBe("WARN");
    expect(worstDecision(["ALLOW", "ERROR"])).toBe("BLOCK");
    expect(isWorseLevel("high", "elevated")).toBe(true);
    expect(isWorseLevel("high", "high")).toBe(false);
  });
});
