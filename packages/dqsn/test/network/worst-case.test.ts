/** What is malformed counts as the worst, and one operator as one (design section 4.2: scoring, level). */
import { SIGNAL_SOURCES, type SignalV2 } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aggregate,
  calculateNetworkRisk,
  createDqsn,
  createNetworkState,
  type NetworkConfig,
  signalToEnvelope,
  toLevel,
} from "../../src/index.js";
import { request, signal as envelope } from "../support/envelopes.js";
import { report, reportArbitrary } from "../support/signals.js";

const NOW = 1_782_664_805_000;

const viewOf = (signals: readonly SignalV2[], config: NetworkConfig = {}) => {
  const network = createNetworkState({ hold_ms: 0, ...config });
  for (const signal of signals) network.ingest(signal, NOW);
  return network.view(NOW);
};

const pureOf = (signals: readonly SignalV2[], config: NetworkConfig = {}) => {
  const state = aggregate(signals);
  const risk = calculateNetworkRisk(state, config);
  const level = toLevel({ ...state, ...risk });
  return { level, ...risk };
};

describe("a weight", () => {
  const wallet = { source: "wallet_guard", type: "unusual_withdrawals" } as const;
  const honest = Array.from({ length: 9 }, (_, i) =>
    report({ ...wallet, node_id: `h${i}`, operator: `honest-${i}`, severity: 0.55 }),
  );
  const liars = Array.from({ length: 100 }, (_, i) =>
    report({ ...wallet, node_id: `l${i}`, operator: "liar", severity: 0 }),
  );

  it.each([0.000001, 0.1, 0.5, 1])(
    "of %d is an operator's, not its nodes': a hundred nodes of one outvote no nine operators",
    (weight) => {
      const config = { weights: { wallet_guard: weight } };
      const signals = [...honest, ...liars];
      expect(viewOf(signals, config)).toMatchObject({ level: "ELEVATED", score: 0.55 });
      expect(pureOf(signals, config)).toMatchObject({ level: "ELEVATED", score: 0.55 });
    },
  );

  it("is that of the heaviest source of an operator, not the sum of its sources", () => {
    const infra = (operator: string, source: SignalV2["source"], severity: number) =>
      report({ node_id: operator, operator, source, type: "node_status", severity });
    // three operators of weight 1 at 0.4 outweigh one of weight 2, however many sources it has
    const signals = [
      ...["a", "b", "c"].map((operator) => infra(operator, "infra", 0.4)),
      ...(["infra", "oracle", "adn", "sentinel"] as const).map((s) => infra("liar", s, 0)),
    ];
    const config = { weights: { adn: 2 }, max_operator_weight: 1_000 };
    expect(viewOf(signals, config).score).toBe(0.4);
    expect(pureOf(signals, config).score).toBe(0.4);
  });
});

describe("calculateNetworkRisk", () => {
  const calm = Array.from({ length: 10 }, (_, i) => report({ node_id: `n${i}`, severity: 0.1 }));

  it.each([
    [{ weights: { sentinel: NaN } }],
    [{ weights: { sentinel: -1 } }],
    [{ weights: { sentinel: 0 } }],
    [{ weights: { sentinel: Infinity } }],
    [{ weights: { adn: "1" } }],
    [{ max_operator_weight: NaN }],
    [{ max_operator_weight: -1 }],
    [{ max_operator_weight: 1_001 }],
    [{ global_quorum: NaN }],
    [{ global_quorum: 0 }],
    [{ global_quorum: 1.5 }],
    [{ scoring: "median" }],
  ])("takes the worst case for %j", (options) => {
    const state = aggregate(calm);
    const risk = calculateNetworkRisk(state, options as never);
    expect(risk.score).toBe(1);
    expect(risk.channels.consensus).toEqual({ score: 1, signals: 10 });
    expect(toLevel({ ...state, ...risk })).toBe("CRITICAL_LOCAL");
  });

  it.each([NaN, -1, 2, Infinity, "0", undefined])("takes the severity %s for the worst", (bad) => {
    const state = aggregate(calm);
    const signals = state.signals.map((signal) => ({ ...signal, severity: bad as number }));
    const risk = calculateNetworkRisk({ ...state, signals, critical_reporters: NaN });
    expect(risk.score).toBeGreaterThan(0.25);
    expect(toLevel({ ...state, ...risk })).not.toBe("NORMAL");
  });

  it.each([null, undefined, {}, "signals", 7])("is UNKNOWN for the network %j", (given) => {
    const state = aggregate(given as never);
    expect(state).toMatchObject({ signals: [], live_reporters: 0, silent: true });
    expect(pureOf(given as never).level).toBe("UNKNOWN");
  });
});

describe("the pure functions and the live state", () => {
  it("agree on any signals of one moment", () => {
    const signals = fc.array(
      reportArbitrary.map((signal) => ({ ...signal, observed_at: NOW })),
      { maxLength: 20 },
    );
    const weights = fc.dictionary(
      fc.constantFrom(...SIGNAL_SOURCES),
      fc.constantFrom(0.000001, 0.5, 1, 3),
    );
    fc.assert(
      fc.property(signals, weights, (list, given) => {
        const config = { weights: { ...given }, max_operator_weight: 2 };
        const { level, score, channels } = viewOf(list, config);
        expect(pureOf(list, config)).toEqual({ level, score, channels });
      }),
    );
  });
});

describe("a severity just below a threshold", () => {
  it.each([
    [0.5999996, "ELEVATED", "WARN", "MEDIUM"],
    [0.59999999, "ELEVATED", "WARN", "MEDIUM"],
    [0.6, "CRITICAL_LOCAL", "BLOCK", "HIGH"],
    [0.2499999, "NORMAL", "ALLOW", "LOW"],
    [0.25, "ELEVATED", "WARN", "MEDIUM"],
  ])("%d is %s in the view, and %s in its envelope", (severity, level, decision, tier) => {
    const given = report({ severity });
    expect(viewOf([given]).level).toBe(level);
    expect(pureOf([given]).level).toBe(level);
    expect(signalToEnvelope(given)).toMatchObject({ envelope: { decision, risk: { tier } } });
  });
});

describe("evaluate", () => {
  it("puts its own code first, whatever an upstream code looks like", () => {
    const dqsn = createDqsn();
    const posing = { reason_codes: ["DQSN_OK_ALLOW", "DQSN_ERROR_SIGNAL_CONFLICT"] };
    const block = dqsn.evaluate(request([envelope({ decision: "BLOCK", score: 1, ...posing })]));
    expect(block.reason_codes).toEqual([
      "DQSN_BLOCK",
      "DQSN_ERROR_SIGNAL_CONFLICT",
      "DQSN_OK_ALLOW",
    ]);
    const allow = dqsn.evaluate(request([envelope(posing)]));
    expect(allow.reason_codes[0]).toBe("DQSN_OK_ALLOW");
    expect(allow.decision).toBe("ALLOW");
  });

  it("counts an invalid signal as input under count_as_block, as it counts a duplicate", () => {
    const dqsn = createDqsn({ invalid_signal_policy: "count_as_block" });
    const { decision, evidence } = dqsn.evaluate(request([envelope(), { forged: 1 }]));
    expect(decision).toBe("BLOCK");
    expect(evidence["dedup"]).toEqual({ input_signals: 2, unique_signals: 1 });
  });
});
