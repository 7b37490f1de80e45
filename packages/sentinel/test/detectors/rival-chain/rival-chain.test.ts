import { describe, expect, it } from "vitest";
import { digibyte, litecoin } from "@dgb-shield/chain";
import {
  type ChainTip,
  createSentinel,
  type DetectorFinding,
  type Observation,
  type Peer,
  rivalChain,
} from "../../../src/index.js";
import {
  branchOf,
  chainTips,
  hashOf,
  header,
  NODE,
  observation,
  timed,
} from "../../support/chain.js";

const START = 1_000;
const START_MS = 1_790_100_000_000;

/** An observation so many seconds after the start, of the active chain at a height. */
const at = (seconds: number, height = START, fields: Partial<Observation> = {}) => ({
  ...observation([header(height)]),
  at_ms: START_MS + seconds * 1_000,
  ...fields,
});
const active = (height = START): ChainTip[] => chainTips(header(height));
const side = (
  status: ChainTip["status"],
  height: number,
  branchlen: number,
  branch = "b",
): ChainTip => ({ hash: hashOf(height, branch), height, branchlen, status });
/** A list at the height of the active chain, with side branches. */
const listed = (height: number, ...sides: ChainTip[]) => ({ tips: [...active(height), ...sides] });

/** Findings after each observation, its state stored and read between two. */
function watch(observations: readonly Observation[], chain = digibyte): DetectorFinding[][] {
  let state = rivalChain.initial();
  return observations.map((one) => {
    const stored = rivalChain.stateSchema.parse(JSON.parse(JSON.stringify(state)));
    const isWatched = one.reachable && !one.syncing && one.warming_up !== true && one.tip !== null;
    const reduced = isWatched
      ? rivalChain.reduce(stored, timed(one) as never, chain)
      : rivalChain.reduceUnwatched!(stored, timed(one), chain);
    state = reduced.state;
    return reduced.findings ?? [];
  });
}
const severities = (observations: readonly Observation[], chain = digibyte): number[] =>
  watch(observations, chain).map((findings) => Math.max(0, ...findings.map((one) => one.severity)));

describe("a tip called invalid", () => {
  const before = at(0, START, listed(START));

  it.each([
    [
      "one above the tip",
      [before, at(15, 1_000, listed(1_000, side("invalid", 1_001, 1)))],
      [0, 0.99],
    ],
    [
      "above the tip at first sight",
      [at(0, 1_000, listed(1_000, side("invalid", 1_001, 1)))],
      [0.99],
    ],
    [
      "above the tip of the list before, a quarter of an hour ago",
      [before, at(900, 1_060, listed(1_060, side("invalid", 1_020, 1)))],
      [0, 0.99],
    ],
    [
      "at the tip's height",
      [before, at(15, 1_000, listed(1_000, side("invalid", 1_000, 1)))],
      [0, 0.25],
    ],
    ["below the tip", [before, at(15, 1_001, listed(1_001, side("invalid", 990, 1)))], [0, 0.25]],
    [
      "below the tip at first sight",
      [at(0, 1_000, listed(1_000, side("invalid", 999, 1)))],
      [0.25],
    ],
    ["far below the tip", [at(0, 9_000, listed(9_000, side("invalid", 7_999, 1)))], [0]],
    [
      "with 480 blocks, shorter than ours",
      [before, at(15, 1_001, listed(1_001, side("invalid", 990, 480)))],
      [0, 0.99],
    ],
  ])("%s", (_, observations, expected) => {
    expect(severities(observations)).toEqual(expected);
  });

  it("one above the tip stays until an operator acknowledges it, and is not found again", () => {
    const invalid = side("invalid", 1_001, 1);
    const sentinel = createSentinel({ node_id: NODE, chain: digibyte, detectors: [rivalChain] });
    const poll = (seconds: number, height: number) =>
      sentinel.observe(at(seconds, height, listed(height, invalid)));
    poll(0, 1_000);
    const report = poll(7_200, 1_480);
    const [finding] = report.findings;
    expect(finding).toMatchObject({
      finding_id: `rival_chain:invalid:1001:${hashOf(1_001, "b").slice(-16)}`,
      latched: true,
      evidence: {
        tip: { height: 1_001 },
        branch_length: 1,
        fork_height: 1_000,
        active_height: 1_000,
      },
    });
    const order = {
      operator: "alice",
      reason: "the block pays too much, and no block stands on it",
    };
    expect(sentinel.acknowledge(finding!.finding_id, order, START_MS + 7_200_000)).toMatchObject({
      accepted: true,
    });
    expect(poll(7_215, 1_481).findings).toEqual([]);
    expect(poll(7_230, 1_482).findings).toEqual([]);
  });

  it("at the tip's height ends after ten minutes", () => {
    const tips = (height: number) => listed(height, side("invalid", 1_000, 1));
    expect(
      severities([
        before,
        at(15, 1_000, tips(1_000)),
        at(614, 1_040, tips(1_040)),
        at(615, 1_041, tips(1_041)),
      ]),
    ).toEqual([0, 0.25, 0.25, 0]);
  });

  it("that was the node's own tip counts when a later list still has it as high as the active one", () => {
    const own = side("invalid", 1_000, 1, "a");
    const stepBack = at(15, 999, { ...listed(999, own), blocks: [] });
    const still = at(16, 999, { ...listed(999, own), blocks: [] });
    expect(severities([before, stepBack, still])).toEqual([0, 0, 0.99]);
    const beside = (seconds: number, height: number) => {
      const blocks = branchOf("c", 1_000, height, "a");
      const seen = { ...observation(blocks), at_ms: START_MS + seconds * 1_000 };
      return { ...seen, tips: chainTips(blocks.at(-1)!, own) };
    };
    expect(severities([before, stepBack, beside(30, 1_000)])).toEqual([0, 0, 0.99]);
    // Below the active tip when four spacings have passed.
    expect(severities([before, stepBack, beside(74, 1_001)])).toEqual([0, 0, 0]);
    expect(severities([before, stepBack, beside(75, 1_001)])).toEqual([0, 0, 0.99]);
    // It ends when the node follows it again, with a list or without.
    const again = { ...observation([header(1_000), header(1_001)]), at_ms: START_MS + 90_000 };
    expect(severities([before, stepBack, still, again])).toEqual([0, 0, 0.99, 0]);
    const listedAgain = { ...beside(90, 1_001), tips: chainTips(branchOf("c", 1_001, 1_001)[0]!) };
    expect(severities([before, stepBack, beside(75, 1_001), listedAgain])).toEqual([0, 0, 0.99, 0]);
    const reconsidered = at(30, 1_001, {
      ...observation(branchOf("c", 1_000, 1_001, "a")),
      at_ms: START_MS + 30_000,
      tips: chainTips(branchOf("c", 1_001, 1_001)[0]!, { ...own, status: "valid-fork" }),
    });
    expect(severities([before, stepBack, reconsidered])).toEqual([0, 0, 0]);
  });
});

