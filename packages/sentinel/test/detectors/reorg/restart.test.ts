/** A reorganisation across a restart or an initial download is reported (design, section 5: reorg). */
import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { createSentinel, type Observation, reorg } from "../../../src/index.js";
import { branchOf, chainTips, header, NODE, observation } from "../../support/chain.js";

const OLD = branchOf("a", 1, 100);
const oldTip = OLD.at(-1)!;
/** The chain that won while the node was down: it parts above 94. */
const WON = branchOf("b", 95, 700, "a");
const newTip = WON.at(-1)!;
const LOST = { hash: oldTip.hash, height: 100, branchlen: 6, status: "valid-fork" as const };

const at_ms = (minutes: number): number => (oldTip.time_s + minutes * 60) * 1_000;
const watched = (
  blocks: typeof OLD,
  minutes: number,
  fields: Partial<Observation> = {},
): Observation => ({
  ...observation(blocks, { tip: blocks.at(-1)! }),
  at_ms: at_ms(minutes),
  ...fields,
});
const silent = (minutes: number, fields: Partial<Observation> = {}): Observation => ({
  ...watched(OLD, minutes),
  blocks: [],
  tip: null,
  reachable: false,
  ...fields,
});
const syncing = (blocks: typeof OLD, minutes: number, fields: Partial<Observation> = {}) =>
  watched(blocks, minutes, { syncing: true, ...fields });
const first = watched(OLD, 0, { tips: chainTips(oldTip) });

/** The reorganisations of each report. */
function depths(observations: readonly Observation[]): unknown[][] {
  const setup = { node_id: NODE, chain: digibyte, detectors: [reorg] };
  let sentinel = createSentinel(setup);
  return observations.map((one) => {
    const state = JSON.parse(JSON.stringify(sentinel.state())) as unknown;
    sentinel = createSentinel({ ...setup, state });
    return sentinel
      .observe(one)
      .findings.filter(({ detector }) => detector === "reorg")
      .map(({ evidence }) => evidence["depth"]);
  });
}

const loading = silent(10, { reachable: true, warming_up: true });

describe("a reorganisation while the node was down", () => {
  it.each([
    [
      "the headers seen while it syncs",
      [syncing(WON.slice(0, 50), 26), syncing(WON.slice(50), 27)],
    ],
    [
      "the list of chain tips while it syncs",
      [syncing([oldTip], 26), syncing([newTip], 27, { tips: chainTips(newTip, LOST) })],
    ],
    [
      "what the node states of its last tip, while it syncs",
      [
        syncing([newTip], 26, {
          last_tip: { hash: oldTip.hash, height: 100, status: "lost", fork_height: 94 },
        }),
      ],
    ],
    [
      "the list after it has synced",
      [syncing([oldTip], 26), watched([newTip], 27, { tips: chainTips(newTip, LOST) })],
    ],
    [
      "a list that comes much later",
      [
        syncing([newTip], 26),
        watched(branchOf("b", 2_000, 2_000), 400),
        watched(branchOf("b", 2_001, 2_001), 401, {
          tips: chainTips(branchOf("b", 2_001, 2_001)[0]!, LOST),
        }),
      ],
    ],
    [
      "a list that names an end that was never seen",
      [
        syncing([branchOf("b", 2_000, 2_000)[0]!], 400),
        watched(branchOf("b", 2_001, 2_001), 401, {
          tips: chainTips(branchOf("b", 2_001, 2_001)[0]!, {
            ...LOST,
            hash: header(101).hash,
            height: 101,
            branchlen: 7,
          }),
        }),
      ],
    ],
  ])("is reported by %s", (_, polls) => {
    const found = depths([first, silent(5), loading, ...polls]);
    expect(found.at(-1)).toEqual([expect.toSatisfy((depth) => depth === 6 || depth === 7)]);
    expect(found.slice(0, 3)).toEqual([[], [], []]);
  });

  it("is at its full severity, and goes on when the node is watched again", () => {
    const polls = [first, loading, syncing(WON, 26), watched(branchOf("b", 701, 701), 27)];
    const sentinel = createSentinel({ node_id: NODE, chain: digibyte, detectors: [reorg] });
    const reports = polls.map((one) => sentinel.observe(one));
    expect(reports.map(({ status }) => status)).toEqual([
      "WATCHING",
      "SYNCING",
      "SYNCING",
      "WATCHING",
    ]);
    expect(reports.slice(2).map(({ level }) => level)).toEqual(["critical", "critical"]);
  });

  it("stays while the node syncs, and ends ten minutes after it was found when it is watched", () => {
    const next = (i: number, minutes: number) => watched(branchOf("b", 700 + i, 700 + i), minutes);
    const polls = [first, syncing(WON, 1), syncing([newTip], 20), next(1, 21)];
    const sentinel = createSentinel({ node_id: NODE, chain: digibyte, detectors: [reorg] });
    const found = polls.map(
      (one) => sentinel.observe({ ...one, monotonic_ms: one.at_ms }).findings,
    );
    expect(found.map((findings) => findings.length)).toEqual([0, 1, 1, 0]);
  });
});

