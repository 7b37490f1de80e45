import { networkViewSchema, type SignalV2 } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNetworkState, DqsnConfigError, type NetworkState } from "../../src/index.js";
import { report, reportArbitrary } from "../support/signals.js";

const NOW = 1_782_664_805_000;
const accepted = { accepted: true };

function networkOf(signals: SignalV2[], config: Parameters<typeof createNetworkState>[0] = {}) {
  const network = createNetworkState(config);
  for (const signal of signals) expect(network.ingest(signal, NOW)).toEqual(accepted);
  return network;
}

const node = (node_id: string, severity: number, over: Partial<SignalV2> = {}) =>
  report({ node_id, severity, ...over });

const levelOf = (network: NetworkState, nowMs = NOW) => network.view(nowMs).level;

describe("ingest", () => {
  it.each([
    ["an invalid signal", report({ severity: 2 }), NOW, "DQSN_ERROR_SIGNAL_INVALID", "/severity"],
    [
      "one that has expired",
      report({ observed_at: NOW - 300_000 }),
      NOW,
      "DQSN_ERROR_SIGNAL_EXPIRED",
      "/observed_at",
    ],
    [
      "a date in seconds",
      report({ observed_at: 1_782_664_805 }),
      NOW,
      "DQSN_ERROR_SIGNAL_INVALID",
      "/observed_at",
    ],
    ["a clock that is no time", report(), NaN, "DQSN_ERROR_CLOCK_INVALID", ""],
    ["a clock in seconds", report(), 1_782_664_805, "DQSN_ERROR_CLOCK_INVALID", ""],
  ])("refuses %s", (_, signal, nowMs, code, path) => {
    const network = createNetworkState();
    const refusal = { accepted: false, code, path };
    expect(network.ingest(signal, nowMs)).toMatchObject(refusal);
    expect(network.view(NOW).live_operators).toBe(0);
  });

  it("accepts a date ahead by the bound, and a signal one millisecond before expiry", () => {
    const network = createNetworkState();
    expect(network.ingest(report({ observed_at: NOW + 10_000 }), NOW)).toEqual(accepted);
    expect(network.ingest(report({ observed_at: NOW - 299_999 }), NOW)).toEqual(accepted);
  });

  it("refuses another node, source or type when it is full, but not news of a known one", () => {
    const network = networkOf([node("a", 0.1)], { max_live_signals: 1 });
    expect(network.ingest(node("b", 0.1), NOW)).toMatchObject({ code: "DQSN_ERROR_STATE_FULL" });
    expect(network.ingest(node("a", 0.3), NOW + 1)).toEqual(accepted);
    expect(network.view(NOW + 1).score).toBe(0.3);
  });

  it("describes a malformed time", () => {
    const text = expect.stringContaining("seconds were given where milliseconds are expected");
    const network = createNetworkState();
    expect(network.ingest(report(), 1_782_664_805)).toMatchObject({ detail: text });
    const dated = report({ observed_at: 1_782_664_805 });
    expect(network.ingest(dated, NOW)).toMatchObject({ path: "/observed_at", detail: text });
  });

  it("never throws for anything", () => {
    const network = createNetworkState();
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (signal, nowMs) => {
        expect(network.ingest(signal, nowMs as number).accepted).toBe(false);
      }),
    );
  });
});

