import { describe, expect, it } from "vitest";
import { forkOf } from "../../../src/detectors/reorg/fork.js";
import { branchOf, header } from "../../support/chain.js";

const old = branchOf("a", 1, 10);
const withoutHeight = (height: number) => old.filter((block) => block.height !== height);

describe("forkOf", () => {
  it.each([
    ["the next block", old, [header(11)], null],
    ["the same tip", old, [header(10)], null],
    ["a gap above the tip", old, [header(15)], null],
    ["nothing known before", [], [header(15)], null],
    [
      "a branch from 7",
      old,
      branchOf("b", 8, 12, "a"),
      { fork_height: 7, depth: 3, is_exact: true },
    ],
    [
      "a branch of equal height",
      old,
      branchOf("b", 10, 10, "a"),
      { fork_height: 9, depth: 1, is_exact: true },
    ],
    [
      "a branch from below what is known",
      old.slice(5),
      branchOf("b", 4, 12, "a"),
      { fork_height: 5, depth: 5, is_exact: false },
    ],
    [
      "a branch of which only the end is known",
      old,
      branchOf("b", 9, 12),
      { fork_height: 7, depth: 3, is_exact: false },
    ],
    [
      "a fork at a block that was not kept",
      withoutHeight(7),
      branchOf("b", 8, 12, "a"),
      { fork_height: 7, depth: 3, is_exact: false },
    ],
    [
      "a step back on the same chain",
      old,
      [header(6)],
      { fork_height: 6, depth: 4, is_exact: true },
    ],
    [
      "a lower tip that nothing links",
      [header(10)],
      [header(6)],
      { fork_height: 6, depth: 4, is_exact: false },
    ],
  ])("reads %s", (_, recent, fresh, expected) => {
    expect(forkOf(recent, fresh)).toEqual(expected);
  });
});
