import { algorithmOf, digibyte } from "@dgb-shield/chain";
import { type BlockHeader, createSentinel } from "@dgb-shield/sentinel";
import { describe, expect, it } from "vitest";
import { groestl2026 } from "../../src/scenarios/groestl-2026.js";
import type { Scenario } from "../../src/scenarios/scenario.js";

const FIRST = 23_751_096;
const LAST = 23_766_084;
const scenario = groestl2026();

/** The chain that a node ended on, by height: a block seen later replaces one seen before. */
function chainOf({ steps }: Scenario, nodeId: string): Map<number, BlockHeader> {
  const chain = new Map<number, BlockHeader>();
  for (const step of steps) {
    if (step.kind !== "observation" || step.observation.node_id !== nodeId) continue;
    for (const block of step.observation.blocks) chain.set(block.height, block);
  }
  return chain;
}

const nameOf = (block: BlockHeader | undefined): string | undefined =>
  block && algorithmOf(digibyte, block.version)?.name;

describe("groestl2026", () => {
  const chain = chainOf(scenario, "exchange-node");
  const groestl = [...chain.values()].filter((block) => nameOf(block) === "groestl");

  it("has the published counts: 1,514 + 808 + 1 = 2,323 Groestl blocks in the window", () => {
    expect(groestl).toHaveLength(2_323);
    expect(groestl.filter(({ version }) => version === 0x00000400)).toHaveLength(1_514);
    expect(groestl.every(({ height }) => height >= FIRST && height <= LAST)).toBe(true);
  });

  it("has the published heights, times and the first block's hash", () => {
    expect(chain.get(FIRST - 1)?.time_s).toBe(Date.UTC(2026, 5, 28, 16, 40, 1) / 1_000);
    expect(chain.get(FIRST)).toMatchObject({
      time_s: Date.UTC(2026, 5, 28, 16, 40, 5) / 1_000,
      version: 0x00000400,
      hash: "b2749cf0462eb6c35bf5f8f1d75f4891e62d3ca1d9861fac48b46c05ba078283",
    });
    expect(chain.get(23_761_181)?.time_s).toBe(Date.UTC(2026, 5, 30, 4, 9, 8) / 1_000);
    expect(chain.get(23_761_237)?.time_s).toBe(Date.UTC(2026, 5, 30, 4, 21, 5) / 1_000);
    expect(chain.get(LAST)?.time_s).toBe(Date.UTC(2026, 5, 30, 21, 9, 17) / 1_000);
    for (const height of [FIRST, 23_761_181, 23_761_237, 23_766_054]) {
      expect(nameOf(chain.get(height))).toBe("groestl");
    }
  });

  it("spaces blocks by about 12.5 s in the window: 188,952 s over 14,988 blocks = 12.6 s", () => {
    const seconds = (chain.get(LAST)?.time_s ?? 0) - (chain.get(FIRST)?.time_s ?? 0);
    expect(seconds / (LAST - FIRST)).toBeCloseTo(12.6, 1);
  });

  it("links every block of each node's chain to the one before it", () => {
    for (const { node_id } of scenario.reporters) {
      const blocks = [...chainOf(scenario, node_id).values()].sort((a, b) => a.height - b.height);
      const broken = blocks.filter(
        (block, i) => i > 0 && block.previous_hash !== blocks[i - 1]?.hash,
      );
      expect(broken).toEqual([]);
    }
  });

  it("keeps the node that rejects Groestl free of it", () => {
    const names = [...chainOf(scenario, "explorer-node").values()].map(nameOf);
    expect(names).not.toContain("groestl");
  });

  it("is in the order of its times, and the same every time it is made", () => {
    const times = scenario.steps.map(({ at_ms }) => at_ms);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(groestl2026()).toEqual(scenario);
  });

  it("is found by Sentinel at the first Groestl block, and quiet before", () => {
    const sentinel = createSentinel({ node_id: "exchange-node", chain: digibyte });
    for (const step of scenario.steps) {
      if (step.kind !== "observation" || step.observation.node_id !== "exchange-node") continue;
      const report = sentinel.observe(step.observation);
      if ((report.tip?.height ?? 0) < FIRST) expect(report.level).toBe("normal");
      else {
        expect(report.tip?.height).toBe(FIRST);
        expect(report.findings[0]).toMatchObject({ detector: "retired_algorithm", height: FIRST });
        expect(report.level).toBe("critical");
        break;
      }
    }
  });
});
