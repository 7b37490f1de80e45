import { describe, expect, it } from "vitest";
import { layOut, MAX_LANES } from "../../src/chain/tree.js";

const branch = (hash: string, tip_height: number, fork_height: number | null) => ({
  ...{ tip_hash: hash, tip_height, fork_height, chainwork: null },
  nodes: [{ node_id: `node-${hash}`, height: tip_height, software: null, is_watched: true }],
});
const tip = (hash: string, height: number, status: string) => ({
  ...{ hash, height, fork_height: height - 3, status, nodes: ["node-a"] },
});

describe("layOut", () => {
  it("puts the chain of most work first, then what is followed, then what is refused", () => {
    const { lanes, left_out } = layOut(
      [branch("a", 100, null), branch("b", 95, 90)],
      [tip("c", 99, "valid-fork"), tip("d", 80, "invalid")],
    );
    expect(lanes.map(({ hash, kind, row }) => [hash, kind, row])).toEqual([
      ["a", "best", 0],
      ["b", "branch", 1],
      ["d", "refused", 2],
      ["c", "side", 3],
    ]);
    expect(left_out).toBe(0);
  });

  it("places every lane within the drawing, a fork left of its tip", () => {
    const { lanes } = layOut([branch("a", 1_000_000, null), branch("b", 999_999, 900_000)], []);
    for (const { from, to } of lanes) {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(1);
      expect(from).toBeLessThan(to);
    }
  });

  it("shows at most so many lanes, and says how many it leaves out", () => {
    const tips = Array.from({ length: 200 }, (_, i) => tip(`t${i}`, 50 + i, "valid-fork"));
    const { lanes, left_out } = layOut([branch("a", 300, null)], tips);
    expect(lanes).toHaveLength(MAX_LANES);
    expect(left_out).toBe(200 - (MAX_LANES - 1));
    expect(layOut([branch("a", 300, null)], tips, Infinity).lanes).toHaveLength(201);
  });

  it("has a place for a branch whose fork is not known, and none without any branch", () => {
    expect(layOut([branch("a", 10, null), branch("b", 9, null)], []).lanes).toHaveLength(2);
    expect(layOut([], [tip("c", 5, "invalid")])).toEqual({ lanes: [], left_out: 0 });
  });
});
