import { describe, expect, it } from "vitest";
import { hex } from "@scure/base";
import {
  TERMS as SITE_TERMS,
  NOW,
  type Output,
  previousOf,
  psbtOf,
  type Spending,
  token,
} from "../../support/site.js";
import {
  CHANGE,
  FOREIGN,
  FUNDING,
  FUNDING_2,
  INPUTS,
  OUTPUTS,
  ownScript,
  PAID,
  PSBT,
  verifierOf,
} from "../../support/wallet.js";

const verifier = verifierOf();
const TOKEN = token();
const codeOf = (psbt: string | Uint8Array): string => {
  const answer = verifier.inspect({ token: TOKEN, psbt, now_ms: NOW });
  return answer.ok ? "ok" : `${answer.code} ${answer.path}`;
};
const paying = (...outputs: Output[]): string => codeOf(psbtOf(INPUTS, outputs));
const spending = (...inputs: Spending[]): string => codeOf(psbtOf(inputs, OUTPUTS));
const [first, second] = PAID as [Output, Output];
const more = (output: Output, amount: bigint): Output => ({
  ...output,
  amount: output.amount + amount,
});

describe("outputs", () => {
  it("accepts change at any place, in several outputs, or none", () => {
    expect(paying(first, second, CHANGE)).toBe("ok");
    expect(paying(CHANGE, first, second)).toBe("ok");
    const half = { ...CHANGE, amount: CHANGE.amount / 2n };
    expect(paying(half, first, { ...half, script: ownScript(0, 2) }, second)).toBe("ok");
    const exact = previousOf([{ script: ownScript(0, 0), amount: 350_050_000n }]);
    const input: Spending = { previous: exact, index: 0, proof: "whole" };
    expect(codeOf(psbtOf([input], [first, second]))).toBe("ok");
  });

  it.each([
    ["another payout", [first, CHANGE, second, { script: FOREIGN, amount: 1n }], "output_foreign"],
    [
      "change to a foreign script",
      [first, { ...CHANGE, script: FOREIGN }, second],
      "output_foreign",
    ],
    [
      "change beyond the descriptor's range",
      [first, { ...CHANGE, script: ownScript(1, 4) }, second],
      "output_foreign",
    ],
    [
      "another script of a payout",
      [{ ...first, script: FOREIGN }, CHANGE, second],
      "output_foreign",
    ],
    ["a unit more for a payout", [more(first, 1n), CHANGE, second], "output_foreign"],
    ["a unit less for a payout", [more(first, -1n), CHANGE, second], "output_foreign"],
    ["payouts in another order", [second, CHANGE, first], "output_order"],
    ["a payout twice", [first, first], "output_foreign"],
    ["a payout left out", [first, CHANGE], "output_missing"],
    ["data", [first, { script: "6a0401020304", amount: 0n }, CHANGE, second], "output_foreign"],
    ["change alone", [CHANGE], "output_missing"],
  ])("refuses %s", (_, outputs, code) => {
    expect(paying(...outputs).split(" ")[0]).toBe(code);
  });

  it("takes a payout to the wallet's own script for a payout, and no change for it", () => {
    const own = { script: ownScript(1, 1), amount: "2" };
    const payouts = [{ script: first.script, amount: "1.5" }, own];
    const terms = token({ claims: { payouts }, approved: { ...TERMS_OF(payouts) } });
    const check = (amount: bigint): string => {
      const outputs = [first, { script: own.script, amount }, { ...CHANGE, amount: 1_000n }];
      const inputs: Spending[] = [{ previous: FUNDING_2, index: 0, proof: "whole" }];
      const rest = 900_000_000n - 150_000_000n - amount - 50_000n;
      outputs[2] = { ...CHANGE, amount: rest };
      const answer = verifier.inspect({ token: terms, psbt: psbtOf(inputs, outputs), now_ms: NOW });
      return answer.ok ? "ok" : answer.code;
    };
    expect(check(200_000_000n)).toBe("ok");
    expect(check(200_000_001n)).toBe("output_missing");
  });
});