describe("view", () => {
  it("gives a NetworkView", () => {
    const view = networkOf([node("a", 0.3, { operator: "op-1" }), node("b", 0.7)]).view(NOW);
    expect(networkViewSchema.parse(view)).toEqual({
      as_of_ms: NOW,
      clock: "trusted",
      level: "CRITICAL_LOCAL",
      score: 0.59,
      channels: {
        consensus: { score: 0.59, signals: 2 },
        mempool: { score: 0, signals: 0 },
        wallet: { score: 0, signals: 0 },
        infra: { score: 0, signals: 0 },
      },
      live_operators: 2,
      critical_operators: ["b"],
      critical_operators_count: 1,
      silent_reporters: [],
      silent_reporters_count: 0,
      quorum: 2,
      digest: view.digest,
    });
  });

  it("counts a signal until ttl_ms after it was observed, or arrived", () => {
    const network = networkOf([node("a", 0.3, { observed_at: NOW - 5 }), node("b", 0.3)], {
      ttl_ms: 100,
    });
    expect(network.view(NOW + 94).live_operators).toBe(2);
    expect(network.view(NOW + 95).live_operators).toBe(1);
    expect(network.view(NOW + 99).live_operators).toBe(1);
    expect(network.view(NOW + 100).live_operators).toBe(0);
  });

  it("raises at once and falls only after hold_ms, its score within the level", () => {
    const network = networkOf([node("a", 0.9), node("b", 0.9)], { hold_ms: 50 });
    expect(levelOf(network)).toBe("CRITICAL_GLOBAL");
    network.ingest(node("a", 0), NOW + 1);
    network.ingest(node("b", 0), NOW + 1);
    expect(network.view(NOW + 1)).toMatchObject({ level: "CRITICAL_GLOBAL", score: 0.6 });
    expect(levelOf(network, NOW + 50)).toBe("CRITICAL_GLOBAL");
    expect(network.view(NOW + 51)).toMatchObject({ level: "NORMAL", score: 0 });
  });

  it("counts nodes of one operator once", () => {
    const op = { operator: "op-1" };
    const network = networkOf([node("a", 0.9, op), node("b", 0.9, op)]);
    expect(network.view(NOW)).toMatchObject({ level: "CRITICAL_LOCAL", live_operators: 1 });
  });

  it("takes one node id of two operators for two nodes", () => {
    const network = networkOf([
      node("a", 0.9, { operator: "op-1", observed_at: NOW - 1 }),
      node("a", 0, { operator: "op-2", observed_at: NOW }),
    ]);
    expect(network.view(NOW)).toMatchObject({
      level: "CRITICAL_LOCAL",
      critical_operators: ["op-1"],
      live_operators: 2,
    });
  });

  it("does not add up the weights of an operator's nodes", () => {
    const many = Array.from({ length: 10 }, (_, i) => node(`m-${i}`, 0.5, { operator: "big" }));
    const calm = [node("a", 0.1), node("b", 0.1)];
    // weights 1 (big), 1, 1: the median is 0.1; added up, 10 of 12 would make it 0.5
    expect(networkOf([...many, ...calm]).view(NOW).score).toBe(0.1);
    expect(networkOf([...many, ...calm], { max_operator_weight: 10 }).view(NOW).score).toBe(0.1);
  });

  it.each([NaN, undefined, null, 1_782_664_805, "now", {}])(
    "throws invalid_time for the reading %s",
    (reading) => {
      expect(() => createNetworkState().view(reading as never)).toThrow(
        expect.objectContaining({ code: "invalid_time" }),
      );
    },
  );
});

describe("silence", () => {
  it("makes a network without a live signal UNKNOWN", () => {
    expect(createNetworkState().view(NOW)).toMatchObject({ level: "UNKNOWN", score: 0.25 });
  });

  it("makes a network UNKNOWN when an expected node is quiet", () => {
    const config = { expected_reporters: ["a", "b"], hold_ms: 0, ttl_ms: 100 };
    const network = networkOf([node("a", 0), node("b", 0)], config);
    expect(levelOf(network)).toBe("NORMAL");
    network.ingest(node("a", 0), NOW + 50);
    expect(network.view(NOW + 100)).toMatchObject({ level: "UNKNOWN", score: 0.25 });
  });

  it.each([
    ["ELEVATED", [node("a", 0.25)]],
    ["CRITICAL_LOCAL", [node("a", 0.6)]],
    ["CRITICAL_GLOBAL", [node("a", 0.6), node("b", 0.6)]],
  ])("does not replace %s", (level, signals) => {
    expect(levelOf(networkOf(signals, { expected_reporters: ["quiet"] }))).toBe(level);
  });
});

