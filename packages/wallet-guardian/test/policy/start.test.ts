/** A process that begins with many calls at once: what was read before its own registration is no newer policy. */
import { describe, expect, it } from "vitest";
import { createPolicyGate } from "../../src/policy/gate.js";

const stored = (version: string, generation: number) => ({ version, generation });

describe("createPolicyGate", () => {
  it("registers a name that is new, in each call that begins before the first one is committed", () => {
    const gate = createPolicyGate("v1");
    expect([gate.check(null), gate.check(null)]).toEqual(["register", "register"]);
    expect(gate.check(stored("v1", 1))).toBe("current");
  });

  it("registers again what a transaction that failed had registered", () => {
    const gate = createPolicyGate("v1");
    expect(gate.check(null)).toBe("register");
    // The next step of the same transaction, which fails.
    expect(gate.check(stored("v1", 1))).toBe("current");
    expect(gate.check(null)).toBe("register");
    expect(gate.check(stored("v2", 1))).toBe("outdated");
  });

  it("takes what was read before its own registration for what it is", () => {
    const gate = createPolicyGate("v1");
    gate.check(stored("v0", 4));
    expect(gate.check(stored("v1", 5))).toBe("current");
    gate.committed(stored("v1", 5));
    expect(gate.check(stored("v0", 4))).toBe("current");
    expect(gate.check(null)).toBe("current");
  });

  it("is outdated by any later generation of another version", () => {
    const gate = createPolicyGate("v1");
    gate.check(null);
    gate.committed(stored("v1", 1));
    expect(gate.check(stored("v2", 1))).toBe("outdated");
    expect(gate.check(stored("v2", 2))).toBe("outdated");
    expect(gate.check(stored("v1", 3))).toBe("current");
  });

  it("is outdated by a process that began later, though its own registration never came through", () => {
    const gate = createPolicyGate("v1");
    expect(gate.check(stored("v0", 1))).toBe("register");
    expect(gate.check(stored("v2", 2))).toBe("outdated");
  });

  it("reports the loss until it was reported", () => {
    const gate = createPolicyGate("v1");
    expect([gate.isNews(), gate.isNews()]).toEqual([true, true]);
    gate.reported();
    expect(gate.isNews()).toBe(false);
  });
});