describe("a node that starts", () => {
  it("has lost nothing where it shows an earlier block of its own chain first", () => {
    const back = [
      watched([OLD[89]!], 2),
      watched(OLD.slice(90, 95), 3),
      watched(branchOf("a", 96, 120), 4),
    ];
    expect(depths([first, silent(1), ...back]).flat()).toEqual([]);
    const [one, ...others] = back;
    expect(depths([first, { ...one!, restarted: true }, ...others]).flat()).toEqual([]);
    expect(depths([first, ...back]).flat()).not.toEqual([]);
  });

  it("has lost what differs when it comes back to those heights", () => {
    const found = depths([
      first,
      silent(1),
      watched([OLD[89]!], 2),
      watched(branchOf("b", 91, 96, "a"), 3),
    ]);
    expect(found.at(-1)).toEqual([10]);
  });

  it("has lost nothing where its chain is read anew from the beginning", () => {
    const anew = [
      syncing(OLD.slice(0, 10), 5),
      syncing(OLD.slice(10), 6),
      watched(branchOf("a", 101, 130), 7),
    ];
    expect(depths([first, silent(1), ...anew]).flat()).toEqual([]);
  });
});

describe("a gap", () => {
  const long = branchOf("a", 101, 2_000);
  const tip = long.at(-1)!;

  it("in chunks hides no fork: a later reorganisation is as deep as it is", () => {
    const chunks = [
      watched(long.slice(0, 900), 60, { more: true }),
      watched(long.slice(900, 1_800), 60, { more: true }),
      watched(long.slice(1_800), 60),
    ];
    expect(
      depths([first, ...chunks, watched(branchOf("b", 1_851, 2_001, "a"), 61)]).at(-1),
    ).toEqual([150]);
  });

  it("whose chunks all name the last tip leaves no hole", () => {
    const chunks = [long.slice(0, 1_000), long.slice(1_000)].map((blocks, i) =>
      watched(blocks, 60 + i, { tip }),
    );
    expect(
      depths([first, ...chunks, watched(branchOf("b", 1_851, 2_001, "a"), 63)]).at(-1),
    ).toEqual([150]);
  });

  it("above a lost tip is found when its blocks come after all", () => {
    const found = depths([
      first,
      watched([newTip], 60),
      watched(WON.slice(0, -1), 61, { tip: newTip }),
      watched(branchOf("b", 701, 701), 62),
    ]);
    expect(found).toEqual([[], [], [6], [6]]);
  });

  it("above a tip that is still active is nothing", () => {
    const active = { hash: oldTip.hash, height: 100, status: "active" as const, fork_height: null };
    expect(depths([first, watched([tip], 60, { last_tip: active })]).flat()).toEqual([]);
    expect(depths([first, watched([tip], 60, { tips: chainTips(tip) })]).flat()).toEqual([]);
  });
});

describe("what a node states of its last tip", () => {
  it.each([
    ["without a fork", null, 1],
    ["with a fork above it", 2_000, 1],
  ])("is a loss of at least one block %s", (_, fork_height, depth) => {
    const chain = { ...digibyte, stale_rate: 1e-9 };
    const sentinel = createSentinel({ node_id: NODE, chain, detectors: [reorg] });
    sentinel.observe(first);
    const last_tip = { hash: oldTip.hash, height: 100, status: "lost" as const, fork_height };
    const { findings } = sentinel.observe(watched([newTip], 60, { last_tip }));
    expect(findings.map(({ evidence }) => evidence["depth"])).toEqual([depth]);
  });

  it("is counted once, whichever of headers, statement and list come together", () => {
    const last_tip = { hash: oldTip.hash, height: 100, status: "lost" as const, fork_height: 94 };
    const sentinel = createSentinel({ node_id: NODE, chain: digibyte, detectors: [reorg] });
    for (const one of [
      first,
      watched(WON, 60, { last_tip, tips: chainTips(newTip, LOST) }),
      watched([newTip], 61, { last_tip, blocks: [] }),
      watched([newTip], 62, { tips: chainTips(newTip, LOST), blocks: [] }),
    ]) {
      expect(sentinel.observe(one).findings.length).toBeLessThan(2);
    }
    const { burst } = sentinel.state().detectors["reorg"] as { burst: { events: unknown[] } };
    expect(burst.events).toHaveLength(1);
  });
});
