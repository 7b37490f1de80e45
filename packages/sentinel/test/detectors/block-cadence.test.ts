import { describe, expect, it } from "vitest";
import { bitcoin, digibyte, digibyteRegtest, litecoin } from "@dgb-shield/chain";
import { blockCadence } from "../../src/index.js";
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
    const YEARS = 1;
    expect(falseAlarms(YEARS * 2_103_840, 1)).toBeLessThanOrEqual(YEARS);
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

  it("does not take back-filled blocks for a pace", () => {
    const { state } = blockCadence.reduce(
      blockCadence.initial(),
      timed(observation([header(1)])),
      digibyteRegtest,
    );
    const syncing = { ...timed(observation([header(2)])), syncing: true };
    const filled = blockCadence.reduceUnwatched!(state, syncing, digibyteRegtest).state;
    const tip = header(2_001, { time_s: header(1).time_s + 25_000 });
    expect(
      blockCadence.reduce(filled, timed(observation([tip])), digibyteRegtest).findings,
    ).toEqual([]);
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

  it("measures no spacing across a reorganisation", () => {
    const state = blockCadence.reduce(
      blockCadence.initial(),
      timed(observation([header(10)])),
      digibyteRegtest,
    ).state;
    const other = header(11, { previous_hash: hashOf(10, "b"), time_s: START_S });
    const after = blockCadence.reduce(state, timed(observation([other])), digibyteRegtest).state;
    expect(after).toEqual({ ...state, last: { hash: other.hash, height: 11, time_s: START_S } });
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
