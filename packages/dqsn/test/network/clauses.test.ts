/** The clauses of design section 4.2 on the live view, each by its name. */
import type { SignalV2 } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createNetworkState, type NetworkConfig, signalToEnvelope } from "../../src/index.js";
import { history, live, type Step } from "../support/histories.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;

/** The same step by a clock that never steps back, with a time for whatever can have one. */
const goesForward = (step: Step): Step =>
  ({ ...step, passMs: Math.abs(step.passMs), timed: true }) as Step;

const node = (node_id: string, severity: number, over: Partial<SignalV2> = {}): SignalV2 =>
  report({ node_id, severity, ...over });

function networkOf(signals: readonly SignalV2[], config: NetworkConfig = {}) {
  const network = createNetworkState(config);
  for (const signal of signals) network.ingest(signal, NOW);
  return network;
}

describe("Silence", () => {
  it("of all operators is UNKNOWN with a score of at least 0.25, from the millisecond of expiry", () => {
    const network = networkOf([node("a", 0)], { ttl_ms: 100, hold_ms: 0 });
    expect(network.view(NOW + 99)).toMatchObject({ level: "NORMAL", score: 0 });
    expect(network.view(NOW + 100)).toMatchObject({ level: "UNKNOWN", score: 0.25 });
  });

  it("of one expected node is UNKNOWN, however many others send signals", () => {
    const many = Array.from({ length: 50 }, (_, i) => node(`n-${i}`, 0.2));
    const view = networkOf(many, { expected_reporters: ["quiet"] }).view(NOW);
    expect(view).toMatchObject({ level: "UNKNOWN", score: 0.25, live_operators: 50 });
  });

  it("that was broken by another of the node's types is none", () => {
    const network = networkOf([node("a", 0)], { expected_reporters: ["a"], ttl_ms: 100 });
    network.ingest(node("a", 0, { type: "reorg" }), NOW + 60);
    expect(network.view(NOW + 120).level).toBe("NORMAL");
  });

  it("replaces NORMAL alone: an expected node's silence changes no other level", () => {
    fc.assert(
      fc.property(history, ({ config, steps }) => {
        const settings = { ...config, hold_ms: 0, expected_reporters: [] };
        const heard = live({ config: settings, steps }, () => undefined);
        const silent = { ...settings, expected_reporters: ["never-there"] };
        const unheard = live({ config: silent, steps }, () => undefined);
        const nowMs = heard.snapshot().as_of_ms || NOW;
        const [before, after] = [heard.view(nowMs), unheard.view(nowMs)];
        const expected = before.level === "NORMAL" ? "UNKNOWN" : before.level;
        expect(after.level).toBe(expected);
      }),
      { numRuns: runs(100, 300) },
    );
  });
});

describe("Flapping", () => {
  it("falls hold_ms after the last signal of the level expired, without any view", () => {
    const network = networkOf([node("a", 0.9)], { ttl_ms: 100, hold_ms: 50 });
    network.ingest(node("b", 0), NOW + 90);
    // expired at NOW + 100, held until NOW + 150
    expect(network.view(NOW + 149).level).toBe("CRITICAL_LOCAL");
    expect(network.view(NOW + 150).level).toBe("NORMAL");
  });

  it("falls at the same moment however often views are taken", () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(3), { maxLength: 40 }), ({ config, steps }, looks) => {
        const forward = steps.map(goesForward);
        const seen = forward.flatMap((step, i) => [
          ...Array.from({ length: looks[i] ?? 0 }, (): Step => ({ kind: "look", passMs: 0 })),
          step,
        ]);
        const unseen = live({ config, steps: forward }, () => undefined);
        const often = live({ config, steps: seen }, () => undefined);
        expect(often.snapshot()).toEqual(unseen.snapshot());
      }),
      { numRuns: runs(100, 500) },
    );
  });

  it("rises at once, in the view of the very millisecond", () => {
    const network = networkOf([node("a", 0), node("b", 0)]);
    expect(network.view(NOW).level).toBe("NORMAL");
    network.ingest(node("a", 0.6), NOW);
    network.ingest(node("b", 0.6), NOW);
    expect(network.view(NOW).level).toBe("CRITICAL_GLOBAL");
  });

  it("does not hold what was true within one millisecond only, so that its order does not matter", () => {
    const signals = [node("a", 0.9, { observed_at: NOW - 1 }), node("a", 0, { observed_at: NOW })];
    const calm = node("b", 0);
    const [one, other] = [signals, signals.toReversed()].map((list) => networkOf([calm, ...list]));
    expect(one!.view(NOW)).toEqual(other!.view(NOW));
    expect(one!.view(NOW).level).toBe("NORMAL");
  });

  it("holds what was in force when the node was muted", () => {
    const network = networkOf([node("liar", 1), node("a", 0)], { hold_ms: 50 });
    network.mute({ node_id: "liar" }, NOW + 10);
    expect(network.view(NOW + 59).level).toBe("CRITICAL_LOCAL");
    expect(network.view(NOW + 60).level).toBe("NORMAL");
  });
});

