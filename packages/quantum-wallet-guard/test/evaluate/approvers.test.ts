/** Names of approvers: what looks like one person is never two. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateTransaction } from "../../src/index.js";
import { approval, BINDS, HEALTHY } from "../support/contexts.js";

const LARGE = { ...HEALTHY, wallet_balance: "100000", tx_amount: "20000", binds: BINDS };
const by = (...approvers: readonly unknown[]) =>
  evaluateTransaction(
    { ...LARGE, approvals: approvers.map((name) => approval(name as string, "operator")) },
    { required_approvals: 2 },
  );

const LOOK_ALIKES: readonly (readonly [string, string])[] = [
  ["full-width letters", "ａｎｎ"],
  ["another composition", "jose\u0301"],
  ["a composed letter", "jos\u00e9"],
  ["a zero-width space", "an\u200bn"],
  ["a zero-width joiner", "an\u200dn"],
  ["a right-to-left mark", "ann\u200f"],
  ["a soft hyphen", "an\u00adn"],
  ["a space", "ann lee"],
  ["a no-break space", "ann\u00a0lee"],
  ["a ligature", "\ufb01ona"],
  ["a sharp s", "strau\u00df"],
  ["a variation selector", "ann\ufe0f"],
  ["a braille blank", "ann\u2800"],
  ["a braille blank inside", "a\u2800nn"],
  ["a hangul filler", "ann\u3164"],
  ["a combining macron below", "ann\u0331"],
  ["an object replacement", "ann\ufffc"],
  ["a private character", "ann\ue000"],
  ["a noncharacter", "ann\ufffe"],
  ["an unassigned character", "ann\u0378"],
  ["a null notehead", "ann\u{1D159}"],
  ["a mathematical letter", "\u{1D41A}nn"],
  ["a tag letter", "ann\u{E0061}"],
  ["a Cyrillic letter", "\u0430nn"],
  ["a Greek letter", "\u03b1nn"],
  ["a Latin letter of its own", "\u0251nn"],
  ["a typographic apostrophe", "o’neil"],
  ["an apostrophe", "o'neil"],
  ["another hyphen", "a‐b"],
  ["a Kelvin sign", "\u212aim"],
  ["a dotless i", "k\u0131m"],
  ["a sign at the end", "ann."],
  ["a sign at the start", ".ann"],
  ["two signs", "a..nn"],
  ["mixed signs", "a.-nn"],
  ["signs alone", "..."],
  ["a line feed at the end", "ann\n"],
  ["129 characters", "a".repeat(129)],
  ["nothing", ""],
];

describe("the name of an approver", () => {
  it.each(LOOK_ALIKES)("is refused with %s", (_what, name) => {
    const refusal = { decision: "block", reason_id: "QWG_ERROR_INVALID_CONTEXT" };
    expect(by("ann", name)).toMatchObject({ ...refusal, path: "/approvals/1/approver" });
  });

  it.each(["ann", "ANN", "Ann", "aNN"])("counts once as ann and %s", (name) => {
    expect(by("ann", name).decision).toBe("require_extra_auth");
  });

  it.each(["bob", "ann2", "ann.lee", "ann@x.org", "a-n-n", "ann+1", "a_nn", "7", "b".repeat(128)])(
    "counts as another one: %s",
    (name) => {
      expect(by("ann", name).decision).toBe("allow");
    },
  );

  it("is never two people by one character put anywhere, whatever it is", () => {
    const sign = /^[A-Za-z0-9._@+-]$/;
    const anywhere = fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.nat(3));
    fc.assert(
      fc.property(anywhere, ([unit, at]) => {
        const name = `${"ann".slice(0, at)}${unit}${"ann".slice(at)}`;
        if (!sign.test(unit)) expect(by("ann", name).decision).toBe("block");
      }),
      { numRuns: 1_000 },
    );
  });

  it("is refused with any code point beyond ASCII", () => {
    for (let point = 0x80; point < 0x110000; point += point < 0x600 ? 1 : 41) {
      expect(by("ann", `ann${String.fromCodePoint(point)}`).decision).toBe("block");
    }
  });
});
