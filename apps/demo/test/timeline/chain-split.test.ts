import { describe, expect, it } from "vitest";
import { observationOf, simulatedHash, versionOf } from "../../src/scenarios/headers.js";
import { createSplitWatch } from "../../src/timeline/chain-split.js";

const header = (branch: string, height: number) => ({
  hash: simulatedHash(branch, height),
  previous_hash: simulatedHash(branch, height - 1),
  height,
  version: versionOf(2),
  time_s: 1_782_664_800 + height * 15,
});

/** A node that follows `shared` to block 100, and then the branch of its name. */
const branchOf = (branch: string, height: number): string => (height <= 100 ? "shared" : branch);

function show(
  watch: ReturnType<typeof createSplitWatch>,
  node: string,
  branch: string,
  from: number,
  to: number,
) {
  const blocks = Array.from({ length: to - from + 1 }, (_, i) =>
    header(branchOf(branch, from + i), from + i),
  );
  return watch.observe(observationOf(node, 0, blocks, blocks.at(-1)!));
}

describe("createSplitWatch", () => {
  it("reports a split once, when both branches have six blocks, and its end once", () => {
    const watch = createSplitWatch("own");
    expect(show(watch, "own", "a", 90, 105)).toEqual([]);
    expect(show(watch, "other", "b", 90, 105)).toEqual([]);
    expect(show(watch, "own", "a", 106, 106)).toEqual([]);
    expect(show(watch, "other", "b", 106, 110)).toEqual([
      { nodes: ["own", "other"], status: "split", fork_height: 100, lengths: [6, 10] },
    ]);
    expect(show(watch, "own", "a", 107, 120)).toEqual([]);
    expect(show(watch, "other", "a", 101, 121)).toEqual([
      { nodes: ["own", "other"], status: "over", fork_height: 120, lengths: [0, 1] },
    ]);
  });

  it("calls neither a short reorganisation nor a node that lags a split", () => {
    const watch = createSplitWatch("own");
    show(watch, "own", "a", 90, 105);
    expect(show(watch, "other", "b", 90, 104)).toEqual([]);
    expect(show(watch, "late", "a", 80, 92)).toEqual([]);
  });

  it("compares nothing with a node that shows no chain", () => {
    const watch = createSplitWatch("own");
    show(watch, "own", "a", 90, 105);
    expect(
      watch.observe({ ...observationOf("other", 0, [], header("a", 1)), tip: null, tips: [] }),
    ).toEqual([]);
  });
});