describe("headers without their blocks", () => {
  const ahead = (seconds: number, height = 1_000, best = 1_008) =>
    at(seconds, height, { best_header_height: best });

  // 2,103,840·exp(−t/20): once a year at t = 291.2 s, in 1,000 years at 429.3, in a million at 567.5
  it.each([
    [290, 0],
    [292, 0.254769],
    [430, 0.603213],
    [568, 0.901013],
    [1_200, 0.99],
  ])("for %d s are %d", (seconds, severity) => {
    expect(severities([ahead(0), ahead(seconds)])[1]).toBeCloseTo(severity, 2);
  });

  it("are found while both chains grow", () => {
    const polls = Array.from({ length: 120 }, (_, i) =>
      ahead(i * 15, 1_000 + Math.floor(i / 4), 1_008 + i),
    );
    expect(Math.max(...severities(polls))).toBe(0.99);
  });

  it.each([
    [
      "a block on its way at each poll",
      Array.from({ length: 200 }, (_, i) => ahead(i * 15, 1_000 + i, 1_001 + i)),
    ],
    [
      "polls ten minutes apart",
      Array.from({ length: 50 }, (_, i) => ahead(i * 600, 1_000 + 40 * i, 1_001 + 40 * i)),
    ],
    [
      "catching up 2,880 blocks at 5 a second",
      [
        ahead(0, 1_000, 1_001),
        { ...ahead(43_200), reachable: false, tip: null, blocks: [] },
        ...Array.from({ length: 39 }, (_, i) => ahead(43_215 + 15 * i, 1_000 + 75 * i, 3_880)),
      ],
    ],
    [
      "catching up after a restart between two polls",
      [
        ahead(0, 1_000, 1_001),
        { ...ahead(900, 1_000, 1_061), restarted: true },
        ahead(915, 1_061, 1_061),
      ],
    ],
    [
      "chunks of a gap",
      Array.from({ length: 10 }, (_, i) => ({ ...ahead(0, 1_000 + 300 * i, 5_000), more: true })),
    ],
  ])("that are no rival: %s", (_, polls) => {
    expect(Math.max(...severities(polls))).toBe(0);
  });

  it("go on counting after a silence, which does not count itself", () => {
    const silent = { ...ahead(500), reachable: false, tip: null, blocks: [] };
    expect(severities([ahead(0), ahead(290), silent, ahead(9_000), ahead(9_015)])).toEqual([
      0,
      0,
      0,
      0,
      expect.closeTo(0.29, 1),
    ]);
  });

  it("end when they are followed", () => {
    expect(severities([ahead(0), ahead(600), ahead(615, 1_008, 1_009)])).toEqual([
      0,
      expect.any(Number),
      0,
    ]);
  });
});

