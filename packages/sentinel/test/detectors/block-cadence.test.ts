import { describe, expect, it } from "vitest";
import { bitcoin, digibyte, digibyteRegtest, litecoin } from "@dgb-shield/chain";
import { runs } from "@dgb-shield/testkit/runs";
import { blockCadence, type BlockHeader } from "../../src/index.js";
import {
  hashOf,
  header,
  observation,
  randomNumbers,
  run,
  START_S,
  timed,
} from "../support/chain.js";

const HONEST_BEFORE = 1_000;

/** Blocks of the shifted pace until a finding is open, after some at the target pace. */
function delayOf(meanSeconds: number, seed: number, honestBefore = HONEST_BEFORE) {
  const random = randomNumbers(seed);
  let state = blockCadence.initial();
  let time = START_S;
  for (let height = 1; height <= honestBefore + 5_000; height++) {
    const mean = height <= honestBefore ? 15 : meanSeconds;
    time += -mean * Math.log(random());
    const tip = header(height, { time_s: Math.round(time) });
    const reduced = blockCadence.reduce(state, timed(observation([tip])), digibyteRegtest);
    state = reduced.state;
    if (height > honestBefore && reduced.findings.length > 0) {
      return { blocks: height - honestBefore, finding: reduced.findings[0]! };
    }
  }
  return { blocks: Infinity, finding: undefined };
}

/** Findings that open on honest blocks at exponential spacings, a hundred seen at once. */
function falseAlarms(blocks: number, seed: number) {
  const random = randomNumbers(seed);
  let state = blockCadence.initial();
  let time = START_S;
  const raised = new Set<string>();
  for (let height = 1; height <= blocks; height += 100) {
    const seen = Array.from({ length: 100 }, (_, i) => {
      time += -15 * Math.log(random());
      return header(height + i, { time_s: Math.round(time) });
    });
    const reduced = blockCadence.reduce(state, timed(observation(seen)), digibyteRegtest);
    state = reduced.state;
    for (const { finding_id } of reduced.findings) raised.add(finding_id);
  }
  return raised.size;
}

const delays = (honestBefore: number) =>
  Array.from({ length: 100 }, (_, i) => delayOf(12.5, 100 + i, honestBefore).blocks).sort(
    (a, b) => a - b,
  );

