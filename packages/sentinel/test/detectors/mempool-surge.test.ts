import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { mempoolSurge } from "../../src/index.js";
import { header, observation, randomNumbers, run, timed } from "../support/chain.js";

type Mempool = { count: number; bytes: number; fee_floor?: number };
const at = (height: number, mempool: Mempool) => observation([header(height)], { mempool });
/** A steady mempool of 20 transactions, give or take a few, then others. */
const after = (steady: number, ...others: Mempool[]) => {
  const random = randomNumbers(4);
  const usual = Array.from({ length: steady }, (_, i) => {
    const count = 16 + Math.floor(8 * random());
    return at(i + 1, { count, bytes: count * 250, fee_floor: 1_000 });
  });
  return [...usual, ...others.map((mempool, i) => at(steady + 1 + i, mempool))];
};
const usual = { count: 20, bytes: 5_000, fee_floor: 1_000 };
const lastOf = (...others: Mempool[]) => run(mempoolSurge, after(300, ...others)).at(-1)!;

describe("mempoolSurge", () => {
  it("finds nothing in a steady mempool, nor in one that empties", () => {
    expect(run(mempoolSurge, after(300, usual, { count: 0, bytes: 0 })).flat()).toEqual([]);
  });

  // 3·2,103,840·½·exp(−ln((x + 1)/21)/0.25) a year is 1 at x = 21·exp(0.25·14.9647) = 885
  it.each([
    ["count", { ...usual, count: 600 }, undefined],
    ["count", { ...usual, count: 1_200 }, 1_200],
    ["bytes", { ...usual, bytes: 2_000_000 }, 2_000_000],
    ["fee_floor", { ...usual, fee_floor: 500_000 }, 500_000],
  ])("judges %s by its own baseline: %j", (series, mempool, seen) => {
    const [finding] = lastOf(mempool);
    expect(finding?.finding_id).toBe(seen === undefined ? undefined : "mempool_surge:301");
    expect(finding?.evidence[series]).toEqual(
      seen === undefined ? undefined : expect.objectContaining({ seen }),
    );
  });

  it("is never more than elevated alone", () => {
    expect(lastOf({ count: 1e9, bytes: 1e12, fee_floor: 1e9 })[0]?.severity).toBe(0.59);
  });

  it("keeps its finding while the surge wavers, and ends it when it means nothing", () => {
    const surge = { ...usual, count: 3_000 };
    const less = { ...usual, count: 600 };
    const found = run(mempoolSurge, after(300, surge, less, usual)).slice(-3);
    expect(found.map((findings) => findings.map(({ finding_id }) => finding_id))).toEqual([
      ["mempool_surge:301"],
      ["mempool_surge:301"],
      [],
    ]);
    expect(found[1]?.[0]?.severity).toBe(0.25);
  });

  it("judges nothing before 32 samples", () => {
    const surge = { ...usual, count: 1e6 };
    expect(run(mempoolSurge, after(31, surge)).at(-1)).toEqual([]);
    expect(run(mempoolSurge, after(32, surge)).at(-1)).toHaveLength(1);
  });

  it("learns no faster from being asked more often", () => {
    const first = mempoolSurge.reduce(
      mempoolSurge.initial(),
      timed(at(1, usual)),
      digibyteRegtest,
    ).state;
    const again = mempoolSurge.reduce(
      first,
      timed(at(1, { ...usual, count: 999 })),
      digibyteRegtest,
    ).state;
    expect(again).toEqual(first);
  });

  it("is not taught by a flood, but by what lasts", () => {
    const flood = Array.from({ length: 60 }, () => ({ ...usual, count: 5_000 }));
    expect(run(mempoolSurge, after(300, ...flood)).at(-1)).toHaveLength(1);
    const forDays = Array.from({ length: 12_000 }, () => ({ ...usual, count: 5_000 }));
    expect(run(mempoolSurge, after(300, ...forDays)).at(-1)).toEqual([]);
  });

  it("does not run where the mempool was not asked", () => {
    expect(mempoolSurge.hasEvidence!(observation([header(1)]))).toBe(false);
  });
});
