import { describe, expect, it } from "vitest";
import { breaches, losses, type Row, wrongSums } from "../../matrix/check.js";

const row = (id: string, at: number | null, more: Partial<Row> = {}): Row => ({
  id,
  wallet: "w",
  account: null,
  amount: 10n,
  status: "reserved",
  counts: at === null ? "nothing" : "allowed",
  at,
  txid: null,
  ...more,
});

const limit = { scope: "wallet", window_ms: 100, max_amount: 20n } as const;

describe("breaches", () => {
  it.each<[string, readonly number[], number]>([
    ["two of 10 in 100 ms", [0, 99], 0],
    ["a third when the first has just left", [0, 50, 100], 0], // 100 − 0 is not < 100
    ["a third one millisecond too soon", [0, 50, 99], 1],
    ["three at one moment", [5, 5, 5], 1],
    ["a breach long ago", [0, 1, 2, 1_000], 1],
  ])("looks at every moment: %s", (_what, times, count) => {
    expect(
      breaches(
        times.map((at, n) => row(String(n), at)),
        [limit],
      ),
    ).toHaveLength(count);
  });

  it("counts by scope, and what is allowed alone", () => {
    const rows = [
      row("1", 0),
      row("2", 0, { wallet: "v", account: "a" }),
      row("3", 0, { account: "a" }),
      row("4", 0, { counts: "asked" }),
      row("5", null),
    ];
    const counted = (scope: "account" | "wallet" | "global") =>
      breaches(rows, [{ scope, window_ms: 1, max_count: 1 }]).length;
    expect([counted("account"), counted("wallet"), counted("global")]).toEqual([1, 1, 2]);
  });
});

describe("losses", () => {
  const told = (act: string, txid?: string) => [{ id: "1", act, ...(txid && { txid }) }];
  it.each<[string, readonly Row[], ReturnType<typeof told>, number]>([
    ["stands", [row("1", 0)], told("allowed"), 0],
    ["is gone", [], told("allowed"), 1],
    ["is only open", [row("1", null, { status: "open" })], told("allowed"), 1],
    [
      "is committed with its txid",
      [row("1", 0, { status: "committed", txid: "t" })],
      told("committed", "t"),
      0,
    ],
    [
      "is committed with another",
      [row("1", 0, { status: "committed", txid: "u" })],
      told("committed", "t"),
      1,
    ],
    ["is released", [row("1", null, { status: "released" })], told("released"), 0],
    ["still counts after its release", [row("1", 0, { status: "released" })], told("released"), 1],
  ])("says whether what was acknowledged %s", (_what, rows, entries, count) => {
    expect(losses(rows, entries)).toHaveLength(count);
  });
});

describe("wrongSums", () => {
  it.each([
    [20n, 2n, 0],
    [30n, 2n, 1],
    [20n, 3n, 1],
  ])("holds stored sums of %s in %s against the rows", (allowed, allowed_count, count) => {
    const rows = [row("1", 0), row("2", 5), row("3", null)];
    const totals = [
      { scope: "wallet:w", allowed: allowed - 5n, allowed_count },
      { scope: "wallet:w", allowed: 5n, allowed_count: 0n },
    ];
    expect(wrongSums({ rows, totals, faults: [] })).toHaveLength(count);
  });
});
