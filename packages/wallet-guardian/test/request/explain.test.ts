/** Details of a rejection: the field, the rule, the kind of value, what to do; never the value (design, section 7). */
import { describe, expect, it } from "vitest";
import { prepareWithdrawal } from "../../src/index.js";
import { askAnything, harness } from "../support/guardian.js";

const VALID = { withdrawal_id: "w", wallet_id: "hot", amount: "1" };
const AMOUNT = 'give coins above 0 with at most 8 decimal places as a text, such as "1.5"';
const ID =
  "give a text of 1 to 128 characters without control characters and without white space at its ends";

describe("the detail of a refusal", () => {
  it.each<[unknown, string]>([
    ["0", "zero"],
    [0, "zero"],
    ["0.00000000", "zero"],
    ["-1", "below zero"],
    [-1.5, "below zero"],
    ["1.123456789", "with more than 8 decimal places"],
    [0.1 + 0.2, "a number with more than 8 decimal places"],
    ["92233720368.54775808", "above 92233720368.54775807"],
    [90_071_992.547_409_92, "a number too large to be exact"],
    ["1,5", "a text with a comma"],
    ["1e3", "in exponent notation"],
    [" 1", "a text with white space"],
    ["+1", "a text with a sign"],
    ["01", "a text with a leading zero"],
    ["one", "no decimal number"],
    ["", "an empty text"],
    [true, "of type boolean"],
    [null, "null"],
    [["1"], "a list of 1"],
    [{}, "of type object"],
  ])("distinguishes the faults of an amount: %o is %s", (amount, kind) => {
    expect(prepareWithdrawal({ ...VALID, amount })).toMatchObject({
      path: "/amount",
      detail: `/amount: ${kind}; ${AMOUNT}`,
    });
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "the whole: not_plain; give plain JSON values of their own"],
    ["null", null, "the whole: null; give a plain object"],
    ["a list", [], "the whole: a list of 0; give a plain object"],
    ["no amount", { withdrawal_id: "w", wallet_id: "hot" }, `/amount: missing; ${AMOUNT}`],
    [
      "a padded id",
      { ...VALID, wallet_id: "hot " },
      `/wallet_id: a text with white space at its ends; ${ID}`,
    ],
    ["an unknown field", { ...VALID, b: 1, a: 1 }, "/a: no such field; remove it"],
    [
      "destinations above the amount",
      { ...VALID, destinations: [{ address: "x", amount: "2" }] },
      "/amount: less than its destinations and max_fee together; give their sum",
    ],
    [
      "a destination of zero",
      { ...VALID, destinations: [{ address: "x", amount: "0" }] },
      `/destinations/0/amount: zero; ${AMOUNT}`,
    ],
    [
      "destinations that are no list",
      { ...VALID, destinations: "x" },
      "/destinations: a text of 1 characters that the rule refuses; give a list of at most 1,000 { address, amount }",
    ],
    [
      "a function",
      { ...VALID, amount: () => 1 },
      "/amount: not_plain; give plain JSON values of their own",
    ],
  ])("names field, kind and remedy of %s", async (_what, withdrawal, detail) => {
    const { guardian } = harness({ max_24h: "10" });
    const prepared = prepareWithdrawal(withdrawal);
    expect(prepared).toMatchObject({ accepted: false, detail });
    expect((await askAnything(guardian, withdrawal, "LOW")).detail).toBe(detail);
  });

  it("names the account that a limit needs, an unknown risk, and both faults of one request", async () => {
    const { guardian } = harness({ limits: { account: { max_24h: "10" } } });
    expect((await askAnything(guardian, VALID, "LOW")).detail).toBe(
      `/account_id: missing, and the policy requires it; ${ID}`,
    );
    const risk =
      "/risk: none of the known levels; give LOW, MEDIUM, HIGH, or { level, low_since_ms }";
    const request = { ...VALID, account_id: "a" };
    expect((await askAnything(guardian, request, "low")).detail).toBe(risk);
    expect((await askAnything(guardian, { ...request, amount: "0" }, "low")).detail).toBe(
      `/amount: zero; ${AMOUNT}; ${risk}`,
    );
  });

  it("repeats no value, and is bounded", async () => {
    const secret = "hunter2hunter2";
    for (const amount of [secret, ` ${secret}`, `${secret},`, { [secret]: secret }]) {
      const prepared = prepareWithdrawal({ ...VALID, amount });
      expect(JSON.stringify(prepared)).not.toContain(secret);
    }
    const prepared = prepareWithdrawal({ ...VALID, ["x".repeat(10_000)]: 1 });
    expect(prepared).toMatchObject({ accepted: false });
    if (!prepared.accepted) expect(prepared.detail.length).toBeLessThanOrEqual(512);
  });
});
