import { digibyte, digibyteRegtest, litecoin } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import { createSentinel, doubleSpend, type DoubleSpend } from "../../src/index.js";
import { hashOf, header, NODE, observation, run, timed } from "../support/chain.js";

const id = (digit: string) => digit.repeat(64);

/** A payment of 100 that its owner took back, with so many confirmations. */
const taken = (confirmations: number, fields: Partial<DoubleSpend> = {}): DoubleSpend => ({
  ...{ spent_txid: id("1"), spent_vout: 3, lost_txid: id("2"), new_txid: id("3") },
  ...{ confirmations, new_height: 9, lost_tip: hashOf(8, "b"), fork_height: 5 },
  ...{ paid: 100, withdrawn: 100, redirected: 99 },
  ...fields,
});

let height = 10;
const at = (double_spends: readonly DoubleSpend[] | undefined, later_ms = 0) => {
  const seen = observation(
    [header(++height)],
    double_spends && { double_spends: [...double_spends] },
  );
  return { ...seen, at_ms: seen.at_ms + later_ms };
};

const kindOf = (one: DoubleSpend, chain = digibyte) =>
  run(doubleSpend, [at([one])], chain)[0]!.map(({ severity, latched, evidence }) => [
    (evidence as { kind: string }).kind,
    severity,
    latched,
  ]);

describe("doubleSpend", () => {
  it("names both transactions, the coin and the branch", () => {
    const [[found]] = run(doubleSpend, [at([taken(3)])], digibyte) as [[unknown]];
    expect(found).toMatchObject({
      finding_id: `double_spend:${"2".repeat(16)}:${"3".repeat(16)}`,
      height: 9,
      evidence: {
        ...{ outpoint: `${id("1")}:3`, lost_txid: id("2"), new_txid: id("3"), confirmations: 3 },
        ...{ lost_tip: hashOf(8, "b"), fork_height: 5, withdrawn: 100, until_ms: null },
      },
    });
  });

  it("is critical where an honest chain loses as many confirmations at most once a year", () => {
    // DigiByte: 2,103,840·0.0071² = 105 a year, ·0.0071³ = 0.75.
    expect(kindOf(taken(2))).toEqual([["staged", 0.59, false]]);
    expect(kindOf(taken(3))).toEqual([["payment", 0.99, true]]);
    expect(kindOf(taken(2), litecoin)).toEqual([["staged", 0.59, false]]);
    expect(kindOf(taken(3), litecoin)).toEqual([["payment", 0.99, true]]);
  });

  it.each<[string, Partial<DoubleSpend>]>([
    ["all recipients get what they got", { paid: 0, withdrawn: 0, redirected: 50 }],
    [
      "the change alone gets less, all of which is fee",
      { paid: 100, withdrawn: 10, redirected: 0 },
    ],
  ])("raises no alarm for another fee: %s", (_, fields) => {
    expect(kindOf(taken(6, fields))).toEqual([["fee_bump", 0, false]]);
  });

  it.each<[string, Partial<DoubleSpend>]>([
    ["a base unit goes to another script", { paid: 100, withdrawn: 10, redirected: 1 }],
    ["more than a tenth goes into the fee", { paid: 100, withdrawn: 11, redirected: 0 }],
  ])("takes it for a payment where %s", (_, fields) => {
    expect(kindOf(taken(6, fields))).toEqual([["payment", 0.99, true]]);
  });

  it("holds what anyone can stage for a day, a payment until it is acknowledged", () => {
    const other = taken(1, { lost_txid: id("4") });
    const found = run(doubleSpend, [at([taken(3), other]), at([], 86_400_000)], digibyte);
    expect(found.map((one) => one.length)).toEqual([2, 1]);
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    const { findings } = sentinel.observe(at([taken(30)]));
    const found_id = findings.find(({ detector }) => detector === "double_spend")!.finding_id;
    const order = { operator: "alice", reason: "the shop was paid again" };
    expect(sentinel.acknowledge(found_id, order, Date.now())).toEqual({ accepted: true });
    const after = sentinel.observe(at([]));
    expect(after.findings.map(({ detector }) => detector)).not.toContain("double_spend");
  });

  it("keeps the worst of too many", () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      taken(1, { lost_txid: hashOf(i, "e"), new_txid: hashOf(i, "f") }),
    );
    const [found] = run(doubleSpend, [at([taken(9), ...many])], digibyte);
    expect(found).toHaveLength(32);
    expect(found![0]).toMatchObject({ severity: 0.99 });
  });

  it("does not run where transactions were not read, and does on a node that syncs", () => {
    expect(doubleSpend.hasEvidence!(observation([header(1)]))).toBe(false);
    const syncing = timed({ ...at([taken(3)]), syncing: true });
    const reduced = doubleSpend.reduceUnwatched!(doubleSpend.initial(), syncing, digibyte);
    expect(reduced.findings).toHaveLength(1);
    const silent = doubleSpend.reduceUnwatched!(reduced.state, timed(at(undefined)), digibyte);
    expect(silent).toEqual({ state: reduced.state, findings: null });
  });
});