describe("fee and inputs", () => {
  it("refuses a fee above the approved one, by a unit", () => {
    // 4 − 1.5 − 2 − 0.499 = 0.001
    expect(paying(first, { ...CHANGE, amount: 49_900_000n }, second)).toBe("ok");
    expect(paying(first, { ...CHANGE, amount: 49_899_999n }, second)).toBe("fee_too_high ");
    expect(paying(first, second)).toBe("fee_too_high ");
  });

  it("refuses outputs that are worth more than the inputs", () => {
    expect(paying(first, { ...CHANGE, amount: 50_000_001n }, second)).toMatch(/^transaction_unr/);
  });

  it("refuses values that are only stated, where another session could state others", () => {
    const stated = INPUTS.map((input) => ({ ...input, proof: "output" as const }));
    expect(spending(...stated)).toBe("input_unproven /inputs/0");
    expect(spending(INPUTS[0]!, stated[1]!)).toBe("input_unproven /inputs/1");
    expect(spending(INPUTS[0]!, { ...stated[1]!, proof: "none" })).toBe("input_unproven /inputs/1");
    const single = previousOf([{ script: ownScript(0, 0), amount: 400_000_000n }]);
    expect(spending({ previous: single, index: 0, proof: "output" })).toBe("ok");
  });

  it("refuses a previous transaction with another value", () => {
    const inflated = previousOf([
      { script: ownScript(0, 0), amount: 300_000_000n },
      { script: ownScript(0, 1), amount: 100_000_001n },
      { script: FOREIGN, amount: 500_000_000n },
    ]);
    const bytes = hex.encode(PSBT);
    const swapped = bytes.replaceAll(
      hex.encode(FUNDING.toBytes(true, true)),
      hex.encode(inflated.toBytes(true, true)),
    );
    expect(swapped).not.toBe(bytes);
    expect(codeOf(hex.decode(swapped))).toMatch(/^transaction_unreadable \/inputs\/0/);
  });

  it("refuses a foreign input", () => {
    expect(spending(...INPUTS, { previous: FUNDING, index: 2, proof: "whole" })).toBe(
      "input_foreign /inputs/2",
    );
  });

  it.each([2, 3, 0x81, 0x82, 0x83, 4])("refuses the signature type %i", (sighash) => {
    expect(spending({ ...INPUTS[0]!, sighash }, INPUTS[1]!)).toBe("sighash_unsafe /inputs/0");
  });

  it("accepts the signature types that commit to everything", () => {
    expect(spending({ ...INPUTS[0]!, sighash: 1 }, INPUTS[1]!)).toBe("ok");
  });

  it("refuses other versions than 1 and 2, DigiDollar first of all", () => {
    const of = (version: number) => codeOf(psbtOf(INPUTS, OUTPUTS, { version }));
    expect([of(1), of(2)]).toEqual(["ok", "ok"]);
    expect(codeOf(withVersion(3))).toBe("transaction_kind ");
    expect(codeOf(withVersion(0x0770))).toBe("transaction_kind ");
    expect(codeOf(withVersion(0x01000770))).toBe("transaction_kind ");
  });

  it("refuses a PSBT that others may change, and one that cannot be read", () => {
    const second = psbtOf(INPUTS, OUTPUTS, { psbtVersion: 2 });
    const bytes = hex.encode(second);
    // Global field 6 of version 2: what may be added.
    const fixed = hex.decode(bytes.replace("01060103", "01060100"));
    expect([codeOf(second), codeOf(fixed)]).toEqual(["psbt_modifiable ", "ok"]);
    expect(codeOf(PSBT.subarray(0, -1))).toMatch(/^transaction_unreadable/);
    expect(codeOf("")).toMatch(/^transaction_unreadable/);
    expect(codeOf(null as unknown as string)).toMatch(/^transaction_unreadable/);
  });
});

describe("raw transactions", () => {
  const bytes = hex.encode(PSBT);
  const tx = bytes.slice(bytes.indexOf("02000000"), bytes.indexOf("00000000000100") + 8);
  const previous = [hex.encode(FUNDING.toBytes(true, true))];
  const raw = (given: Readonly<{ tx: string; previous: readonly string[] }>): string => {
    const answer = verifier.inspect({ token: TOKEN, ...given, now_ms: NOW });
    return answer.ok ? "ok" : `${answer.code} ${answer.path}`;
  };

  it("accepts one whose previous transactions are given", () => {
    expect(raw({ tx, previous })).toBe("ok");
    expect(raw({ tx, previous: [...previous, hex.encode(FUNDING_2.toBytes(true, true))] })).toBe(
      "ok",
    );
  });

  it("refuses one whose inputs are not proven, or that was altered", () => {
    expect(raw({ tx, previous: [] })).toBe("input_unproven /inputs/0");
    expect(raw({ tx, previous: [hex.encode(FUNDING_2.toBytes(true, true))] })).toBe(
      "input_unproven /inputs/0",
    );
    expect(raw({ tx: `${tx}00`, previous })).toMatch(/^transaction_unreadable/);
    expect(raw({ tx, previous: ["00"] })).toMatch(/^transaction_unreadable \/previous\/0/);
  });

  it("refuses another transaction than the token names", () => {
    const answer = verifier.inspect({ token: TOKEN, psbt: PSBT, now_ms: NOW });
    const txid = answer.ok ? answer.txid : "";
    const named = token({ claims: { transaction: txid } });
    expect(verifier.inspect({ token: named, psbt: PSBT, now_ms: NOW }).ok).toBe(true);
    const other = psbtOf(INPUTS, [CHANGE, first, second]);
    expect(verifier.inspect({ token: named, psbt: other, now_ms: NOW })).toMatchObject({
      code: "transaction_other",
    });
  });
});

function withVersion(version: number): Uint8Array {
  const bytes = Uint8Array.from(PSBT);
  // Magic, then the key 00 of the unsigned transaction, its length in three bytes, the transaction.
  const at = hex.encode(bytes).indexOf("02000000") / 2;
  new DataView(bytes.buffer).setUint32(at, version, true);
  return bytes;
}

function TERMS_OF(payouts: readonly Readonly<{ script: string; amount: string }>[]) {
  return { ...SITE_TERMS, payouts };
}
