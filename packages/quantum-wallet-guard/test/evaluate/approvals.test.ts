/** Attacks on approvals: none of them may count for more than one person, one transaction, one moment. */
import { describe, expect, it } from "vitest";
import { APPROVAL_METHODS, approvalBinding, evaluateTransaction } from "../../src/index.js";
import { approval, BINDS, HEALTHY } from "../support/contexts.js";

const NOW_MS = 1_780_000_000_000;
const LARGE = {
  ...HEALTHY,
  wallet_balance: "100000",
  tx_amount: "20000",
  binds: BINDS,
  created_at: NOW_MS,
};
const decide = (approvals: unknown, policy: object = {}, change: object = {}) =>
  evaluateTransaction({ ...LARGE, approvals, ...change }, policy).decision;
const given = (approved_at_ms: number, approver = "ann") => ({
  ...approval(approver, "operator"),
  approved_at_ms,
});

describe("one moment", () => {
  it.each([
    ["at the moment of the context", NOW_MS, {}, "allow"],
    ["a millisecond after it", NOW_MS + 1, {}, "require_extra_auth"],
    ["far in the future", 4_000_000_000_000, {}, "require_extra_auth"],
    ["long ago, where the policy sets no end", 0, {}, "allow"],
    ["just within the policy's time", NOW_MS - 59_999, { approval_valid_seconds: 60 }, "allow"],
    [
      "at no time, where the policy sets an end",
      0,
      { approval_valid_seconds: 31_536_000 },
      "require_extra_auth",
    ],
    ["just beyond it", NOW_MS - 60_000, { approval_valid_seconds: 60 }, "require_extra_auth"],
  ])("weighs an approval given %s", (_when, at, policy, decision) => {
    expect(decide([given(at)], policy)).toBe(decision);
  });

  it("counts no approval that may have expired when the context has no time", () => {
    const { created_at, ...timeless } = { ...LARGE, approvals: [given(NOW_MS)] };
    expect(created_at).toBe(NOW_MS);
    const policy = { approval_valid_seconds: 60 };
    expect(evaluateTransaction(timeless, policy).decision).toBe("require_extra_auth");
    expect(evaluateTransaction(timeless).decision).toBe("allow");
  });

  it("counts none where the context's time is none, and the policy sets an end", () => {
    const policy = { approval_valid_seconds: 60 };
    expect(decide([given(1_000)], policy, { created_at: 1_000 })).toBe("require_extra_auth");
    expect(decide([given(1_000)], {}, { created_at: 1_000 })).toBe("allow");
  });

  it.each([-1, 0.5, NaN, "0", null, 2 ** 53])("refuses the moment %s", (approved_at_ms) => {
    expect(decide([{ ...given(0), approved_at_ms }])).toBe("block");
  });
});

describe("one transaction", () => {
  const bound = {
    withdrawal_id: "w-1",
    amount: "20000",
    destinations: [{ address: "dgb1q", amount: "20000" }],
  };
  it.each([
    ["another amount", { amount: "20000.00000001" }],
    ["another withdrawal", { withdrawal_id: "w-2" }],
    ["another destination", { destinations: [{ address: "dgb1x", amount: "20000" }] }],
    ["no destination", { destinations: [] }],
  ])("is not released by an approval of %s", (_what, change) => {
    const binds = approvalBinding({ ...bound, ...change });
    const approvals = [{ ...given(0), binds }];
    expect(decide(approvals, {}, { binds: approvalBinding(bound) })).toBe("require_extra_auth");
  });

  it("is released by an approval of itself", () => {
    const binds = approvalBinding(bound);
    expect(decide([{ ...given(0), binds }], {}, { binds })).toBe("allow");
  });
});

describe("one method", () => {
  it.each([
    "Operator",
    "OPERATOR",
    "operator ",
    "",
    "second-factor",
    "admin",
    null,
    1,
    ["operator"],
  ])("refuses the method %o", (method) => {
    expect(decide([{ ...given(0), method }])).toBe("block");
  });

  it.each(APPROVAL_METHODS)("weighs %s", (method) => {
    const expected = method === "confirmation" ? "require_extra_auth" : "allow";
    expect(decide([{ ...given(0), method }])).toBe(expected);
  });
});

describe("rules 0 to 3", () => {
  const crowd = Array.from({ length: 64 }, (_, i) => given(0, `person-${i}`));
  it.each([
    ["a malformed context", { dqs_network_score: -1 }, "block"],
    ["a critical level", { adn_level: "critical" }, "block"],
    ["a Guardian rejection", { guardian_decision: "REJECT" }, "block"],
    ["risk above the policy", { dqs_network_score: 0.9 }, "delay"],
    ["a Guardian delay", { guardian_decision: "DELAY" }, "delay"],
    ["more than the balance", { tx_amount: "100000.00000001" }, "block"],
    ["a wipe", { tx_amount: "99000" }, "block"],
  ])("are not waived by 64 people for %s", (_what, change, decision) => {
    expect(decide(crowd, {}, change)).toBe(decision);
  });

  it("refuses more than 64 approvals", () => {
    expect(decide([...crowd, given(0, "one more")])).toBe("block");
  });
});

describe("what an approval binds to", () => {
  const bound = { withdrawal_id: "w-1", amount: "5" };
  const evil = [{ address: "dgb1evil", amount: "5" }];
  it.each<[string, object]>([
    [
      "an accessor",
      Object.defineProperty({ ...bound }, "amount", { get: () => "5", enumerable: true }),
    ],
    [
      "an accessor beside absent destinations",
      Object.defineProperty({ withdrawal_id: "w-1", destinations: undefined }, "amount", {
        get: () => "5",
        enumerable: true,
      }),
    ],
    ["a prototype", Object.create(bound)],
    ["a prototype's destinations", Object.assign(Object.create({ destinations: evil }), bound)],
    ["a destination's prototype", { ...bound, destinations: [Object.create(evil[0]!)] }],
    [
      "a proxy that throws",
      new Proxy(bound, {
        ownKeys: () => {
          throw new Error("no");
        },
      }),
    ],
    [
      "too many destinations",
      { ...bound, destinations: Array.from({ length: 20_000 }, () => evil[0]) },
    ],
    [
      "too much text",
      {
        ...bound,
        destinations: Array.from({ length: 5_000 }, () => ({
          address: "x".repeat(128),
          amount: "5",
        })),
      },
    ],
  ])("is never read from %s", (_what, given) => {
    expect(() => approvalBinding(given as never)).toThrow(
      expect.objectContaining({ name: "QwgError", code: "invalid_binding" }),
    );
  });

  it("is the same for destinations that are absent, undefined or none", () => {
    const expected = approvalBinding({ ...bound, destinations: [] });
    expect(approvalBinding(bound)).toBe(expected);
    expect(approvalBinding({ ...bound, destinations: undefined })).toBe(expected);
  });
});
