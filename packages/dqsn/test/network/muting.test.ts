/** Muting, and that a muted target counts in nothing (design section 4.2: muting, silence). */
import type { SignalV2 } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  createNetworkState,
  type NetworkConfig,
  type MuteTarget,
  restoreNetworkState,
} from "../../src/index.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;

const say = (node_id: string, severity: number, operator?: string): SignalV2 =>
  report({ node_id, severity, ...(operator === undefined ? {} : { operator }) });

function networkOf(signals: readonly SignalV2[], config: NetworkConfig = {}) {
  const network = createNetworkState({ hold_ms: 0, ttl_ms: 1_000, ...config });
  for (const signal of signals) network.ingest(signal, NOW);
  return network;
}

describe("mute", () => {
  const all = [
    say("x", 0.9), // a node that is its own operator
    say("n", 0.9, "x"), // a node of the operator x
    say("x", 0.9, "acme"), // acme's node x
    say("m", 0.9, "acme"),
  ];

  it.each([
    [{ operator: "x" }, ["acme", "x"], 2],
    [{ node_id: "x" }, ["acme", "x"], 2],
    [{ node_id: "x", operator: "acme" }, ["acme", "x", "x"], 3],
    [{ operator: "acme" }, ["x", "x"], 2],
    [{ node_id: "n", operator: "acme" }, ["acme", "x", "x"], 3],
  ] as [MuteTarget, string[], number][])(
    "of %j leaves the critical operators %j",
    (target, critical_operators, live_operators) => {
      const network = networkOf(all);
      network.mute(target);
      expect(network.view(NOW)).toMatchObject({ critical_operators, live_operators });
      network.unmute(target);
      expect(network.view(NOW)).toMatchObject({ live_operators: 3 });
    },
  );

  it("of an operator mutes no node of that name", () => {
    const network = networkOf([say("honest", 0.9), say("z", 0, "z")]);
    network.mute({ operator: "honest" });
    expect(network.view(NOW).critical_operators).toEqual(["honest"]);
  });

  it.each([[{ node_id: "a" }], [{ operator: "op" }], [{ node_id: "a", operator: "op" }]] as [
    MuteTarget,
  ][])("of %j counts in neither level, score, quorum nor silence", (target) => {
    const calm = Array.from({ length: 19 }, (_, i) => say(`c-${i}`, 0));
    const network = networkOf([say("a", 1, "op"), say("b", 0, "other"), ...calm], {
      expected_reporters: ["a"],
    });
    expect(network.view(NOW).quorum).toBe(3);
    network.mute(target);
    const muted = { level: "NORMAL", score: 0, quorum: 2, live_operators: 20 };
    expect(network.view(NOW)).toMatchObject({ ...muted, silent_reporters_count: 0 });
    network.ingest(say("b", 0, "other"), NOW + 900);
    const result = restoreNetworkState(JSON.parse(JSON.stringify(network.snapshot())), {
      hold_ms: 0,
      ttl_ms: 1_000,
      expected_reporters: ["a"],
    });
    if (!result.restored) throw new Error(result.path);
    for (const each of [network, result.network]) {
      expect(each.view(NOW + 1_500)).toMatchObject({
        level: "NORMAL",
        live_operators: 1,
        silent_reporters: [],
      });
    }
    network.unmute(target);
    expect(network.view(NOW + 1_500)).toMatchObject({ level: "UNKNOWN", silent_reporters: ["a"] });
  });

  it("lets no muted node break the silence of an expected one", () => {
    const network = networkOf([say("a", 0, "acme"), say("b", 0)], { expected_reporters: ["a"] });
    network.mute({ operator: "bob" });
    network.ingest(say("a", 0, "bob"), NOW + 900);
    network.ingest(say("b", 0), NOW + 900);
    expect(network.view(NOW + 1_500)).toMatchObject({ level: "UNKNOWN", silent_reporters: ["a"] });
  });

  it.each([
    [{}, "/operator"],
    [{ node_id: "" }, "/node_id"],
    [{ operator: 7 }, "/operator"],
    [{ node_id: "a", operator: " " }, "/operator"],
    [{ node: "a" }, ""],
    [null, ""],
    [Object.create({ operator: "inherited" }), ""],
  ])("refuses the target %j", (target, path) => {
    const network = networkOf(all);
    const before = network.snapshot();
    const mute = () => network.mute(target as never, NOW + 5);
    expect(mute).toThrow(expect.objectContaining({ code: "invalid_reporter", path }));
    expect(network.snapshot()).toEqual(before);
  });

  it("mutes at most 10,000 targets", () => {
    const network = createNetworkState();
    for (let i = 0; i < 10_000; i++) network.mute({ node_id: `n-${i}` });
    expect(() => network.mute({ operator: "one more" })).toThrow(
      expect.objectContaining({ code: "too_many_muted" }),
    );
  });
});

describe("silent nodes", () => {
  it("are named beside any level, and neither lowers the other", () => {
    const config = { expected_reporters: ["q", "p", "a"] };
    const silent = { silent_reporters: ["p", "q"], silent_reporters_count: 2 };
    const a = (severity: number) => say("a", severity);
    expect(networkOf([a(0)], config).view(NOW)).toMatchObject({ level: "UNKNOWN", ...silent });
    expect(networkOf([a(0.3)], config).view(NOW)).toMatchObject({ level: "ELEVATED", ...silent });
    const two = networkOf([a(0.9), say("b", 0.9)], config).view(NOW);
    expect(two).toMatchObject({ level: "CRITICAL_GLOBAL", ...silent });
  });

  it("can be expected of one operator, whose silence no other's node breaks", () => {
    const config = { expected_reporters: [{ node_id: "node-1", operator: "acme" }] };
    const network = networkOf([say("node-1", 0, "bob"), say("node-1", 0)], config);
    expect(network.view(NOW)).toMatchObject({ level: "UNKNOWN", silent_reporters: ["node-1"] });
    network.ingest(say("node-1", 0, "acme"), NOW);
    expect(network.view(NOW)).toMatchObject({ level: "NORMAL", silent_reporters_count: 0 });
    network.ingest(say("node-1", 0, "bob"), NOW + 900);
    network.mute({ operator: "acme" }, NOW + 900);
    expect(network.view(NOW + 1_500)).toMatchObject({ level: "NORMAL", silent_reporters: [] });
  });
});
