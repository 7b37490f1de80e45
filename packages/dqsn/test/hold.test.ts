import { describe, expect, it } from "vitest";
import { createHold } from "../src/hold.js";

describe("createHold", () => {
  it("raises at once and falls only after the hold time, step by step", () => {
    const hold = createHold(60);
    expect(hold.update("NORMAL", 0)).toBe("NORMAL");
    expect(hold.update("CRITICAL_GLOBAL", 1)).toBe("CRITICAL_GLOBAL");
    // gone at 10: held until 70
    expect(hold.update("ELEVATED", 10)).toBe("CRITICAL_GLOBAL");
    expect(hold.update("ELEVATED", 69)).toBe("CRITICAL_GLOBAL");
    // ELEVATED is gone at 70: held until 130
    expect(hold.update("NORMAL", 70)).toBe("ELEVATED");
    expect(hold.update("NORMAL", 129)).toBe("ELEVATED");
    expect(hold.update("NORMAL", 130)).toBe("NORMAL");
  });

  it("starts again when the level comes back", () => {
    const hold = createHold(60);
    hold.update("CRITICAL_LOCAL", 0);
    hold.update("NORMAL", 10);
    hold.update("CRITICAL_LOCAL", 50);
    expect(hold.update("NORMAL", 90)).toBe("CRITICAL_LOCAL");
    expect(hold.update("NORMAL", 149)).toBe("CRITICAL_LOCAL");
    expect(hold.update("NORMAL", 150)).toBe("NORMAL");
  });

  it("holds nothing for 0 ms, and everything while the clock steps back", () => {
    const none = createHold(0);
    none.update("ELEVATED", 5);
    expect(none.update("NORMAL", 6)).toBe("NORMAL");
    const hold = createHold(10);
    hold.update("ELEVATED", 100);
    hold.update("NORMAL", 100);
    expect(hold.update("NORMAL", 50)).toBe("ELEVATED");
  });
});
