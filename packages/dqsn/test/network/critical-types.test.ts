/** The types of critical signals: what tells an incident from another one of the same operators. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNetworkState } from "../../src/index.js";

const NOW = 1_782_664_800_000;
const TTL_MS = 300_000;
const signal = (node_id: string, type: string, severity: number) => ({
  node_id,
  source: "sentinel" as const,
  type,
  severity,
});

describe("criticalTypes", () => {
  it("names types from 0.60 on, once each, and forgets what became milder, expired or was muted", () => {
    const network = createNetworkState();
    network.ingest(signal("a", "block_stall", 0.59), NOW);
    expect(network.criticalTypes()).toEqual({ names: [], count: 0 });
    network.ingest(signal("a", "block_stall", 0.6), NOW);
    network.ingest(signal("b", "block_stall", 1), NOW);
    network.ingest(signal("b", "reorg_depth", 0.9), NOW + 1_000);
    expect(network.criticalTypes()).toEqual({ names: ["block_stall", "reorg_depth"], count: 2 });
    network.ingest(signal("a", "block_stall", 0), NOW + 1_000);
    expect(network.criticalTypes().names).toEqual(["block_stall", "reorg_depth"]);
    network.mute({ node_id: "b" });
    expect(network.criticalTypes().count).toBe(0);
    network.unmute({ node_id: "b" });
    network.view(NOW + TTL_MS);
    expect(network.criticalTypes().names).toEqual(["reorg_depth"]);
    network.view(NOW + TTL_MS + 1_000);
    expect(network.criticalTypes()).toEqual({ names: [], count: 0 });
  });

  it("names the first 32 and counts all", () => {
    const network = createNetworkState();
    const names = Array.from({ length: 40 }, (_, i) => `type_${String(i).padStart(2, "0")}`);
    for (const type of names.toReversed()) network.ingest(signal("a", type, 1), NOW);
    expect(network.criticalTypes()).toEqual({ names: names.slice(0, 32), count: 40 });
  });

  it("is what a count over all latest signals gives", () => {
    const step = fc.tuple(
      fc.constantFrom("a", "b", "c"),
      fc.constantFrom("x", "y", "z"),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const network = createNetworkState();
        const latest = new Map<string, [type: string, severity: number]>();
        for (const [index, [node, type, severity]] of steps.entries()) {
          network.ingest(signal(node, type, severity), NOW + index);
          latest.set(`${node} ${type}`, [type, Math.round(severity * 1e6)]);
        }
        const critical = [...latest.values()].filter(([, severity]) => severity >= 600_000);
        const names = [...new Set(critical.map(([type]) => type))].sort();
        // a severity below 0.60 is not rounded up to it
        fc.pre(steps.every(([, , severity]) => severity < 0.5999 || severity >= 0.6));
        expect(network.criticalTypes()).toEqual({ names, count: names.length });
      }),
    );
  });
});
