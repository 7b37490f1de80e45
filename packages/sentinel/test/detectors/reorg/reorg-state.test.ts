/** The stored state of `reorg`: an earlier form is read, and its size is bounded. */
import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { createSentinel, reorg } from "../../../src/index.js";
import { branchOf, hashOf, NODE, observation, timed } from "../../support/chain.js";

const link = (height: number, branch = "a") => ({ hash: hashOf(height, branch), height });
const until_ms = 1_790_000_600_000;

/** As the version before stored it: hour-long windows, no pending tips, whole hashes. */
const FORMER = {
  recent: [[link(8), link(9), link(10), link(11, "b"), link(12, "b")]],
  known: [link(12)],
  has_seen_tips: true,
  linked: [{ tip: link(12), fork_height: 10, depth: 2, is_exact: false }],
  torn_lists: 1,
  held: [
    {
      finding_id: "reorg:8:0123456789abcdef",
      fork_height: 8,
      depth: 4,
      is_exact: true,
      losing_tip: link(12),
      losing_hashes: [hashOf(12)],
      winning_tip: link(13, "b"),
      until_ms,
    },
  ],
  burst: {
    events: [{ tip_hash: hashOf(12), depth: 4, at_ms: 1_790_000_000_000 }],
    tripped: { height: 13, count: 5, least_depth: 2, until_ms },
  },
};

describe("upgrade", () => {
  const upgraded = reorg.upgrade!(FORMER);

  it("reads the form that counted over one hour: what is held goes on", () => {
    const next = observation(branchOf("b", 13, 13), { at_ms: until_ms - 1 });
    const { findings } = reorg.reduce(upgraded!, timed(next), digibyte);
    expect(findings.map(({ finding_id, severity }) => [finding_id, severity])).toEqual([
      ["reorg:8:0123456789abcdef", 0.515785],
      ["reorg:repeated:13", 0.99],
    ]);
  });

  it("gives a state that is stored and read as its own form", () => {
    const state = JSON.parse(JSON.stringify(upgraded)) as never;
    expect(reorg.stateSchema.parse(state)).toEqual(upgraded);
    expect(reorg.upgrade!(state)).toBeUndefined();
  });

  it.each([[null], [{}], [{ ...FORMER, held: 1 }], ["x"]])("reads no other: %j", (stored) => {
    expect(reorg.upgrade!(stored as never)).toBeUndefined();
  });

  it("is what a Sentinel restores", () => {
    const setup = { node_id: NODE, chain: digibyte, detectors: [reorg] };
    const state = createSentinel(setup).state();
    const restored = createSentinel({
      ...setup,
      state: { ...state, detectors: { reorg: FORMER } },
    });
    expect(restored.state().detectors["reorg"]).toEqual(JSON.parse(JSON.stringify(upgraded)));
  });
});

it("takes less than 25 kB for a chain that is known whole, and finds its depth exactly", () => {
  let state = reorg.initial();
  for (const block of branchOf("a", 23_000_001, 23_000_500)) {
    state = reorg.reduce(state, timed(observation([block])), digibyte).state;
  }
  expect(JSON.stringify(state).length).toBeLessThan(25_000);
  const fork = observation(branchOf("b", 23_000_201, 23_000_501, "a"));
  const [finding] = reorg.reduce(state, timed(fork), digibyte).findings;
  expect(finding?.evidence).toMatchObject({ depth: 300, is_exact: true });
  expect((finding?.evidence["losing_hashes"] as string[]).length).toBe(64);
});
