import { describe, expect, it } from "vitest";
import { csvRows } from "../../../src/cli/ledger/csv.js";
import { type ImportFormat, readPayments } from "../../../src/cli/ledger/payments-file.js";

const TXID = "ab".repeat(32);
const HEADER = "withdrawal_id,wallet_id,account_id,amount,fee,destination,paid_at,txid";
const PAID_AT = "2026-11-30T12:00:00+01:00";

describe("readPayments", () => {
  const whole = {
    withdrawal_id: "w",
    wallet_id: "hot",
    amount: "1.5",
    paid_at: PAID_AT,
    txid: TXID,
  };

  it("reads columns in any order, quoted or not, and leaves empty fields out", () => {
    const csv = `\uFEFFtxid,amount,withdrawal_id,wallet_id,paid_at,account_id\n${TXID},1.5,"a ""b"", c",hot,${PAID_AT},\n\n`;
    expect(readPayments(csv, "csv")).toEqual({
      payments: [
        {
          ...{ withdrawal_id: 'a "b", c', wallet_id: "hot", amount: "1.5", txid: TXID },
          paid_at_ms: Date.UTC(2026, 10, 30, 11),
        },
      ],
      ...{ lines: [2], issues: [] },
    });
  });

  it("gives a destination what left without the fee: 1.5 - 0.1", () => {
    const row = `w,hot,ada,1.5,0.1,DAddress,2026-11-30 11:00:00Z,${TXID}`;
    expect(readPayments(`${HEADER}\n${row}`, "csv").payments).toMatchObject([
      { account_id: "ada", max_fee: "0.1", destinations: [{ address: "DAddress", amount: "1.4" }] },
    ]);
  });

  const lineOf = (fields: object) => JSON.stringify({ ...whole, ...fields });
  const WRONG: readonly [string, ImportFormat, string, number, RegExp][] = [
    ["an empty file", "csv", "", 1, /no payment/],
    ["an unknown column", "csv", `${HEADER},note\n`, 1, /no column "note": the columns are/],
    ["a column twice", "csv", `${HEADER},txid\n`, 1, /twice/],
    ["a missing column", "csv", HEADER.replace(",txid", ""), 1, /the column txid is missing/],
    ["a short row", "csv", `${HEADER}\nw,hot\n`, 2, /2 fields under 8 columns/],
    ["an open quote", "csv", `${HEADER}\nw,"hot`, 2, /never closed/],
    ["a quote within a field", "csv", `${HEADER}\nw"x,hot`, 2, /quote within a field/],
    ["text after a quote", "csv", `${HEADER}\n"w"x,hot`, 2, /text after a closing quote/],
    ["a time without an offset", "jsonl", lineOf({ paid_at: "2026-11-30T12:00:00" }), 1, /paid_at/],
    ["a day that is none", "jsonl", lineOf({ paid_at: "2026-13-30T12:00:00Z" }), 1, /paid_at/],
    ["a missing time", "jsonl", lineOf({ paid_at: undefined }), 1, /paid_at is missing/],
    ["a fee that is none", "jsonl", lineOf({ fee: "0,1" }), 1, /fee: no amount/],
    ["a number", "jsonl", lineOf({ amount: 1.5 }), 1, /amount: no text/],
    ["an unknown field", "jsonl", lineOf({ note: "x" }), 1, /no field "note"/],
    ["a key twice", "jsonl", `\n${lineOf({}).replace("{", '{"txid":"x",')}`, 2, /duplicate_key/],
    ["no object", "jsonl", "[]", 1, /no object/],
  ];

  it.each(WRONG)("names line and remedy of %s", (_what, format, text, line, problem) => {
    const { payments, issues } = readPayments(text, format);
    expect(payments).toEqual([]);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.line).toBe(line);
    expect(issues[0]?.problem).toMatch(problem);
  });
});

describe("csvRows", () => {
  it("counts the lines of quoted line breaks", () => {
    expect([...csvRows('a,"x\ny"\r\nb,c')]).toEqual([
      { line: 1, fields: ["a", "x\ny"] },
      { line: 3, fields: ["b", "c"] },
    ]);
  });
});
