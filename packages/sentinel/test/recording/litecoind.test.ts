/** Recordings of real litecoind nodes: what each phase is, and what is found in it. */
import { levelOfScore } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { newIn, of, recorded, sightings } from "../support/recordings.js";

describe("the recording of a litecoind node and its peer", () => {
  const found = sightings("litecoind-0.21-regtest-basic");

  it.each([
    "baseline",
    "consolidation", // one transaction of 120 inputs in an empty mempool
    "gap", // 300 blocks without a poll, all of which are shown then
    "quiet",
  ])("finds nothing new in %s", (label) => {
    expect(newIn(found, label)).toEqual([]);
  });

  it("finds the flood of the mempool: 240 transactions within one interval", () => {
    expect(newIn(found, "mempool-flood")).toEqual(["mempool_surge"]);
  });

  it("finds the stall, critical after 75 minutes", () => {
    const stall = of(found, "stall", "block_stall");
    // A poll each five minutes, the first after five.
    const critical = stall.find(({ finding }) => levelOfScore(finding.severity) === "critical");
    expect(critical?.finding.summary).toContain("no block for 4500 s");
    expect(stall.at(-1)?.height).toBe(275);
  });

  it.each([1, 2])("finds nothing in a reorganisation of depth %d", (depth) => {
    expect(newIn(found, `invalidate-${depth}`)).toEqual([]);
    expect(newIn(found, `split-${depth}`)).toEqual([]);
  });

  it.each([3, 4, 5, 6])("finds a reorganisation of depth %d as soon as the tip falls", (depth) => {
    const [first] = of(found, `invalidate-${depth}`, "reorg");
    expect(first).toMatchObject({ poll: 1, finding: { evidence: { depth } } });
    expect(newIn(found, `invalidate-${depth}`)).toEqual(["reorg"]);
  });

  it.each([3, 4, 5, 6])("finds a reorganisation of depth %d when the two sides meet", (depth) => {
    // One poll for each block of the side that loses, and one when they have met.
    const depths = of(found, `split-${depth}`, "reorg").filter(({ poll }) => poll === depth + 1);
    expect(depths).toContainEqual(
      expect.objectContaining({
        finding: expect.objectContaining({
          evidence: expect.objectContaining({ depth }) as object,
        }) as object,
      }),
    );
    expect(newIn(found, `split-${depth}`)).toContain("reorg");
  });

  it("misses no block: every one between two polls is shown", () => {
    const missing = [...found.keys()].flatMap((label) => of(found, label, "evidence_unavailable"));
    expect(missing).toEqual([]);
    const blocks = recorded("litecoind-0.21-regtest-basic").map((one) => one.observation.blocks);
    expect(blocks.flat()).toHaveLength(3_723); // 3,717 heights, and six tips that were fallen back to
  });
});

describe("the recording of one of two litecoind nodes", () => {
  const found = sightings("litecoind-0.21-regtest-edge-a", "litecoind-0.21-regtest-clock-back");

  it("finds nothing in quiet", () => {
    expect(found.get("quiet")).toEqual([]);
  });

  it("finds no alarm in a reorganisation of two blocks, of which the source gives the transactions", () => {
    expect(newIn(found, "double-spend")).toEqual([]);
    const observations = recorded("litecoind-0.21-regtest-edge-a");
    const shown = observations.flatMap(({ observation }) => observation.signatures ?? []);
    expect(shown).toHaveLength(1);
  });

  it("names the payment that fell out with them; the blocks in their place were not recorded with transactions", () => {
    const dropped = recorded("litecoind-0.21-regtest-edge-a").flatMap(
      ({ observation }) => observation.dropped ?? [],
    );
    expect(dropped[0]).toMatchObject({
      ...{ fork_height: 220, blocks: 2, blocks_read: 2, new_blocks_unread: 2, count: 1 },
      txids: ["0cd25d38b9fe39621abca4455223167e72b7b9d48b898bae5a90225b30eac728"],
    });
  });

  it("finds the silence of a restart; warm-up is no silence, and the next poll is after a restart", () => {
    const silence = of(found, "restart", "node_unreachable");
    expect(silence.map(({ poll }) => poll)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(newIn(found, "restart")).toEqual(["node_unreachable"]);
    const observations = recorded("litecoind-0.21-regtest-edge-a")
      .filter(({ label }) => label === "restart")
      .map(({ observation }) => observation);
    expect(observations.slice(15)).toMatchObject([
      { warming_up: true, reachable: true },
      { warming_up: true, reachable: true },
      { restarted: true },
      {},
    ]);
  });

  it.each([
    ["reorg-while-down", 4, 276],
    ["reorg-while-down-26h", 6, 945],
  ])("finds in %s that %d blocks fell out while the node was down", (label, depth, height) => {
    expect(of(found, label, "reorg")[0]).toMatchObject({
      height,
      finding: { evidence: { depth } },
    });
  });

  it("finds eight better headers without their blocks", () => {
    const [first] = of(found, "headers-only", "rival_chain");
    expect(first?.height).toBe(951);
    expect(levelOfScore(first?.finding.severity ?? 0)).toBe("critical");
    expect(first?.finding.summary).toContain("958");
  });

  it.each([
    ["invalid-block", 1_004],
    ["invalid-fork", 1_006],
  ])("finds in %s that the node calls the block at %d invalid", (label, height) => {
    const last = of(found, label, "rival_chain").map(({ finding }) => finding);
    expect(last).toContainEqual(
      expect.objectContaining({
        severity: 0.99,
        finding_id: expect.stringContaining(`rival_chain:invalid:${height}:`) as string,
      }),
    );
  });

  it("finds the clock that stepped back by two hours, until it is forward again", () => {
    const clock = of(found, "node-clock-back", "clock_untrusted");
    expect(clock.map(({ poll }) => poll)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1)); // of 11
    expect(clock[0]?.finding.evidence).toMatchObject({ status: "behind" });
  });

  it("finds the reorganisation of 12 blocks after the branch that it refused is taken", () => {
    expect(of(found, "node-clock-back", "reorg")[0]).toMatchObject({
      ...{ poll: 2, height: 1_026 },
      finding: { severity: 0.99, evidence: { depth: 12 } },
    });
  });
});
