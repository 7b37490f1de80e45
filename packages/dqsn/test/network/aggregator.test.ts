import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADVISORY_LEVELS, ENVELOPE_DECISIONS } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregate, calculateNetworkRisk, signalToEnvelope, toLevel } from "../../src/index.js";
import { report, reportArbitrary } from "../support/signals.js";

const sample = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../examples/sample_signals.json"), "utf8"),
) as unknown[];

describe("aggregate, calculateNetworkRisk, toLevel (DQSN v2, section 5)", () => {
  it("reads 0.8, 0.75 and 0.9 from three nodes as CRITICAL_GLOBAL", () => {
    const state = aggregate(sample);
    const risk = calculateNetworkRisk(state);
    // consensus: 0.8 and 0.75 with equal weight, the worse half; infra: 0.9; the worst is 0.9
    expect(risk).toEqual({
      score: 0.9,
      channels: {
        consensus: { score: 0.8, signals: 2 },
        mempool: { score: 0, signals: 0 },
        wallet: { score: 0, signals: 0 },
        infra: { score: 0.9, signals: 1 },
      },
    });
    const { critical_reporters } = state;
    expect(toLevel({ score: risk.score, critical_reporters })).toBe("CRITICAL_GLOBAL");
  });
});

describe("aggregate", () => {
  it("keeps the latest signal per node, source and type", () => {
    const old = report({ severity: 0.9, observed_at: 1 });
    const recent = report({ severity: 0.2, observed_at: 2 });
    const undated = report({ severity: 0.8 });
    expect(aggregate([recent, undated, old]).signals).toEqual([recent]);
  });

  it("lists what it refuses, and is silent about the rest", () => {
    const state = aggregate([report(), report({ severity: 9 })]);
    expect(state).toMatchObject({
      live_reporters: 1,
      silent: true,
      refused: [{ index: 1, code: "DQSN_ERROR_SIGNAL_INVALID", path: "/severity" }],
    });
    expect(toLevel({ ...state, ...calculateNetworkRisk(state) })).toBe("UNKNOWN");
  });

  it("is silent for an empty network", () => {
    const state = aggregate([]);
    const risk = calculateNetworkRisk(state);
    expect(risk.score).toBe(0.25);
    expect(toLevel({ ...state, ...risk })).toBe("UNKNOWN");
  });

  it("does not depend on the order of the signals", () => {
    const shuffles = fc
      .array(reportArbitrary, { maxLength: 12 })
      .chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
        ),
      );
    fc.assert(
      fc.property(shuffles, ([list, shuffled]) => {
        expect(aggregate(shuffled)).toEqual(aggregate(list));
      }),
    );
  });
});

describe("calculateNetworkRisk", () => {
  const node = (id: string, severity: number, source: "sentinel" | "adn" = "sentinel") =>
    report({ node_id: id, severity, source, type: "node_status" });

  it.each([
    // infra: 0.1, 0.2, 0.5; the median is 0.2
    [{}, 0.2],
    // (0.1 + 0.2 + 0.5) / 3 = 0.266666…, rounded up
    [{ scoring: "weighted_mean" }, 0.266667],
    // weights 1, 1, 3 of 5: 0.5 alone holds more than half
    [{ weights: { adn: 3 }, max_operator_weight: 3 }, 0.5],
    // capped at 1: as without weights
    [{ weights: { adn: 3 } }, 0.2],
    // (0.1 + 0.2 + 3 × 0.5) / 5 = 0.36
    [{ scoring: "weighted_mean", weights: { adn: 3 }, max_operator_weight: 3 }, 0.36],
  ] as const)("scores with %j: %d", (options, score) => {
    const state = aggregate([node("a", 0.1), node("b", 0.2), node("c", 0.5, "adn")]);
    expect(calculateNetworkRisk(state, options).channels.infra.score).toBe(score);
  });

  it("takes the worst severity of a node with several signals", () => {
    const state = aggregate([report({ severity: 0.1 }), report({ type: "reorg", severity: 0.4 })]);
    expect(calculateNetworkRisk(state).channels.consensus).toEqual({ score: 0.4, signals: 2 });
  });

  it("caps an uncorroborated alarm at 0.59, in its channel too", () => {
    const risk = calculateNetworkRisk(aggregate([report({ severity: 1 })]));
    expect(risk.score).toBe(0.59);
    expect(risk.channels.consensus.score).toBe(0.59);
  });

  it("keeps a quorum at 0.60 or above however many are calm", () => {
    const calm = Array.from({ length: 18 }, (_, i) => node(`calm-${i}`, 0));
    const state = aggregate([...calm, node("a", 0.7), node("b", 0.7)]);
    const risk = calculateNetworkRisk(state);
    expect(risk.channels.infra.score).toBe(0);
    expect(risk.score).toBe(0.6);
    expect(toLevel({ ...state, ...risk })).toBe("CRITICAL_GLOBAL");
  });
});

describe("regressions", () => {
  const healthy = Array.from({ length: 9 }, (_, i) => report({ node_id: `h-${i}`, severity: 0 }));
  const levelOf = (signals: readonly unknown[]) => {
    const state = aggregate(signals);
    return toLevel({ ...state, ...calculateNetworkRisk(state) });
  };

  it("does not dilute one real alarm among nine healthy reports to NORMAL", () => {
    expect(levelOf([...healthy, report({ node_id: "a", severity: 0.9 })])).toBe("CRITICAL_LOCAL");
    expect(calculateNetworkRisk(aggregate([...healthy, report({ severity: 0.9 })])).score).toBe(
      0.25,
    );
  });

  it("makes CRITICAL_GLOBAL of two among nine", () => {
    const two = ["a", "b"].map((node_id) => report({ node_id, severity: 0.9 }));
    expect(levelOf([...healthy, ...two])).toBe("CRITICAL_GLOBAL");
  });

  it.each([0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.9, 1])(
    "gives one report of %d a level that the contract has",
    (severity) => {
      expect(ADVISORY_LEVELS).toContain(levelOf([report({ severity })]));
      const result = signalToEnvelope(report({ severity }));
      expect(ENVELOPE_DECISIONS).toContain(result.accepted && result.envelope.decision);
    },
  );

  it("gives WARN and ELEVATED for one WARN", () => {
    expect(levelOf([report({ severity: 0.3 })])).toBe("ELEVATED");
    expect(signalToEnvelope(report({ severity: 0.3 }))).toMatchObject({
      envelope: { decision: "WARN" },
    });
  });
});