describe("a branch beside the active one", () => {
  const growing = (status: ChainTip["status"], from: number, to: number, ours: number) => [
    at(0, 1_000, listed(1_000, side(status, 900 + from, from))),
    at(900, ours, listed(ours, side(status, 900 + to, to))),
  ];

  it.each(["headers-only", "valid-headers", "valid-fork", "invalid", "unknown"] as const)(
    "of 480 blocks beside 400 is critical, as %s",
    (status) => {
      const [, last] = severities([
        at(0, 1_000, listed(1_000)),
        at(900, 1_060, listed(1_060, side(status, 1_140, 480))),
      ]);
      expect(last).toBe(0.99);
    },
  );

  // As a reorganisation of that depth
  it.each([
    [2, 0],
    [3, 0.264918],
    [4, 0.515785],
    [5, 0.742845],
    [6, 0.957874],
  ])("that grows to %d blocks is %d", (length, severity) => {
    expect(severities(growing("valid-headers", length - 1, length, 1_060))[1]).toBe(severity);
  });

  it("names tip, lengths, fork and status", () => {
    const [, [finding]] = watch(growing("headers-only", 90, 96, 1_030)) as [
      unknown,
      DetectorFinding[],
    ];
    expect(finding).toMatchObject({
      finding_id: `rival_chain:branch:900:${hashOf(996, "b").slice(-16)}`,
      evidence: {
        tip: { hash: hashOf(996, "b"), height: 996 },
        status: "headers-only",
        fork_height: 900,
        branch_length: 96,
        active_length: 130,
      },
    });
  });

  it("keeps its id while it grows, and ends with a list ten minutes after it last grew", () => {
    const grown = (seconds: number, ours: number, length: number) =>
      at(seconds, ours, listed(ours, side("headers-only", 900 + length, length)));
    const polls = [
      grown(0, 1_000, 20),
      grown(900, 1_060, 30),
      grown(1_800, 1_120, 40),
      grown(2_700, 1_180, 40),
    ];
    const ids = watch(polls).map((findings) => findings.map(({ finding_id }) => finding_id));
    expect(ids).toEqual([[], [expect.any(String)], ids[1], []]);
  });

  it("stays until the next list where none is requested", () => {
    const quiet = at(8_000, 1_500);
    expect(severities([...growing("valid-headers", 20, 30, 1_060), quiet])).toEqual([
      0, 0.99, 0.99,
    ]);
  });

  it("that stays as long as the active one gets critical", () => {
    const tied = (seconds: number, height: number) =>
      at(seconds, height, listed(height, side("valid-headers", height, height - 997)));
    expect(severities([tied(0, 1_000), tied(900, 1_001)])).toEqual([0.264918, 0.99]);
  });

  it("with more work counts as longer, with less as shorter", () => {
    const work = (digit: string) => digit.repeat(64);
    const of = (mine: string, other: string, length: number) => [
      at(0, 1_000, {
        chainwork: work(mine),
        tips: [
          ...active(),
          { ...side("valid-headers", 990 + length, length), chainwork: work(other) },
        ],
      }),
    ];
    expect(severities(of("4", "5", 7))).toEqual([0.99]);
    expect(severities(of("5", "4", 12))).toEqual([0]);
  });

  it.each([
    [
      "remains of races",
      [
        listed(1_000, side("valid-headers", 998, 2)),
        listed(1_060, side("valid-headers", 998, 2), side("headers-only", 1_030, 4, "c")),
      ],
    ],
    [
      "history at first sight",
      [listed(1_000, side("headers-only", 700, 16)), listed(1_060, side("headers-only", 700, 16))],
    ],
    [
      "lost branches, which reorg reports",
      [listed(1_000), listed(1_060, side("valid-fork", 1_020, 5))],
    ],
    [
      "the active chain ahead of the tip, while the node catches up",
      [
        listed(1_000, side("headers-only", 3_880, 2_880)),
        listed(1_060, side("headers-only", 3_880, 2_820)),
      ],
    ],
    [
      "the better chain after an hour with a stale tip",
      [listed(1_000, side("headers-only", 1_239, 240)), listed(1_239)],
    ],
    [
      "branches far below",
      [
        listed(1_000_000, side("headers-only", 5_000, 480)),
        listed(1_000_060, side("headers-only", 5_001, 481)),
      ],
    ],
  ])("that is none: %s", (_, lists) => {
    const polls = lists.map((list, i) => at(900 * i, list.tips[0]!.height, list));
    expect(Math.max(...severities(polls))).toBe(0);
  });

  it("is judged by the list's own tip where the list is of another moment", () => {
    const torn = at(0, 1_000, { tips: [...active(990), side("valid-headers", 1_000, 10, "a")] });
    expect(severities([torn])).toEqual([0]);
  });

  it("is kept in a bounded state", () => {
    const many = Array.from({ length: 2_000 }, (_, i): ChainTip => ({
      hash: (i + 16).toString(16).padStart(64, "c"),
      height: 999,
      branchlen: 5,
      status: i % 2 === 0 ? "valid-headers" : "invalid",
    }));
    const { state } = rivalChain.reduce(
      rivalChain.initial(),
      timed(at(0, 1_000, listed(1_000, ...many))) as never,
      digibyte,
    );
    expect(JSON.stringify(state).length).toBeLessThan(24_000);
  });
});

