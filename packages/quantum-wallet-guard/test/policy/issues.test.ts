import { describe, expect, it } from "vitest";
import {
  checkPolicy,
  parsePolicyJson,
  policyVersion,
  walletPolicySchema,
} from "../../src/index.js";
import { STRANGE_VALUES } from "../support/wrong-values.js";

const errorsOf = (policy: unknown) => {
  const read = checkPolicy(policy);
  return read.ok ? [] : read.issues.map(({ code, path }) => `${code} ${path}`);
};

describe("parsePolicyJson", () => {
  it("reads a policy and its version", () => {
    const read = parsePolicyJson('{"max_tx_ratio_normal":"0.2"}');
    expect(read).toMatchObject({ ok: true, policy: { max_tx_ratio_normal: "0.2" } });
    expect(read.ok && read.policy_version).toBe(policyVersion({ max_tx_ratio_normal: "0.2" }));
  });

  it("names every error at once, with what to do", () => {
    const text = JSON.stringify({
      max_tx_ratio: 1,
      required_approvals: 0,
      cooldown_seconds_warn: "60",
      network_score_elevated: 0.7,
      zzz: 1,
    });
    expect(parsePolicyJson(text)).toEqual({
      ok: false,
      issues: [
        {
          code: "invalid_value",
          path: "/cooldown_seconds_warn",
          message:
            "cooldown_seconds_warn is text that is not accepted. Give whole seconds from 0 to 31536000 (one year) as a number without quotes.",
        },
        {
          code: "invalid_value",
          path: "/required_approvals",
          message:
            "required_approvals is a number that is not accepted. Give whole people from 1 to 64 as a number without quotes.",
        },
        { code: "unknown_field", path: "/max_tx_ratio", message: "Remove this field." },
        { code: "unknown_field", path: "/zzz", message: "Remove this field." },
        {
          code: "wrong_order",
          path: "/network_score_high",
          message: "Raise it, or lower the score before it: it is below network_score_elevated.",
        },
      ],
    });
  });

  it("suggests the field that was meant", () => {
    const read = parsePolicyJson('{"max_tx_ratio_norml":1}');
    expect(read.ok || read.issues[0]?.message).toBe(
      "Remove this field, or write max_tx_ratio_normal.",
    );
  });

  it.each([
    ['{"required_approvals":1,"required_approvals":2}', "duplicate_key", "/required_approvals"],
    ['{"a":{"b":1,"b":2}}', "duplicate_key", "/a/b"],
    ['{"__proto__":{}}', "forbidden_key", "/__proto__"],
    ["{", "invalid_json", ""],
    ["", "invalid_json", ""],
    ["\ufeff{}", "byte_order_mark", ""],
    ['{"max_behaviour_score":1e400}', "bad_number", "/max_behaviour_score"],
    ["[]", "not_an_object", ""],
    ["null", "not_an_object", ""],
    ["1", "not_an_object", ""],
  ])("refuses %s", (text, code, path) => {
    expect(parsePolicyJson(text)).toMatchObject({ ok: false, issues: [{ code, path }] });
    expect(parsePolicyJson(new TextEncoder().encode(text)).ok).toBe(false);
  });

  it("never throws, whatever it is given", () => {
    for (const value of STRANGE_VALUES) {
      expect(parsePolicyJson(value as string).ok).toBe(false);
    }
  });
});

describe("checkPolicy", () => {
  it.each(Object.keys(walletPolicySchema.shape))("refuses every strange value of %s", (field) => {
    for (const value of STRANGE_VALUES) {
      expect(errorsOf({ [field]: value }).join()).toMatch(
        new RegExp(`^(invalid_value|not_plain) /${field}(/|$|,)`),
      );
    }
  });

  it("names one error for each of all fields, and both that are out of order", () => {
    const fields = Object.keys(walletPolicySchema.shape);
    const wrong = Object.fromEntries(fields.map((field) => [field, null]));
    expect(errorsOf(wrong)).toEqual(fields.map((field) => `invalid_value /${field}`));
    const order = { network_score_elevated: 0.8, network_score_high: 0.7 };
    expect(errorsOf({ ...order, network_score_critical: 0.6 })).toEqual([
      "wrong_order /network_score_high",
      "wrong_order /network_score_critical",
    ]);
  });
});
