import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { blockStall } from "../../src/index.js";
import { header, observation, run, timed } from "../support/chain.js";

const tip = header(10);
const after = (seconds: number, fields = {}) =>
  observation([], { tip, at_ms: (tip.time_s + seconds) * 1_000, ...fields });
const severityAfter = (seconds: number) =>
  run(blockStall, [observation([tip]), after(seconds)])[1]?.[0]?.severity ?? 0;

describe("blockStall", () => {
  // log10 of the years = log10(1 + 0.032·t/15)/0.032 − 6.32301: 1 year at 278.3 s, 1,000 at 463.0 s,
  // 1,000,000 at 693.4 s.
  it.each([
    [0, 0],
    [278, 0],
    [279, 0.251745], // log10 = 0.01496; 0.25 + 0.35·0.01496/3
    [464, 0.601524], // log10 = 3.01524; 0.60 + 0.1·0.01524
    [694, 0.900652], // log10 = 6.00652
    [1_200, 0.99],
  ])("rates a gap of %d s at %d", (seconds, severity) => {
    expect(severityAfter(seconds)).toBeCloseTo(severity, 4);
  });

  // ln(2,103,840) = 14.5592, ln(2,103,840,000,000) = 28.3747
  it.each([
    [218, undefined],
    [219, 0.252063], // log10 = 219/(15·ln 10) − 6.32301 = 0.01768
    [426, 0.901095], // log10 = 6.01095
  ])("takes a rate that never varies for exponential: %d s is %d", (seconds, severity) => {
    const steady = { ...digibyteRegtest, rate_variance: 0 };
    const found = run(blockStall, [observation([tip]), after(seconds)], steady)[1];
    expect(found?.[0]?.severity).toBe(severity);
  });

  it("keeps the finding's id while it lasts and ends it with the next block", () => {
    const next = header(11, { time_s: tip.time_s + 400 });
    const found = run(blockStall, [after(0), after(300), after(390), observation([next])]);
    expect(found.map((findings) => findings.map(({ finding_id }) => finding_id))).toEqual([
      [],
      ["block_stall:10"],
      ["block_stall:10"],
      [],
    ]);
  });

  it("counts from when the tip was first seen where its time lies ahead", () => {
    const ahead = header(11, { time_s: tip.time_s + 7_200 });
    const seen = { tip: ahead, at_ms: (tip.time_s + 15) * 1_000 };
    const later = { tip: ahead, at_ms: (tip.time_s + 15 + 300) * 1_000 };
    const found = run(blockStall, [after(0), observation([ahead], seen), observation([], later)]);
    expect(found[2]?.[0]?.evidence).toMatchObject({ gap_seconds: 300 });
  });

  it("counts from the last sight of another tip where its time lies behind that", () => {
    const behind = header(11, { time_s: tip.time_s - 600 });
    const seen = observation([behind], { at_ms: (tip.time_s + 15) * 1_000 });
    expect(run(blockStall, [after(0), seen])[1]).toEqual([]);
  });

  it("finds at first sight a tip that is already old", () => {
    expect(run(blockStall, [after(800)])[0]?.[0]?.severity).toBe(0.99);
  });
});

/** Findings after steps of a node that is silent (`away`) or answers, seconds after its last tip's time. */
function course(steps: readonly (readonly [seconds: number, fields: object | "away"])[]) {
  let state = blockStall.initial();
  return steps.map(([seconds, fields]) => {
    if (fields === "away") {
      const silent = timed({ ...after(seconds), reachable: false, tip: null });
      state = blockStall.reduceUnwatched!(state, silent, digibyteRegtest).state;
      return "kept";
    }
    const reduced = blockStall.reduce(state, timed(after(seconds, fields)), digibyteRegtest);
    state = reduced.state;
    return reduced.findings[0]?.severity ?? 0;
  });
}

describe("blockStall and a node that was away", () => {
  it.each([480, 720, 86_400])("raises nothing at the first answer after %d s", (seconds) => {
    const found = course([
      [0, {}],
      [20, "away"],
      [seconds, "away"],
      [seconds + 10, {}],
      [seconds + 200, {}],
    ]);
    expect(found.filter((one) => one !== "kept")).toEqual([0, 0, 0]);
  });

  it("raises nothing at the first answer after a restart that no poll saw", () => {
    expect(
      course([
        [0, {}],
        [800, { restarted: true }],
      ]),
    ).toEqual([0, 0]);
  });

  it("raises nothing at the first answer of a node that was synchronising before the first poll", () => {
    expect(
      course([
        [85_000, "away"],
        [85_797, {}],
      ]),
    ).toEqual(["kept", 0]);
  });

  it("counts all of it when no block has come for ten minutes", () => {
    const found = course([
      [0, {}],
      [20, "away"],
      [720, "away"],
      [730, {}],
      [1_330, {}],
    ]);
    expect(found.at(-1)).toBe(0.99);
  });

  it("makes no open finding milder by a restart", () => {
    const found = course([
      [0, {}],
      [500, {}],
      [530, "away"],
      [700, "away"],
      [710, {}],
    ]);
    expect(found[1]).toBeGreaterThan(0.6);
    expect(found[4]).toBeGreaterThan(0.9);
  });

  it("counts from when the tip last moved while the node catches up: stuck is a stall", () => {
    const behind = { best_header_height: 600 };
    const found = course([
      [85_797, behind],
      [85_997, behind],
      [86_097, behind],
      [86_497, behind],
    ]);
    expect(found[0]).toBe(0);
    expect(found[1]).toBe(0);
    expect(found[2]).toBeGreaterThan(0.25);
    expect(found[3]).toBeGreaterThan(0.9);
  });

  it("takes a tip after which its source shows more for no stall", () => {
    expect(course([[85_797, { more: true }]])).toEqual([0]);
  });

  it("goes on from a state of the earlier form", () => {
    const since_ms = tip.time_s * 1_000;
    const stored = { tip_hash: tip.hash, since_ms, observed_ms: since_ms + 600_000 };
    const state = blockStall.upgrade!(stored)!;
    const { findings } = blockStall.reduce(state, timed(after(800)), digibyteRegtest);
    expect(findings[0]?.severity).toBe(0.99);
    expect(blockStall.upgrade!({ other: 1 })).toBeUndefined();
  });
});
