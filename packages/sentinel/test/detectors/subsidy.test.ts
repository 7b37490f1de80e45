import { describe, expect, it } from "vitest";
import { bitcoin, digibyte, litecoinRegtest } from "@dgb-shield/chain";
import { type BlockDetail, createSentinel, replay, subsidy } from "../../src/index.js";
import { hashOf, header, NODE, observation, randomNumbers, run } from "../support/chain.js";

const detail = (height: number, claimed: number, fees = 0, branch = "a"): BlockDetail => ({
  hash: hashOf(height, branch),
  height,
  coinbase_value: claimed + fees,
  fees,
});
const at = (...details: BlockDetail[]) =>
  observation([header(details.at(-1)?.height ?? 1)], { details });
const ids = (findings: readonly { finding_id: string }[]) =>
  findings.map(({ finding_id }) => finding_id);

describe("subsidy", () => {
  describe("by the chain's schedule", () => {
    const COIN = 100_000_000;
    it.each([
      [0, 50 * COIN, 0, []],
      [209_999, 50 * COIN, 12_345, []],
      [209_999, 50 * COIN + 1, 12_345, ["subsidy:209999"]],
      [210_000, 25 * COIN, 0, []],
      [210_000, 25 * COIN + 1, 0, ["subsidy:210000"]],
      [840_000, 312_500_000, 5, []],
      [210_000 * 10, 4_882_812, 0, []],
      [210_000 * 10, 4_882_813, 0, ["subsidy:2100000"]],
      [210_000 * 64, 1, 0, ["subsidy:13440000"]],
      [840_000, 0, 1_000, []],
    ])("at %d of Bitcoin, %d beside %d of fees: %j", (height, claimed, fees, expected) => {
      expect(ids(run(subsidy, [at(detail(height, claimed, fees))], bitcoin)[0]!)).toEqual(expected);
    });

    it("takes fees that were not claimed for no subsidy", () => {
      const less = { ...detail(1, 50 * COIN), fees: 1_000 };
      expect(run(subsidy, [at(less)], bitcoin)[0]).toEqual([]);
    });

    it("finds one coin too much on litecoind's regtest", () => {
      const found = run(subsidy, [at(detail(952, 78_125_000 + COIN, 500))], litecoinRegtest)[0]!;
      expect(found[0]).toMatchObject({
        severity: 0.99,
        latched: true,
        evidence: { claimed: 178_125_000, allowed: 78_125_000, blocks: 1 },
      });
    });
  });

  describe("by what other blocks claimed", () => {
    const FROM = 24_200_000;
    const SUBSIDY = 27_410_000_000;
    /** Blocks of DigiByte: the subsidy falls by 1 % a month; some miners claim less. */
    function* honest(blocks: number, seed: number) {
      const random = randomNumbers(seed);
      for (let i = 0; i < blocks; i++) {
        const allowed = Math.floor(SUBSIDY * 0.99 ** Math.floor(i / 175_200));
        const fees = Math.floor(1e6 * random());
        const claimed = random() < 0.1 ? Math.floor(allowed * random()) - fees : allowed;
        yield { ...detail(FROM + i, claimed, fees), coinbase_value: Math.max(0, claimed + fees) };
      }
    }
    const afterHonest = (blocks: number, ...then: BlockDetail[]) => [
      at(...honest(blocks, 3)),
      ...then.map((one) => at(one)),
    ];

    it("finds nothing in three months", () => {
      let state = subsidy.initial();
      let batch: BlockDetail[] = [];
      for (const one of honest(525_600, 5)) {
        batch.push(one);
        if (batch.length < 4_000) continue;
        const reduced = subsidy.reduce(state, at(...batch) as never, digibyte);
        expect(reduced.findings).toEqual([]);
        [state, batch] = [reduced.state, []];
      }
    });

    it.each([1, SUBSIDY])("finds %d too much", (more) => {
      const found = run(
        subsidy,
        afterHonest(500, detail(FROM + 500, SUBSIDY + more, 77)),
        digibyte,
      );
      expect(ids(found[1]!)).toEqual([`subsidy:${FROM + 500}`]);
      expect(found[1]![0]?.evidence).toMatchObject({ claimed: SUBSIDY + more, allowed: SUBSIDY });
    });

    it("takes nothing into its baseline from a block that claims too much", () => {
      const more = [0, 1].map((i) => detail(FROM + 500 + i, SUBSIDY + 5));
      const found = run(subsidy, afterHonest(500, ...more), digibyte);
      expect(found[2]![0]?.evidence).toMatchObject({ allowed: SUBSIDY, blocks: 2 });
    });

    it("compares with nothing before 240 blocks, nor where few have claimed the most", () => {
      const early = run(subsidy, afterHonest(200, detail(FROM + 200, SUBSIDY + 5)), digibyte);
      expect(early.flat()).toEqual([]);
      const less = Array.from({ length: 400 }, (_, i) => detail(FROM + i, SUBSIDY - 1_000 - i));
      const few = run(subsidy, [at(...less), at(detail(FROM + 400, SUBSIDY))], digibyte);
      expect(few.flat()).toEqual([]);
    });

    it("counts a block once, and until it is acknowledged", () => {
      const sentinel = createSentinel({ node_id: NODE, chain: digibyte, detectors: [subsidy] });
      const order = { operator: "alice", reason: "known" };
      const [first, ...rest] = afterHonest(500);
      sentinel.observe(first!);
      expect(rest).toEqual([]);
      const bad = at(detail(FROM + 500, SUBSIDY + 5));
      sentinel.observe(bad);
      const again = sentinel.observe({ ...bad, at_ms: bad.at_ms + 1_000 });
      expect(again.findings[0]?.evidence["blocks"]).toBe(1);
      const id = `subsidy:${FROM + 500}`;
      expect(sentinel.acknowledge(id, order, bad.at_ms + 2_000).accepted).toBe(true);
      const next = sentinel.observe(at(detail(FROM + 501, SUBSIDY + 5)));
      expect(ids(next.findings)).toEqual([`subsidy:${FROM + 501}`]);
    });

    it("keeps one that was reorganised away, and distinguishes two of one height", () => {
      const both = [detail(FROM + 500, SUBSIDY + 5), detail(FROM + 500, SUBSIDY, 0, "b")];
      const found = run(subsidy, afterHonest(500, ...both), digibyte);
      expect(ids(found[2]!)).toEqual([`subsidy:${FROM + 500}`]);
    });

    it("is replayed: found at the block that overpays", () => {
      const observations = afterHonest(300, detail(FROM + 300, SUBSIDY * 2)).map((one) => ({
        label: "node",
        observation: one,
      }));
      const { findings } = replay(observations, { chain: digibyte, detectors: [subsidy] });
      expect(findings).toMatchObject([{ raised_height: FROM + 300, level: "critical" }]);
    });
  });

  it("does not run where blocks were not read", () => {
    expect(subsidy.hasEvidence!(observation([header(1)]))).toBe(false);
    expect(subsidy.hasEvidence!(at())).toBe(true);
  });
});
