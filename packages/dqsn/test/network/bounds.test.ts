/** Every buffer is bounded in bytes (design section 4.2: bounds). */
import type { SignalV2 } from "@dgb-shield/contract";
import { networkViewSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createDqsn, createNetworkState, restoreNetworkState } from "../../src/index.js";
import { request } from "../support/envelopes.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;
const MIB = 1_048_576;

const big = (node: number, type: number, over: Partial<SignalV2> = {}): SignalV2 =>
  report({
    node_id: `n${node}`,
    operator: "one",
    source: "infra",
    type: `t${type}`,
    severity: 0,
    metadata: { pad: `\u0416${"x".repeat(7_750)}` },
    ...over,
  });

describe("max_state_bytes", () => {
  it("bounds what is held, whatever its number, and lets a worse signal in", () => {
    const network = createNetworkState({ max_state_bytes: 2 * MIB, max_operator_bytes: 2 * MIB });
    let held = 0;
    for (let node = 0; node < 100; node++) {
      for (let type = 0; type < 8; type++) {
        if (network.ingest(big(node, type), NOW).accepted) held++;
      }
    }
    // 1,500 bytes and 2 for each of some 7,850 characters: at least 17,000 each
    expect(held).toBeGreaterThan(100);
    expect(held * 17_000).toBeLessThanOrEqual(2 * MIB);
    expect(network.ingest(big(500, 0), NOW)).toMatchObject({ code: "DQSN_ERROR_STATE_FULL" });
    for (const operator of ["x", "y"]) {
      const alarm = big(0, 0, { operator, severity: 0.9 });
      expect(network.ingest(alarm, NOW)).toEqual({ accepted: true });
    }
    expect(network.view(NOW).level).toBe("CRITICAL_GLOBAL");
    expect(network.snapshot().signals.length).toBeLessThanOrEqual(held);
  });

  it("is a share of one operator and source by default, so that none fills it", () => {
    const network = createNetworkState({ max_state_bytes: 20 * MIB });
    const answers = Array.from({ length: 300 }, (_, i) => network.ingest(big(i, 0), NOW));
    expect(answers.at(-1)).toEqual({
      accepted: false,
      code: "DQSN_ERROR_STATE_FULL",
      path: "/operator",
    });
    expect(network.ingest(big(0, 0, { operator: "two" }), NOW)).toEqual({ accepted: true });
  });

  it("counts what a held signal grows by", () => {
    const small = (node: number) => big(node, 0, { metadata: {}, operator: `o-${node}` });
    const network = createNetworkState({ max_state_bytes: MIB });
    let held = 0;
    while (network.ingest(small(held), NOW).accepted) held++;
    expect(network.ingest(big(0, 0, { operator: "o-0" }), NOW + 1)).toMatchObject({
      code: "DQSN_ERROR_STATE_FULL",
    });
    const worse = big(0, 0, { operator: "o-0", severity: 0.9 });
    expect(network.ingest(worse, NOW + 1)).toEqual({ accepted: true });
    const { critical_operators, channels } = network.view(NOW + 1);
    expect(critical_operators).toEqual(["o-0"]);
    expect(channels.infra.signals).toBeLessThan(held);
  });
});

describe("objects in memory", () => {
  /** Half a megabyte that stands for gigabytes. */
  const shared = () => {
    const leaf: number[] = Array.from({ length: 10_000 }, () => 0);
    return { x: Array.from({ length: 50_000 }, () => leaf) };
  };

  it("are refused before they are written, however often they share a part", () => {
    const begun = process.cpuUsage();
    const signal = report({ metadata: shared() });
    expect(createNetworkState().ingest(signal, NOW)).toMatchObject({ accepted: false });
    const response = createDqsn().evaluate(request([{ evidence: shared() }]));
    expect(response.reason_codes).toEqual(["DQSN_ERROR_PAYLOAD_TOO_LARGE"]);
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });
});

describe("lists of a view", () => {
  it("name 32 and count all, at 100,000 critical operators too", () => {
    const network = createNetworkState({
      expected_reporters: Array.from({ length: 100 }, (_, i) => `e-${String(i).padStart(3, "0")}`),
    });
    for (let i = 0; i < 20_000; i++) {
      network.ingest(report({ node_id: `node-${String(i).padStart(6, "0")}`, severity: 0.9 }), NOW);
    }
    const view = network.view(NOW);
    expect(view.critical_operators).toHaveLength(32);
    expect(view.critical_operators[31]).toBe("node-000031");
    expect(view.critical_operators_count).toBe(20_000);
    expect(view.silent_reporters).toHaveLength(32);
    expect(view.silent_reporters_count).toBe(100);
    expect(JSON.stringify(view).length).toBeLessThan(3_000);
    expect(networkViewSchema.parse(view)).toEqual(view);
    network.ingest(report({ node_id: "node-000000", severity: 0 }), NOW + 1);
    expect(network.view(NOW + 1).critical_operators[31]).toBe("node-000032");
  });
});

describe("requests", () => {
  it.each([
    ["numbers", Array.from({ length: 250_000 }, () => 1), "/constraints/required_components/0"],
    [
      "texts before a number",
      [...Array.from({ length: 100_000 }, () => "a"), 1],
      "/constraints/required_components/100000",
    ],
  ])("name the first offence of a long list of %s at once", (_, required_components, path) => {
    const text = JSON.stringify({ ...request([{}]), constraints: { required_components } });
    const dqsn = createDqsn();
    dqsn.evaluateText(text);
    const begun = process.cpuUsage();
    const response = dqsn.evaluateText(text);
    const { user, system } = process.cpuUsage(begun);
    expect(response.evidence["error"]).toEqual({ code: "DQSN_ERROR_INVALID_REQUEST", path });
    expect((user + system) / 1_000).toBeLessThan(300);
  });
});

describe("restoreNetworkState", () => {
  it("reads a long list of wrong signals no further than the first", () => {
    const snapshot = createNetworkState().snapshot();
    const signals = Array.from({ length: 500_000 }, () => ({ time_ms: -1 }));
    const begun = process.cpuUsage();
    expect(restoreNetworkState({ ...snapshot, signals })).toEqual({
      restored: false,
      code: "DQSN_ERROR_SNAPSHOT_INVALID",
      path: "/signals/0/signal",
    });
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1_000).toBeLessThan(300);
  });
});