describe("blockCadence", () => {
  it("raises no more than one false alarm a year on honest blocks", () => {
    expect(falseAlarms(runs(500_000, 2_103_840), 1)).toBeLessThanOrEqual(1);
  });

  it("finds blocks every 12.5 s within 600 blocks in the median and 1,200 in 95 of 100", () => {
    const sorted = delays(HONEST_BEFORE);
    expect(sorted[49]).toBeGreaterThan(400);
    expect(sorted[49]).toBeLessThanOrEqual(600);
    expect(sorted[94]).toBeLessThanOrEqual(1_200);
  });

  it("does so from its very first block, too, but for the median", () => {
    const sorted = delays(0);
    expect(sorted[49]).toBeLessThanOrEqual(650);
    expect(sorted[94]).toBeLessThanOrEqual(1_200);
  });

  it("finds blocks every 18 s, as slow", () => {
    expect(delayOf(18, 3).finding?.finding_id).toMatch(/^block_cadence:slow:\d+$/);
  });

  it("runs where difficulty follows within hours alone", () => {
    expect([digibyte, bitcoin, litecoin].map((chain) => blockCadence.appliesTo!(chain))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("counts what a node fetched while it synchronised with the time that it took", () => {
    const { state } = blockCadence.reduce(
      blockCadence.initial(),
      timed(observation([header(1)])),
      digibyteRegtest,
    );
    const at = (height: number, seconds: number) =>
      timed(observation([header(height)], { at_ms: (START_S + 15 + seconds) * 1_000 }));
    // 400 of 2,000 blocks were there when it answered again, the others within the same minute.
    const part = blockCadence.reduce(state, at(401, 30_000), digibyteRegtest);
    const whole = blockCadence.reduce(part.state, at(2_001, 30_001), digibyteRegtest);
    expect(part.findings).toEqual([]);
    expect(whole.findings).toEqual([]);
  });

  it("waits for a node that catches up, for at most an hour", () => {
    const first = observation([header(1)], { at_ms: START_S * 1_000 });
    const part = (minutes: number) =>
      observation([header(1 + minutes)], {
        at_ms: (START_S + minutes * 60) * 1_000,
        best_header_height: 100_000,
      });
    let { state } = blockCadence.reduce(blockCadence.initial(), timed(first), digibyteRegtest);
    for (let minutes = 1; minutes < 60; minutes++) {
      state = blockCadence.reduce(state, timed(part(minutes)), digibyteRegtest).state;
    }
    const { slow } = blockCadence.reduce(state, timed(part(60)), digibyteRegtest).state;
    expect(state.slow.statistic).toBe(0);
    expect(slow.blocks).toBe(60);
  });

  it("takes n blocks seen at once for n, whatever their number", () => {
    const first = header(1);
    // 2,000 · ln(1.2) − (25,000/15) · 0.2 = 31.3 nats: above the ceiling
    const tip = header(2_001, { time_s: first.time_s + 25_000 });
    const [finding] = run(blockCadence, [observation([first]), observation([tip])])[1]!;
    expect(finding).toMatchObject({ finding_id: "block_cadence:fast:2001", severity: 0.99 });
    expect(finding?.evidence).toMatchObject({ mean_spacing_seconds: 12.5, blocks: 2_000 });
  });

  it("is not moved by one stall, nor by one clock that is hours off", () => {
    const at = (height: number, seconds: number) =>
      observation([header(height, { time_s: START_S + seconds })]);
    const found = run(blockCadence, [
      at(1, 0),
      at(2, 86_400),
      at(3, 86_415),
      at(4, 0),
      at(5, 86_430),
    ]);
    expect(found.flat()).toEqual([]);
  });

  it("counts nothing for a reorganisation that does not make the chain longer", () => {
    const { state } = blockCadence.reduce(
      blockCadence.initial(),
      timed(observation([header(10)])),
      digibyteRegtest,
    );
    const other = header(10, { hash: hashOf(10, "b"), previous_hash: hashOf(9, "b") });
    const after = blockCadence.reduce(state, timed(observation([other])), digibyteRegtest).state;
    expect(after.fast).toEqual(state.fast);
  });

  it("ends the finding when honest spacing has worn the sum down", () => {
    const fast = Array.from({ length: 1_500 }, (_, i) =>
      header(i + 1, { time_s: START_S + i * 12 }),
    );
    const end = fast.at(-1)!.time_s;
    const honest = Array.from({ length: 1_500 }, (_, i) =>
      header(1_501 + i, { time_s: end + (i + 1) * 15 }),
    );
    const found = run(blockCadence, [observation(fast), observation(honest)]);
    expect(found.map((findings) => findings.length)).toEqual([1, 0]);
  });
});

type Dated = (height: number, arrivedS: number, random: () => number) => number;

const AS_ARRIVED: Dated = (_, arrivedS) => arrivedS;

/** Findings on blocks that come at exponential spacings, by their arrival; their headers as a miner dates them. */
function arrivals(
  meanSeconds: number,
  blocks: number,
  { seed = 1, dated = AS_ARRIVED, delayS = 0, pollS = 0 } = {},
): { ids: string[]; firstAt: number } {
  const random = randomNumbers(seed);
  let state = blockCadence.initial();
  let [found, arrived] = [START_S, START_S];
  let waiting: BlockHeader[] = [];
  let polledS = START_S;
  const ids = new Set<string>();
  let firstAt = Infinity;
  for (let height = 1; height <= blocks; height++) {
    found += -meanSeconds * Math.log(random());
    arrived = Math.max(arrived, found - delayS * Math.log(random()));
    waiting.push(header(height, { time_s: Math.floor(dated(height, arrived, random)) }));
    if (pollS > 0 && arrived < polledS + pollS) continue;
    polledS = arrived;
    const at_ms = Math.floor(arrived * 1_000);
    const reduced = blockCadence.reduce(
      state,
      timed(observation(waiting, { at_ms })),
      digibyteRegtest,
    );
    waiting = [];
    state = reduced.state;
    for (const { finding_id } of reduced.findings) {
      ids.add(finding_id);
      firstAt = Math.min(firstAt, height);
    }
  }
  return { ids: [...ids], firstAt };
}

const HONEST_CLOCKS: Record<string, Dated> = {
  "every 20th header 260 s ahead": (height, at) => at + (height % 20 === 0 ? 260 : 0),
  "every 50th header 260 s ahead": (height, at) => at + (height % 50 === 0 ? 260 : 0),
  "every 5th header 60 s ahead": (height, at) => at + (height % 5 === 0 ? 60 : 0),
  "5 % of headers 300 s ahead": (_, at, random) => at + (random() < 0.05 ? 300 : 0),
  "headers ± 120 s": (_, at, random) => at + 240 * (random() - 0.5),
  "one algorithm's clock 3,600 s ahead": (_, at, random) => at + (random() < 0.2 ? 3_600 : 0),
};

describe("blockCadence and clocks that are wrong", () => {
  it.each(Object.entries(HONEST_CLOCKS))("takes %s for no pace", (_, dated) => {
    for (const seed of [11, 12]) expect(arrivals(15, 20_000, { seed, dated }).ids).toEqual([]);
  });

  it.each(Object.entries(HONEST_CLOCKS))("nor in a list of headers: %s", (_, dated) => {
    const random = randomNumbers(5);
    let [at, newest] = [START_S, 0];
    let state = blockCadence.initial();
    const ids = new Set<string>();
    for (let height = 1; height <= 20_000; height++) {
      at += -15 * Math.log(random());
      const time_s = Math.floor(dated(height, at, random));
      newest = Math.max(newest, time_s);
      const one = observation([header(height, { time_s })], { at_ms: newest * 1_000 });
      const reduced = blockCadence.reduce(state, timed(one), digibyteRegtest);
      state = reduced.state;
      for (const { finding_id } of reduced.findings) ids.add(finding_id);
    }
    expect([...ids]).toEqual([]);
  });

  it.each([
    ["delays of 5 s", { delayS: 5 }],
    ["delays of 30 s", { delayS: 30 }],
    ["polls each minute", { pollS: 60 }],
  ])("is not biased by %s", (_, options) => {
    for (const seed of [21, 22]) expect(arrivals(15, 40_000, { seed, ...options }).ids).toEqual([]);
  });

  it.each<[string, (height: number, arrivedS: number) => number]>([
    ["headers exactly 15 s apart", (height) => START_S + 15 * height],
    ["each seventh header 250 s ahead", (height, at) => at + (height % 7 === 0 ? 250 : 0)],
  ])("finds 12.5 s a block by arrivals as soon as with right clocks: %s", (_, dated) => {
    for (let seed = 300; seed < 300 + runs(5, 20); seed++) {
      const found = arrivals(12.5, 2_500, { seed, dated });
      expect(found).toEqual(arrivals(12.5, 2_500, { seed }));
      expect(found.ids.join()).toMatch(/^block_cadence:fast:\d+/);
    }
  });

  it("counts by arrivals after an hour where every header is an hour behind", () => {
    const dated: Dated = (height) => START_S + 15 * height - 3_600;
    for (const seed of [300, 301, 302]) {
      const { firstAt, ids } = arrivals(12.5, 4_000, { seed, dated });
      expect(firstAt).toBeLessThanOrEqual(2_500);
      expect(ids.join()).toMatch(/^block_cadence:fast:\d+/);
    }
  });

  it("lets no header fake a slow pace", () => {
    const slow = (height: number) => START_S + 18 * height;
    expect(arrivals(15, 5_000, { seed: 7, dated: slow }).ids).toEqual([]);
  });

  it("goes on from a state of the earlier form", () => {
    const side = { statistic: 5, sum: 1, blocks: 3, seconds: 30, since_height: 7, raised_at: 9 };
    const last = { hash: hashOf(10), height: 10, time_s: START_S };
    const read = blockCadence.upgrade!({ last, fast: side, slow: { ...side, raised_at: null } });
    expect(read).toMatchObject({ fast: side, slow: { raised_at: null }, pace: { tip_hash: null } });
    expect(blockCadence.stateSchema.safeParse(read).success).toBe(true);
    expect(blockCadence.upgrade!({ other: 1 })).toBeUndefined();
  });
});
