import { describe, expect, it } from "vitest";
import { breaches, type Row, wrongSums } from "../../fault-injection/check.js";
import { disordered, newIndex, note, unborne } from "../../fault-injection/replay/answers.js";
import type { Acknowledged } from "../../fault-injection/clients/plan.js";

const row = (id: string, at: number | null, more: Partial<Row> = {}): Row => ({
  id,
  payment: id,
  wallet: "w",
  account: null,
  amount: 10n,
  content: "",
  status: "claimed",
  counts: at === null ? "nothing" : "allowed",
  at,
  allowedAt: at,
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
    const rows = times.map((at, n) => row(String(n), at));
    expect(breaches(rows, [limit])).toHaveLength(count);
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

describe("wrongSums", () => {
  const both = (amount: bigint, count: bigint) =>
    ["wallet:w", "global"].flatMap((scope) => [
      { scope, counts: "allowed", amount: amount - 5n, count },
      { scope, counts: "allowed", amount: 5n, count: 0n },
      { scope, counts: "reserved", amount: 10n, count: 1n },
    ]);
  it.each([
    [20n, 2n, 0],
    [30n, 2n, 2],
    [20n, 3n, 2],
  ])("holds stored sums of %s in %s against the rows", (amount, count, faults) => {
    const rows = [row("1", 0), row("2", 5), row("3", null), row("4", 9, { counts: "reserved" })];
    expect(wrongSums({ rows, totals: both(amount, count) })).toHaveLength(faults);
  });

  it("misses no scope that has rows and no sums", () => {
    expect(wrongSums({ rows: [row("1", 0, { account: "a" })], totals: [] })).toHaveLength(3);
  });
});

describe("what was acknowledged", () => {
  const commit = (id: string, asked_us: number, told_us: number): Acknowledged => ({
    ...{ asked_us, told_us, id, act: "committed" },
    txid: `t-${id}`,
    isRepeated: false,
  });
  const index = newIndex();
  for (const [seq, id] of [
    [1, "a"],
    [2, "b"],
  ] as const) {
    note(index, { seq, kind: "commit", given: { withdrawal_id: id, txid: `t-${id}` } });
  }

  it("is in the log, or is missed", () => {
    expect(unborne(index, [commit("a", 0, 1)])).toEqual([]);
    expect(unborne(index, [commit("c", 0, 1)])).toHaveLength(1);
  });

  it.each<[string, readonly Acknowledged[], number]>([
    ["in the order of the log", [commit("a", 0, 1), commit("b", 2, 3)], 0],
    ["side by side", [commit("b", 0, 2), commit("a", 1, 3)], 0],
    ["against the order of the log", [commit("b", 0, 1), commit("a", 2, 3)], 1],
  ])("has the order of the real world: %s", (_what, told, count) => {
    expect(disordered(index, told)).toHaveLength(count);
  });
});