describe("peers ahead", () => {
  const peer = (group: string, height: number, fields: Partial<Peer> = {}): Peer => ({
    group,
    inbound: false,
    height: null,
    starting_height: height,
    ...fields,
  });
  const groups = (n: number, height: number, fields: Partial<Peer> = {}) =>
    Array.from({ length: n }, (_, i) => peer(`198.${i}/16`, height, fields));
  /** Twelve minutes with these peers, on a chain that grows by a block a minute. */
  const slow = (peers: Peer[]) =>
    severities(Array.from({ length: 13 }, (_, i) => at(60 * i, 1_000 + i, { peers }))).at(-1);

  // 8,766·Binomial(≥ k; n, 0.05): 5 of 8 0.131 a year; 8 of 8 3.4·10⁻⁷, which is 0.94, cut
  it.each([
    ["five of eight groups", [...groups(5, 1_039), ...groups(8, 1_000).slice(5)], 0.353],
    ["eight of eight groups", groups(8, 1_039), 0.899999],
    ["three of three", groups(3, 1_039), 0.25],
    ["four of eight", [...groups(4, 1_039), ...groups(8, 1_000).slice(4)], 0],
    ["two of two", groups(2, 1_039), 0],
    ["any number of inbound peers", groups(100, 1_039, { inbound: true }), 0],
    ["many of one group", Array.from({ length: 8 }, () => peer("198.51/16", 1_039)), 0],
    ["many by Tor", Array.from({ length: 8 }, () => peer("onion", 1_039)), 0],
    ["one liar in each group", [...groups(8, 1_039), ...groups(8, 1_000)], 0],
    ["five blocks ahead", groups(8, 1_017), 0],
    ["peers that are behind", groups(8, 900), 0],
  ])("%s", (_, peers, severity) => {
    expect(slow(peers)).toBeCloseTo(severity, 2);
  });

  it("are nothing before ten minutes, nor while the node catches up", () => {
    const peers = groups(8, 2_000);
    expect(severities([at(0, 1_000, { peers }), at(599, 1_001, { peers })])).toEqual([0, 0]);
    const fast = Array.from({ length: 20 }, (_, i) => at(60 * i, 1_000 + 50 * i, { peers }));
    expect(Math.max(...severities(fast))).toBe(0);
  });
});

describe("warnings of the node", () => {
  it.each([
    ["Unknown new rules activated (versionbit 28)", "unknown_rules", 0.25],
    ["Warning: unknown new rules activated (versionbit 1)", "unknown_rules", 0.25],
    [
      "Warning: Unknown block versions being mined! It's possible unknown rules are in effect",
      "unknown_rules",
      0.25,
    ],
    [
      "Warning: We do not appear to fully agree with our peers! You may need to upgrade",
      "peers_disagree",
      0.25,
    ],
    ["Warning: The network does not appear to fully agree!", "peers_disagree", 0.25],
    ["This node is not on the longest chain", "longer_chain", 0.25],
    [
      "Warning: Found invalid chain at least ~6 blocks longer than our best chain.",
      "invalid_chain_longer",
      0.99,
    ],
  ])("%s", (text, kind, severity) => {
    const [[finding], stays, over] = watch([
      at(0, 1_000, { warnings: ["", text] }),
      at(15, 1_001),
      at(30, 1_002, { warnings: [] }),
    ]) as [DetectorFinding[], DetectorFinding[], DetectorFinding[]];
    expect(finding).toMatchObject({ finding_id: `rival_chain:warning:${kind}`, severity });
    expect(stays).toHaveLength(1);
    expect(over).toEqual([]);
  });

  it("of other kinds are none", () => {
    expect(watch([at(0, 1_000, { warnings: ["This is a pre-release test build"] })])).toEqual([[]]);
  });
});

it("is slower on a slower chain only by the chain's own numbers", () => {
  const ahead = (seconds: number) => at(seconds, 1_000, { best_header_height: 1_001 });
  // 210,384·exp(−t/20) = 1 at 245 s
  expect(severities([ahead(0), ahead(244)], litecoin)[1]).toBe(0);
  expect(severities([ahead(0), ahead(246)], litecoin)[1]).toBeGreaterThan(0.25);
});
