/** Texts of refusals: field, kind of the value, rule, what to do; never the value itself. */
import { describe, expect, it } from "vitest";
import {
  approvalBinding,
  checkPolicy,
  createDecisionEngine,
  evaluateTransaction,
  riskContextSchema,
  walletPolicySchema,
} from "../../src/index.js";
import { HEALTHY, without } from "../support/contexts.js";
import { FULL, STRANGE_VALUES, WRONG } from "../support/wrong-values.js";

const reason = (context: unknown, policy?: unknown) => evaluateTransaction(context, policy).reason;
const AMOUNT = 'Give coins above 0 with at most 8 decimal places, as text such as "120.5".';

describe("the reason of a malformed context", () => {
  it.each<[string, unknown, string]>([
    [
      "a missing field",
      without(HEALTHY, "tx_amount"),
      `The risk context is malformed: tx_amount is missing. ${AMOUNT}`,
    ],
    [
      "a value out of range",
      { ...HEALTHY, tx_amount: 0 },
      `The risk context is malformed: tx_amount is a number that is not accepted. ${AMOUNT}`,
    ],
    [
      "a value of another kind",
      { ...HEALTHY, tx_amount: true },
      `The risk context is malformed: tx_amount is true or false. ${AMOUNT}`,
    ],
    [
      "a null",
      { ...HEALTHY, tx_amount: null },
      `The risk context is malformed: tx_amount is null. ${AMOUNT}`,
    ],
    [
      "what is not plain",
      { ...HEALTHY, tx_amount: () => 1 },
      `The risk context is malformed: tx_amount is not plain data. ${AMOUNT}`,
    ],
    [
      "an unknown field",
      { ...HEALTHY, "secret-7": 1 },
      "The risk context is malformed: it has an unknown field, which path names. Remove it.",
    ],
    [
      "no context",
      null,
      "The risk context is malformed: it is null. Give an object of the fields of a risk context.",
    ],
    [
      "no plain object",
      () => 1,
      "The risk context is malformed: it is not plain data. Give an object of the fields of a risk context.",
    ],
    [
      "a field of an approval",
      { ...FULL, approvals: [FULL.approvals[0], { ...FULL.approvals[0], approver: "a b" }] },
      "The risk context is malformed: approvals/1/approver is text that is not accepted. Give 1 to 128 ASCII letters and digits, with one of . _ @ + - between them.",
    ],
    [
      "Guardian's codes alone",
      without(FULL, "guardian_decision"),
      'The risk context is malformed: guardian_decision is missing. Give "ALLOW", "DELAY", "FREEZE" or "REJECT".',
    ],
  ])("states what is wrong with %s", (_what, context, text) => {
    expect(reason(context)).toBe(text);
  });

  it("states for every field what it takes, and repeats no value", () => {
    for (const [field, values] of Object.entries(WRONG)) {
      for (const value of [...values, ...STRANGE_VALUES, "secret-7"]) {
        const text = reason({ ...FULL, [field]: value });
        if (text === "No rule speaks against the transaction.") continue;
        expect(text).toMatch(
          new RegExp(`^The risk context is malformed: ${field}.* is .*\\. Give .*\\.$`),
        );
        expect(text.length).toBeLessThan(400);
        expect(text).not.toContain("secret-7");
      }
    }
    expect(Object.keys(WRONG).sort()).toEqual(Object.keys(riskContextSchema.shape).sort());
  });

  const seconds = 1_782_664_800;
  it.each([
    [
      "seconds",
      seconds,
      `${seconds} is before 2009: seconds were given where milliseconds are expected`,
    ],
    [
      "microseconds",
      seconds * 1e6,
      `${seconds * 1e6} is after 2100: microseconds were given where milliseconds are expected`,
    ],
  ])("states that a time is in %s", (_unit, time, text) => {
    expect(evaluateTransaction({ ...FULL, created_at: time })).toMatchObject({
      decision: "block",
      path: "/created_at",
    });
    expect(reason({ ...FULL, created_at: time })).toContain(text);
    const approvals = [{ ...FULL.approvals[0], approved_at_ms: time }];
    expect(evaluateTransaction({ ...FULL, approvals }).path).toBe("/approvals/0/approved_at_ms");
    expect(reason({ ...FULL, approvals })).toContain(text);
  });
});

describe("the reason of a malformed policy", () => {
  it.each<[unknown, string]>([
    [
      { required_approvals: 0 },
      "The wallet policy is malformed: required_approvals is a number that is not accepted. Give whole people from 1 to 64 as a number without quotes.",
    ],
    [
      { require_trusted_device: "true" },
      "The wallet policy is malformed: require_trusted_device is text that is not accepted. Give true or false, without quotes.",
    ],
    [
      { nope: 1 },
      "The wallet policy is malformed: it has an unknown field, which path names. Remove it.",
    ],
    [
      null,
      "The wallet policy is malformed: it is null. Give an object of policy fields, such as {}.",
    ],
  ])("of %o states what to do", (policy, text) => {
    expect(reason(HEALTHY, policy)).toBe(text);
  });

  it("states for every field what it takes", () => {
    for (const field of Object.keys(walletPolicySchema.shape)) {
      expect(reason(HEALTHY, { [field]: null })).toMatch(
        new RegExp(`^The wallet policy is malformed: ${field} is null\\. Give .*\\.$`),
      );
    }
  });

  it("is in the message of a QwgError, with code and path", () => {
    expect(() => createDecisionEngine({ policy: { required_approvals: 0 } })).toThrow(
      "invalid_policy at /required_approvals: required_approvals is a number that is not accepted. Give whole people from 1 to 64 as a number without quotes.",
    );
  });

  it("names the kind of value in each error of checkPolicy", () => {
    const read = checkPolicy({ required_approvals: "2", max_tx_ratio_normal: 2 });
    expect(read.ok || read.issues.map(({ message }) => message)).toEqual([
      'max_tx_ratio_normal is a number that is not accepted. Give a share of the balance from 0 to 1 with at most 18 decimal places, such as "0.5".',
      "required_approvals is text that is not accepted. Give whole people from 1 to 64 as a number without quotes.",
    ]);
  });
});

describe("the message of a malformed binding", () => {
  it.each<[object, string]>([
    [
      { withdrawal_id: "" },
      "invalid_binding at /withdrawal_id: it is text that is not accepted. Give 1 to 128 characters",
    ],
    [
      { amount: -5 },
      "invalid_binding at /amount: it is a number that is not accepted. Give coins from 0 up",
    ],
    [
      { destinations: [{ address: null, amount: "5" }] },
      "invalid_binding at /destinations/0/address: it is null. Give 1 to 128 characters",
    ],
    [
      { destinations: "x" },
      "invalid_binding at /destinations: it is text that is not accepted. Give a list",
    ],
  ])("of %o states what to do", (change, text) => {
    expect(() => approvalBinding({ withdrawal_id: "w", amount: "5", ...change })).toThrow(text);
  });
});
