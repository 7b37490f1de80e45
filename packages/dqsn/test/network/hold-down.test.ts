import fc from "fast-check";
import { ADVISORY_LEVELS } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createHoldDown } from "../../src/network/hold-down.js";

describe("createHoldDown", () => {
  it("raises at once and falls only after the hold time, step by step", () => {
    const hold = createHoldDown(60);
    expect(hold.inForce("CRITICAL_GLOBAL", 1)).toBe("CRITICAL_GLOBAL");
    hold.record("CRITICAL_GLOBAL", 10);
    // gone at 10: held until 70
    expect(hold.inForce("ELEVATED", 10)).toBe("CRITICAL_GLOBAL");
    expect(hold.inForce("ELEVATED", 69)).toBe("CRITICAL_GLOBAL");
    expect(hold.inForce("ELEVATED", 70)).toBe("ELEVATED");
    // ELEVATED is gone at 80: held until 140
    hold.record("ELEVATED", 80);
    expect(hold.inForce("NORMAL", 139)).toBe("ELEVATED");
    expect(hold.inForce("NORMAL", 140)).toBe("NORMAL");
  });

  it("starts again when the level comes back", () => {
    const hold = createHoldDown(60);
    hold.record("CRITICAL_LOCAL", 1);
    hold.record("NORMAL", 50);
    hold.record("CRITICAL_LOCAL", 52);
    expect(hold.inForce("NORMAL", 111)).toBe("CRITICAL_LOCAL");
    expect(hold.inForce("NORMAL", 112)).toBe("NORMAL");
  });

  it("holds nothing for 0 milliseconds, and nothing that never was", () => {
    const hold = createHoldDown(0);
    hold.record("CRITICAL_GLOBAL", 5);
    expect(hold.inForce("NORMAL", 5)).toBe("NORMAL");
    expect(createHoldDown(1_000).inForce("NORMAL", 0)).toBe("NORMAL");
  });

  it("goes on from its times as if it had never stopped", () => {
    const record = fc.tuple(fc.constantFrom(...ADVISORY_LEVELS), fc.nat(100));
    fc.assert(
      fc.property(fc.array(record), fc.nat(200), (records, nowMs) => {
        const hold = createHoldDown(40);
        for (const [level, endMs] of records.sort(([, a], [, b]) => a - b)) {
          hold.record(level, endMs);
        }
        const times = hold.times();
        expect(createHoldDown(40, times).times()).toEqual(times);
        expect(createHoldDown(40, times).inForce("NORMAL", nowMs)).toBe(
          hold.inForce("NORMAL", nowMs),
        );
      }),
    );
  });
});
