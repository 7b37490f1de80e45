/** Whose signals take whose place (design section 4.2: slots and bounds). */
import type { SignalV2 } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createNetworkState, type NetworkConfig } from "../../src/index.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;
const accepted = { accepted: true };
const full = (path: string) => ({ accepted: false, code: "DQSN_ERROR_STATE_FULL", path });

const say = (node_id: string, severity: number, over: Partial<SignalV2> = {}): SignalV2 =>
  report({ node_id, operator: "acme", severity, ...over });

function networkOf(config: NetworkConfig, signals: readonly SignalV2[]) {
  const network = createNetworkState({ hold_ms: 0, ...config });
  for (const signal of signals) network.ingest(signal, NOW);
  return network;
}

describe("slots", () => {
  it("keep one node id of two operators apart, and of none", () => {
    const network = networkOf({}, [
      say("node-1", 1),
      say("node-1", 0, { operator: "bob" }),
      report({ node_id: "node-1", severity: 0.3 }),
    ]);
    network.ingest(say("node-1", 0, { operator: "bob" }), NOW + 1);
    expect(network.view(NOW + 1)).toMatchObject({
      critical_operators: ["acme"],
      live_operators: 3,
      channels: { consensus: { signals: 3 } },
    });
  });

  it("are not confused by names that look like two", () => {
    const network = networkOf({}, [
      say("b c", 1, { operator: "a" }),
      say("c", 0, { operator: "a b" }),
      report({ node_id: "a b c", severity: 0 }),
    ]);
    expect(network.view(NOW)).toMatchObject({ critical_operators: ["a"], live_operators: 3 });
  });
});

describe("max_node_signals", () => {
  const flood = Array.from({ length: 64 }, (_, i) =>
    say("acme-1", 0, { source: "infra", type: `t${i}` }),
  );

  it("counts each source by itself: another source's flood shuts no alarm out", () => {
    const network = networkOf({ expected_reporters: ["acme-1"] }, flood);
    expect(network.ingest(say("acme-1", 0, { source: "infra", type: "more" }), NOW)).toEqual(
      full("/node_id"),
    );
    expect(network.ingest(say("acme-1", 1), NOW)).toEqual(accepted);
    expect(network.view(NOW).level).toBe("CRITICAL_LOCAL");
  });

  it("lets a worse signal displace the mildest and oldest one, and never the other way", () => {
    const milder = say("acme-1", 0.1, { source: "infra", type: "t5" });
    const network = networkOf({}, [...flood.slice(0, 5), milder, ...flood.slice(6)]);
    const worse = say("acme-1", 1, { source: "infra", type: "disk_full" });
    expect(network.ingest(worse, NOW + 1)).toEqual(accepted);
    expect(network.view(NOW + 1)).toMatchObject({
      level: "CRITICAL_LOCAL",
      channels: { infra: { signals: 64 } },
    });
    for (const severity of [0, 0.05]) {
      const more = say("acme-1", severity, { source: "infra", type: "more" });
      const answer = network.ingest(more, NOW + 1);
      expect(answer).toEqual(severity === 0 ? full("/node_id") : accepted);
    }
    expect(network.view(NOW + 1).level).toBe("CRITICAL_LOCAL");
  });

  it("displaces the same signal whatever the order of arrival", () => {
    const lists = [flood, flood.toReversed()];
    const digests = lists.map((list) => {
      const network = networkOf({}, list);
      network.ingest(say("acme-1", 1, { source: "infra", type: "disk_full" }), NOW);
      return network.view(NOW).digest;
    });
    expect(digests[0]).toBe(digests[1]);
  });
});

describe("max_operator_signals", () => {
  const config = { max_operator_signals: 100, max_live_signals: 1_000 };
  const flood = Array.from({ length: 200 }, (_, i) => say(`n-${i}`, 0, { source: "infra" }));

  it("counts each source by itself", () => {
    const network = networkOf(config, flood);
    expect(network.ingest(say("n-500", 0, { source: "infra" }), NOW)).toEqual(full("/operator"));
    expect(network.ingest(say("n-500", 0), NOW)).toEqual(accepted);
    expect(network.view(NOW).channels.infra.signals).toBe(100);
  });

  it("lets worse signals displace milder ones, each in its turn", () => {
    const network = networkOf(config, flood);
    for (let i = 0; i < 100; i++) {
      const alarm = say(`a-${i}`, 0.9, { source: "infra" });
      expect(network.ingest(alarm, NOW + 1)).toEqual(accepted);
    }
    expect(network.ingest(say("b", 0.9, { source: "infra" }), NOW + 1)).toEqual(full("/operator"));
    expect(network.ingest(say("b", 1, { source: "infra" }), NOW + 1)).toEqual(accepted);
    expect(network.view(NOW + 1)).toMatchObject({
      level: "CRITICAL_LOCAL",
      channels: { infra: { signals: 100 } },
    });
  });
});

describe("max_live_signals", () => {
  it("lets an alarm in when other operators have filled the state with milder ones", () => {
    const flood = Array.from({ length: 300 }, (_, i) =>
      say(`n-${i}`, 0.5, { operator: `o-${i % 30}`, type: `t${i}` }),
    );
    const network = networkOf({ max_live_signals: 100 }, flood);
    expect(network.ingest(say("z", 0.5, { operator: "z" }), NOW)).toEqual(full(""));
    for (const operator of ["x", "y"]) {
      expect(network.ingest(say(operator, 0.6, { operator }), NOW)).toEqual(accepted);
    }
    expect(network.view(NOW).critical_operators).toEqual(["x", "y"]);
  });

  it("keeps displacing right after signals changed, went, and were looked for", () => {
    const network = networkOf(
      { max_live_signals: 3, ttl_ms: 100, max_operator_signals: 3 },
      ["a", "b", "c"].map((id) => say(id, 0.1)),
    );
    expect(network.ingest(say("d", 0.2), NOW)).toEqual(accepted);
    // a, the first in order, is gone; b is worse now
    network.ingest(say("b", 0.8), NOW + 1);
    network.view(NOW + 500);
    expect(network.ingest(say("e", 0.3), NOW + 2)).toEqual(accepted);
    expect(network.ingest(say("f", 0.25), NOW + 2)).toEqual(accepted);
    expect(network.ingest(say("g", 0.25), NOW + 2)).toEqual(full("/operator"));
    expect(network.view(NOW + 2)).toMatchObject({
      critical_operators: ["acme"],
      channels: { consensus: { signals: 3 } },
    });
  });
});
