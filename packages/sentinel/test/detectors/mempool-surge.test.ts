import { describe, expect, it } from "vitest";
import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { mempoolSurge, type WatchedObservation } from "../../src/index.js";
import { header, observation, randomNumbers, run, timed } from "../support/chain.js";

type Mempool = NonNullable<WatchedObservation["mempool"]>;
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

  // 3·2,103,840·½·exp(−ln((x + 5)/24.5)/0.25) a year is 1 at x = 24.5·exp(0.25·14.9647) − 5 = 1,028
  it.each([
    ["count", { ...usual, count: 600 }, undefined],
    ["count", { ...usual, count: 1_200 }, 1_200],
    ["bytes", { ...usual, bytes: 2_000_000 }, 2_000_000],
    ["fee_floor", { ...usual, bytes: 250_000, fee_floor: 500_000 }, 500_000],
    ["fee_floor", { ...usual, bytes: 249_999, fee_floor: 500_000 }, undefined],
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
    const less = { ...usual, count: 300 };
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

  it("adapts no faster to observations that come more often", () => {
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
    expect(again.count.baseline).toEqual(first.count.baseline);
  });

  it("is not taught by a flood, but by what lasts", () => {
    const flood = Array.from({ length: 60 }, () => ({ ...usual, count: 5_000 }));
    expect(run(mempoolSurge, after(300, ...flood)).at(-1)).toHaveLength(1);
    const forDays = Array.from({ length: 12_000 }, () => ({ ...usual, count: 5_000 }));
    expect(run(mempoolSurge, after(300, ...forDays)).at(-1)).toEqual([]);
  });

  it.each([
    [undefined, {}],
    [{ ...usual, loaded: false }, {}],
    [usual, { restarted: true }],
  ])("does not run on %j with %j", (mempool, fields) => {
    const seen = observation([header(1)], { mempool: mempool ?? null, ...fields });
    expect(mempoolSurge.hasEvidence!(seen)).toBe(false);
    const whole = observation([header(1)], { mempool: { ...usual, loaded: true } });
    expect(mempoolSurge.hasEvidence!(whole)).toBe(true);
  });

  it("states how much the mempool holds, where the node gives it", () => {
    const [finding] = lastOf({ ...usual, count: 5_000, max_bytes: 5_000_000 });
    expect(finding?.evidence["max_bytes"]).toBe(5_000_000);
  });

  describe("on a quiet chain", () => {
    /** Blocks of DigiByte's real traffic: 0.2 transactions a second by day, 0.02 by night. */
    function* quiet(days: number, batch: (random: () => number) => Mempool | undefined) {
      const random = randomNumbers(9);
      for (let i = 0; i < days * 5_760; i++) {
        const isNight = i % 5_760 < 2_400;
        const waiting = -Math.log(random()) * 15 * (isNight ? 0.02 : 0.2);
        const count = Math.floor(waiting);
        const more = batch(random) ?? { count: 0, bytes: 0 };
        yield { count: count + more.count, bytes: 300 * count + more.bytes, fee_floor: 100_000 };
      }
    }
    function findingsOn(mempools: Iterable<Mempool>): Set<string> {
      let state = mempoolSurge.initial();
      const found = new Set<string>();
      let height = 0;
      for (const mempool of mempools) {
        const seen = timed(observation([header(++height)], { mempool }));
        const reduced = mempoolSurge.reduce(state, seen, digibyte);
        state = reduced.state;
        for (const { finding_id } of reduced.findings) found.add(finding_id);
      }
      return found;
    }
    const batchOf = (chance: number, least: number, most: number) => (random: () => number) => {
      if (random() > chance) return undefined;
      const count = Math.floor(least * (most / least) ** random());
      return { count, bytes: count * 250 };
    };

    it.each([
      ["no batch", () => undefined],
      ["twenty batches a day of up to 199 transactions", batchOf(20 / 5_760, 20, 199)],
      ["a consolidation of 120 inputs each hour", () => ({ count: 1, bytes: 17_800 })],
    ])("finds nothing in twenty days with %s", (_, batch) => {
      expect([...findingsOn(quiet(20, batch))]).toEqual([]);
    });

    it("finds large batches that come each day until they are known, and then none", () => {
      const found = findingsOn(quiet(20, batchOf(4 / 5_760, 200, 800)));
      expect(found.size).toBeLessThanOrEqual(2);
    });

    it("finds a flood on top of batches", () => {
      const flood = { count: 20_000, bytes: 5_000_000 };
      const days = [...quiet(5, batchOf(4 / 5_760, 200, 800)), flood];
      const found = findingsOn(days);
      expect([...found].at(-1)).toBe(`mempool_surge:${days.length}`);
    });
  });

  it("reads the state that an earlier version stored", () => {
    const baseline = { centre: Math.log(21), spread: 0.1, samples: 300, sampled_at_ms: 5 };
    const stored = { count: baseline, bytes: baseline, fee_floor: baseline, raised_at: 7 };
    const state = mempoolSurge.upgrade!(stored)!;
    expect(mempoolSurge.stateSchema.safeParse(state).success).toBe(true);
    expect(state.raised_at).toBe(7);
    expect(Math.exp(state.count.baseline.centre)).toBeCloseTo(25);
    expect(mempoolSurge.upgrade!({ other: 1 })).toBeUndefined();
  });
});
