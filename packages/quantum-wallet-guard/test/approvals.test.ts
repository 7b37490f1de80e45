/** Attacks on approvals: none of them may count for more than one person, one transaction, one moment. */
import { describe, expect, it } from "vitest";
import { APPROVAL_METHODS, approvalBinding, evaluateTransaction } from "../src/index.js";
import { approval, BINDS, HEALTHY } from "./helpers.js";

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

describe("one person", () => {
  it.each([
    ["the same name", "ann", "ann"],
    ["another case", "ann", "ANN"],
    ["full-width letters", "ann", "ａｎｎ"],
    ["another composition", "jos\u00e9", "jose\u0301"],
    ["a zero-width space", "ann", "an\u200bn"],
    ["a zero-width joiner", "ann", "an\u200dn"],
    ["a right-to-left mark", "ann", "ann\u200f"],
    ["a soft hyphen", "ann", "an\u00adn"],
    ["a no-break space", "ann lee", "ann\u00a0lee"],
    ["two spaces", "ann lee", "ann  lee"],
    ["a ligature", "fiona", "\ufb01ona"],
    ["a sharp s", "strau\u00df", "STRAUSS"],
    ["a variation selector", "ann", "ann\ufe0f"],
  ])("is not two by %s", (_how, a, b) => {
    const approvals = [given(0, a), given(0, b)];
    expect(decide(approvals, { required_approvals: 2 })).toBe("require_extra_auth");
  });

  it("is nobody when the name is invisible", () => {
    expect(decide([given(0, "\u200b")])).toBe("require_extra_auth");
  });

  it("is another with another name", () => {
    expect(decide([given(0, "ann"), given(0, "bob")], { required_approvals: 2 })).toBe("allow");
  });
});

describe("one moment", () => {
  it.each([
    ["at the moment of the context", NOW_MS, {}, "allow"],
    ["a millisecond after it", NOW_MS + 1, {}, "require_extra_auth"],
    ["far in the future", Number.MAX_SAFE_INTEGER, {}, "require_extra_auth"],
    ["long ago, where the policy sets no end", 0, {}, "allow"],
    ["just within the policy's time", NOW_MS - 59_999, { approval_valid_seconds: 60 }, "allow"],
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
