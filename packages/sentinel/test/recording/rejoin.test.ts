/** Recordings of two litecoind nodes, made live by `shield record`, that are apart for a while. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import { createFleet } from "../../src/index.js";
import { newIn, of, recorded, sightings } from "../support/recordings.js";

const [A, B] = ["litecoind-0.21-regtest-rejoin-a", "litecoind-0.21-regtest-rejoin-b"] as const;
const LABEL = "split-and-rejoin";

describe("the recordings of two nodes that part and join again", () => {
  it("show the reorganisation of the one as it was found live: same id, same time, the payment that fell out", () => {
    const found = sightings(A);
    expect(newIn(found, LABEL)).toEqual(["evidence_unavailable", "reorg"]);
    const [first] = of(found, LABEL, "reorg");
    expect(first).toMatchObject({
      height: 128,
      finding: {
        finding_id: "reorg:120:e77d70b0072805f2",
        detected_at_ms: Date.UTC(2026, 10, 30, 11, 7, 7, 333),
        evidence: { depth: 4, fork_height: 120, dropped: { count: 1 } },
      },
    });
  });

  it("show nothing on the other, whose chain won", () => {
    expect(newIn(sightings(B), LABEL)).toEqual([]);
  });

  it("show together that they are apart while they are, and that it is over", () => {
    const fleet = createFleet({ chain: litecoinRegtest, nodes: ["a", "b"] });
    const all = [...recorded(A), ...recorded(B)]
      .map(({ observation }) => observation)
      .sort((one, other) => one.at_ms - other.at_ms);
    const branches = new Set<number>();
    const found = new Set<string>();
    for (const observation of all) {
      const report = fleet.observe([observation]);
      branches.add(report.branches.length);
      for (const { detector } of report.findings) found.add(detector);
    }
    expect(Math.max(...branches)).toBe(2);
    expect(found).toContain("tip_divergence");
    const last = fleet.observe([]);
    expect(last.findings).toEqual([]);
    expect(last.branches.map(({ nodes }) => nodes.length)).toEqual([2]);
  });
});