describe("A clock that steps back", () => {
  it("loses no alarm: the signal counts as of the view's time", () => {
    const network = networkOf([node("a", 0)]);
    expect(network.ingest(node("b", 0.9), NOW - 5_000)).toEqual({ accepted: true });
    expect(network.view(NOW)).toMatchObject({ level: "CRITICAL_LOCAL", as_of_ms: NOW });
  });

  it("brings nothing that expired back, and never shows NORMAL", () => {
    const network = networkOf([node("a", 0)], { ttl_ms: 10_000, hold_ms: 0 });
    network.ingest(node("b", 0.1), NOW + 10_000);
    expect(network.view(NOW + 10_000)).toMatchObject({ level: "NORMAL", live_operators: 1 });
    expect(network.view(NOW)).toMatchObject({
      as_of_ms: NOW + 10_000,
      clock: "behind",
      level: "UNKNOWN",
      score: 0.25,
      live_operators: 1,
    });
    expect(network.view(NOW + 10_000)).toMatchObject({ clock: "trusted", level: "NORMAL" });
  });

  it("hides no worse level", () => {
    const network = networkOf([node("a", 0.9), node("b", 0.9)]);
    expect(network.view(NOW - 1).level).toBe("CRITICAL_GLOBAL");
  });

  it("is refused when it is no time at all, by every call that takes one", () => {
    const network = networkOf([node("a", 0)]);
    const before = network.snapshot();
    for (const bad of [NaN, -1, 0.5, Infinity, 2 ** 53, 1_782_664_805, "7", null] as never[]) {
      expect(network.ingest(node("b", 1), bad)).toMatchObject({ code: "DQSN_ERROR_CLOCK_INVALID" });
      expect(() => network.view(bad)).toThrow(expect.objectContaining({ code: "invalid_time" }));
      const mute = () => network.mute({ node_id: "a" }, bad);
      expect(mute).toThrow(expect.objectContaining({ code: "invalid_time" }));
    }
    expect(network.snapshot()).toEqual(before);
  });
});

describe("CRITICAL_LOCAL and CRITICAL_GLOBAL", () => {
  it.each([
    // live operators, critical ones: max(2, ceil(live / 10)) is the quorum
    [2, 2, "CRITICAL_GLOBAL"],
    [20, 2, "CRITICAL_GLOBAL"],
    [21, 2, "CRITICAL_LOCAL"],
    [21, 3, "CRITICAL_GLOBAL"],
    [100, 9, "CRITICAL_LOCAL"],
    [100, 10, "CRITICAL_GLOBAL"],
  ])("of %i operators %i critical ones are %s", (all, critical, level) => {
    const signals = Array.from({ length: all }, (_, i) => node(`n-${i}`, i < critical ? 0.6 : 0));
    const view = networkOf(signals).view(NOW);
    expect(view.level).toBe(level);
    expect(view.score >= 0.6).toBe(level === "CRITICAL_GLOBAL");
    expect(view.score).toBeGreaterThanOrEqual(0.25);
  });

  it("takes a quorum over all channels", () => {
    const signals = [node("a", 0.6), node("b", 0.6, { source: "adn", type: "lockdown" })];
    expect(networkOf(signals).view(NOW).level).toBe("CRITICAL_GLOBAL");
  });

  it("is not diluted: nine healthy reports leave one alarm CRITICAL_LOCAL, two CRITICAL_GLOBAL", () => {
    const healthy = Array.from({ length: 9 }, (_, i) => node(`h-${i}`, 0));
    expect(networkOf([...healthy, node("a", 0.9)]).view(NOW).level).toBe("CRITICAL_LOCAL");
    const two = networkOf([...healthy.slice(1), node("a", 0.9), node("b", 0.9)]);
    expect(two.view(NOW).level).toBe("CRITICAL_GLOBAL");
  });
});

describe("No echo", () => {
  it("takes no view for a report: no source of a signal is DQSN itself", () => {
    const view = networkOf([node("a", 0.9)]).view(NOW);
    const network = createNetworkState();
    for (const echo of [view, { ...node("a", 0.9), source: "dqsn" }]) {
      expect(network.ingest(echo, NOW).accepted).toBe(false);
    }
    expect(network.view(NOW).live_operators).toBe(0);
  });
});

describe("v2 cannot bypass v3", () => {
  it("counts what signalToEnvelope accepted without checking it again, and as it was then", () => {
    const accepted = signalToEnvelope(node("a", 0.3));
    if (!accepted.accepted) throw new Error(accepted.code);
    (accepted.signal as { severity: number }).severity = 5;
    const network = createNetworkState();
    expect(network.ingest(accepted, NOW)).toEqual({ accepted: true });
    expect(network.view(NOW).score).toBe(0.3);
  });

  it("refuses what only looks like an accepted signal", () => {
    const genuine = signalToEnvelope(node("a", 0.3));
    const forged = [{ ...genuine }, Object.create(genuine), new Proxy(genuine, {})];
    const network = createNetworkState();
    for (const input of forged) expect(network.ingest(input, NOW).accepted).toBe(false);
  });

  it("gives a plain result, whose constructor accepts nothing", () => {
    const genuine = signalToEnvelope(node("a", 0.3));
    expect(Object.getPrototypeOf(genuine)).toBe(Object.prototype);
    expect(Reflect.ownKeys(genuine)).toEqual(["accepted", "signal", "canonical", "envelope"]);
  });

  it("refuses what signalToEnvelope refused", () => {
    const refusal = signalToEnvelope(node("a", 7));
    expect(createNetworkState().ingest(refusal, NOW).accepted).toBe(false);
  });
});