describe("mute", () => {
  it("leaves out a node and its silence until it is unmuted", () => {
    const config = { expected_reporters: ["liar"], hold_ms: 0, ttl_ms: 100 };
    const network = networkOf([node("liar", 1)], config);
    network.ingest(node("a", 0), NOW + 50);
    const { digest } = network.view(NOW + 50);
    network.mute({ node_id: "liar" });
    expect(network.view(NOW + 50)).toMatchObject({ level: "NORMAL", live_operators: 1, digest });
    expect(levelOf(network, NOW + 100)).toBe("NORMAL");
    network.unmute({ node_id: "liar" });
    expect(levelOf(network, NOW + 100)).toBe("UNKNOWN");
  });

  it("leaves out every node of an operator", () => {
    const op = { operator: "op-1" };
    const network = networkOf([node("a", 1, op), node("b", 1, op), node("c", 0)]);
    network.mute({ operator: "op-1" });
    expect(network.view(NOW)).toMatchObject({ level: "NORMAL", live_operators: 1 });
  });

  it("throws for a malformed target", () => {
    const mute = () => createNetworkState().mute({ node_id: "" });
    expect(mute).toThrow(expect.objectContaining({ code: "invalid_reporter", path: "/node_id" }));
  });
});

describe("createNetworkState", () => {
  it("gives the same view for any order of arrival", () => {
    const shuffles = fc
      .array(reportArbitrary, { maxLength: 15 })
      .chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
        ),
      );
    fc.assert(
      fc.property(shuffles, ([list, shuffled]) => {
        expect(networkOf(shuffled).view(NOW)).toEqual(networkOf(list).view(NOW));
      }),
    );
  });

  it("gives the same digest whenever dated signals arrive, and another for other signals", () => {
    const dated = fc.array(
      reportArbitrary.map((signal) => ({ observed_at: NOW - 9_000, ...signal })),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(
        dated,
        fc.array(fc.nat(5_000), { minLength: 10, maxLength: 10 }),
        (list, waits) => {
          const early = networkOf(list);
          const late = createNetworkState();
          list.forEach((signal, i) => late.ingest(signal, NOW + waits[i]!));
          const { digest } = early.view(NOW + 5_000);
          expect(late.view(NOW + 5_000).digest).toBe(digest);
          late.ingest(node("another", 0), NOW + 5_000);
          expect(late.view(NOW + 5_000).digest).not.toBe(digest);
        },
      ),
    );
  });

  it("lets one lone liar neither raise CRITICAL_GLOBAL nor hide a true quorum", () => {
    const honest = fc.array(fc.double({ min: 0, max: 0.59, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    const lies = fc.array(
      reportArbitrary.map((signal) => ({
        ...signal,
        node_id: `liar-${signal.node_id}`,
        operator: "liar",
      })),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(honest, lies, (severities, lie) => {
        const calm = severities.map((severity, i) => node(`h-${i}`, severity));
        expect(levelOf(networkOf([...calm, ...lie]))).not.toBe("CRITICAL_GLOBAL");

        // 31 honest operators and the liar at most: a quorum of ceil(32 / 10) = 4
        const alarmed = [1, 2, 3, 4].map((i) => node(`alarmed-${i}`, 0.6));
        const view = networkOf([...calm.slice(0, 27), ...alarmed, ...lie]).view(NOW);
        expect(view.level).toBe("CRITICAL_GLOBAL");
        expect(view.score).toBeGreaterThanOrEqual(0.6);
      }),
    );
  });

  it.each([
    [{ ttl: 5 }, "/ttl"],
    [{ ttl_ms: 0 }, "/ttl_ms"],
    [{ weights: { sentinel: 0 } }, "/weights/sentinel"],
    [{ weights: { miner: 1 } }, "/weights/miner"],
    [{ scoring: "mean" }, "/scoring"],
    [{ global_quorum: 0 }, "/global_quorum"],
    [{ expected_reporters: [""] }, "/expected_reporters/0"],
    [{ weights: { sentinel: NaN } }, "/weights/sentinel"],
    [{ weights: { sentinel: Infinity } }, "/weights/sentinel"],
    [{ weights: { sentinel: -1 } }, "/weights/sentinel"],
    [{ max_operator_weight: NaN }, "/max_operator_weight"],
    [{ global_quorum: Infinity }, "/global_quorum"],
    [{ global_quorum: NaN }, "/global_quorum"],
    [{ max_state_bytes: 1 }, "/max_state_bytes"],
    [{ max_clock_skew_ms: NaN }, "/max_clock_skew_ms"],
  ])("throws for %j", (config, path) => {
    const create = () => createNetworkState(config as never);
    expect(create).toThrow(DqsnConfigError);
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path }));
  });
});
