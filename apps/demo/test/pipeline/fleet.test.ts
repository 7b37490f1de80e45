import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { observationOf, simulatedHash } from "../../src/scenarios/headers.js";
import { writeState } from "../../src/pipeline/state/saved-state.js";
import {
  block,
  NODE,
  REQUEST,
  see,
  site,
  type SiteOptions,
  type TestSite,
} from "../support/site.js";

const OTHER = "node-b";
const THIRD = "node-c";
const TWO: SiteOptions = { further_node_ids: [OTHER] };

/** A block of another branch that begins above height 3,039. */
const rival = (height: number) => {
  const own = block(height);
  const hash = (at: number) => simulatedHash("rival", at);
  return {
    ...own,
    hash: hash(height),
    previous_hash: height === 3_040 ? own.previous_hash : hash(height - 1),
  };
};

/** A node of another version, on the branch of `rival`, that found the first block of ours invalid. */
function seeRival(made: TestSite, height: number): void {
  const tip = rival(height);
  const observation = observationOf(OTHER, made.now(), [tip], tip);
  const refused = {
    hash: block(3_040).hash,
    height: 3_040,
    branchlen: 1,
    status: "invalid",
  } as const;
  const active = { hash: tip.hash, height, branchlen: 0, status: "active" } as const;
  made.pipeline.observe({ ...observation, tips: [active, refused] });
}

function calm(options: SiteOptions = TWO): TestSite {
  const made = site(options);
  const nodes = [NODE, ...(options.further_node_ids ?? [])];
  for (let height = 3_000; height < 3_040; height++) {
    for (const node of nodes) see(made, height, undefined, node);
  }
  return made;
}

const decide = async (made: TestSite, withdrawal_id: string) =>
  (await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id })).final;

describe("a site of several nodes", () => {
  it("refuses from the moment when they differ on what is valid, until an operator releases it", async () => {
    const made = calm();
    expect(await decide(made, "w-1")).toBe(true);
    for (let height = 3_040; height < 3_042; height++) {
      see(made, height);
      seeRival(made, height);
    }
    const { together, defense } = await made.pipeline.overview();
    expect(together?.findings.map(({ detector }) => detector)).toContain("rule_split");
    expect(together?.branches.map(({ nodes }) => nodes.length)).toEqual([1, 1]);
    expect(made.pipeline.needsTips()).toEqual(expect.arrayContaining([NODE, OTHER]));
    expect(defense.lockdown).toBe("FULL");
    expect(await decide(made, "w-2")).toBe(false);
    // The other node comes back to this chain: the finding ends, and what it caused holds.
    for (let height = 3_042; height < 3_100; height++) {
      see(made, height);
      const blocks =
        height === 3_042 ? [block(3_040), block(3_041), block(3_042)] : [block(height)];
      const [tip] = blocks.slice(-1);
      if (tip !== undefined) made.pipeline.observe(observationOf(OTHER, made.now(), blocks, tip));
    }
    expect((await made.pipeline.overview()).together?.findings).toEqual([]);
    expect(await decide(made, "w-3")).toBe(false);
    const order = { operator: "ann", reason: "the node was upgraded" };
    expect(made.pipeline.release({ ...order, detector: "rule_split" })).not.toEqual([]);
  });

  it("holds a split over a restart that sees only one node again", async () => {
    let text: string | null = null;
    const state = { load: () => text, save: (next: string) => void (text = next) };
    const ledger = createMemoryLedger();
    const made = calm({ ...TWO, state, ledger });
    expect(await decide(made, "w-1")).toBe(true);
    for (let height = 3_040; height < 3_042; height++) {
      see(made, height);
      seeRival(made, height);
    }
    const again = site({ ...TWO, state, ledger, min_fresh_nodes: 1 });
    see(again, 3_042);
    const found = await again.pipeline.overview();
    expect(found.defense.lockdown).toBe("FULL");
    expect(found.together?.findings.map((one) => one.detector)).toContain("rule_split");
    expect(await decide(again, "w-2")).toBe(false);
  });

  it("goes on from the state of the version before, in which nodes were not compared", async () => {
    let text: string | null = null;
    const state = { load: () => text, save: (next: string) => void (text = next) };
    const ledger = createMemoryLedger();
    expect(await decide(calm({ ...TWO, state, ledger }), "w-1")).toBe(true);
    const [, body = ""] = String(text).split("\n");
    const { fleet, ...rest } = JSON.parse(body) as {
      fleet: { sentinels: Record<string, unknown> };
    };
    const sentinels = Object.entries(fleet.sentinels).map(([node_id, one]) => ({
      node_id,
      state: one,
    }));
    text = writeState({ ...rest, state_version: 1, sentinels } as never);
    const again = site({ ...TWO, state, ledger });
    for (const node of [NODE, OTHER]) see(again, 3_040, undefined, node);
    expect(await again.pipeline.overview()).toMatchObject({
      veto: null,
      defense: { lockdown: "NONE" },
    });
    expect(await decide(again, "w-2")).toBe(true);
  });

  it.each(["fleet"])(
    "has no node of the name %s, which findings of all of them have",
    (node_id) => {
      expect(() => site({ node_id })).toThrow(/no node may be named "fleet"/);
    },
  );

  it("pays on while one of three nodes does not answer", async () => {
    const made = calm({ further_node_ids: [OTHER, THIRD] });
    for (let height = 3_040; height < 3_060; height++) {
      see(made, height);
      see(made, height, undefined, OTHER);
      made.pipeline.observe({
        ...{ node_id: THIRD, at_ms: made.now(), reachable: false, syncing: false },
        ...{ tip: null, blocks: [], tips: [], mempool: null },
      });
    }
    const { veto, inputs } = await made.pipeline.overview();
    expect(veto).toBeNull();
    expect(inputs.sources.map(({ fresh }) => fresh)).toEqual([true, true, false]);
    expect(await decide(made, "w-1")).toBe(true);
  });
});
