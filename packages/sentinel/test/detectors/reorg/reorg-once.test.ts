/** One losing tip is found once, whichever call of which poll shows it first (design, section 5: reorg). */
import type { SentinelReport } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { runs } from "@dgb-shield/testkit/runs";
import { type BlockHeader, type ChainTip, createSentinel, reorg } from "../../../src/index.js";
import { branchOf, chainTips, hashOf, NODE, observation } from "../../support/chain.js";

const old = branchOf("a", 1, 10);
const won = branchOf("b", 8, 12, "a");
const [oldTip, newTip] = [old.at(-1)!, won.at(-1)!];
const later = branchOf("b", 13, 14);

const side = (tip: BlockHeader, branchlen: number, status: ChainTip["status"] = "valid-fork") => ({
  hash: tip.hash,
  height: tip.height,
  branchlen,
  status,
});
const lost = side(oldTip, 3);
/** A block that the node had on the old branch before it changed, which no header shows. */
const [unseen] = branchOf("a", 11, 11);

type Poll = Readonly<{ tip: BlockHeader; blocks: BlockHeader[]; tips: ChainTip[] }>;

const SETUP = { node_id: NODE, chain: digibyte, detectors: [reorg] };

/** All reports of a watch, begun anew from its state after each observation. */
function watch(polls: readonly Poll[], isRestarted: boolean) {
  let sentinel = createSentinel(SETUP);
  const reports = polls.map(({ tip, blocks, tips }, i) => {
    if (isRestarted) {
      const state = JSON.parse(JSON.stringify(sentinel.state())) as unknown;
      sentinel = createSentinel({ ...SETUP, state });
    }
    const at_ms = (old.at(-1)!.time_s + i * 15) * 1_000;
    return sentinel.observe(observation(blocks, { tip, tips, at_ms }));
  });
  const { burst } = sentinel.state().detectors["reorg"] as { burst: { events: unknown[] } };
  return { reports, counted: burst.events.length };
}
const reorgsOf = (reports: readonly SentinelReport[]): string[] => [
  ...new Set(
    reports.flatMap(({ findings }) =>
      findings.filter(({ detector }) => detector === "reorg").map(({ finding_id }) => finding_id),
    ),
  ),
];

const first: Poll = { tip: oldTip, blocks: old, tips: chainTips(oldTip) };
const after: Poll = { tip: newTip, blocks: won, tips: chainTips(newTip, lost) };
const calm: Poll = {
  tip: later.at(-1)!,
  blocks: later,
  tips: chainTips(later.at(-1)!, lost),
};

const ORDERS: readonly (readonly [string, readonly Poll[]])[] = [
  ["headers and chain tips at one moment", [first, after, calm]],
  [
    "chain tips of a moment after the headers",
    [first, { ...first, blocks: [], tips: chainTips(newTip, lost) }, after, calm],
  ],
  [
    "chain tips of a moment before the headers",
    [first, { ...after, tips: chainTips(oldTip) }, calm],
  ],
  [
    "no chain tips asked at the headers' moment",
    [first, { ...after, tips: [] }, { ...after, blocks: [] }, calm],
  ],
  [
    "blocks of a moment after the tip",
    [first, { ...after, tip: oldTip, tips: chainTips(oldTip) }, { ...after, blocks: [] }, calm],
  ],
];

describe.each([
  ["without a restart", false],
  ["with a restart before each observation", true],
])("a reorganisation inside one poll, %s", (_, isRestarted) => {
  it.each(ORDERS)("is found once and counts one: %s", (_order, polls) => {
    const { reports, counted } = watch(polls, isRestarted);
    expect(reorgsOf(reports)).toEqual([`reorg:7:${oldTip.hash.slice(-16)}`]);
    expect(counted).toBe(1);
  });

  it.each([
    ["headers first", [{ ...after, tips: chainTips(oldTip) }, calm]],
    ["headers alone, then the list", [{ ...after, tips: [] }, calm]],
    ["both at one moment", [after, calm]],
    [
      "chain tips first",
      [{ ...first, blocks: [], tips: chainTips(newTip, side(unseen!, 4)) }, after, calm],
    ],
  ])("whose last block was never seen is found once, as deep as it was: %s", (_order, polls) => {
    const withUnseen = polls.map((poll) => ({
      ...poll,
      tips: poll.tips.map((tip) =>
        tip.hash === oldTip.hash && tip.status !== "active" ? side(unseen!, 4) : tip,
      ),
    }));
    const { reports, counted } = watch([first, ...withUnseen], isRestarted);
    expect(reorgsOf(reports)).toHaveLength(1);
    expect(counted).toBe(1);
    expect(reports.at(-1)!.findings[0]).toMatchObject({
      severity: 0.515785,
      evidence: { depth: 4 },
    });
  });

  it("counts the way back and the next way as further ones", () => {
    const back = branchOf("a", 11, 15);
    const backTip = back.at(-1)!;
    const again = branchOf("b", 15, 17);
    const polls = [
      first,
      after,
      {
        tip: backTip,
        blocks: [...branchOf("a", 8, 10), ...back],
        tips: chainTips(backTip, side(newTip, 5)),
      },
      {
        tip: again.at(-1)!,
        blocks: [...won, ...branchOf("b", 13, 14), ...again],
        tips: chainTips(again.at(-1)!, side(backTip, 8)),
      },
    ];
    expect(watch(polls, isRestarted).counted).toBe(3);
  });

  it("takes a new branch that was only ever headers for no reorganisation, nor for the lost one", () => {
    const headersOnly = side(unseen!, 4, "headers-only");
    const { reports, counted } = watch(
      [
        first,
        { ...after, tips: chainTips(newTip, headersOnly) },
        { ...calm, tips: chainTips(calm.tip, headersOnly) },
      ],
      isRestarted,
    );
    expect(counted).toBe(1);
    expect(reorgsOf(reports)).toEqual([`reorg:7:${oldTip.hash.slice(-16)}`]);
  });

  it("finds two branches that part at one height as two", () => {
    const other = { hash: hashOf(9, "c"), height: 9, branchlen: 2, status: "valid-fork" as const };
    const { counted } = watch(
      [first, { ...after, tips: chainTips(newTip, lost, other) }, calm],
      isRestarted,
    );
    expect(counted).toBe(2);
  });

  it("finds a chain that changed while its blocks were read one by one", () => {
    const walked = [...branchOf("a", 11, 11), ...branchOf("b", 12, 14)];
    const { counted, reports } = watch(
      [
        first,
        { tip: walked.at(-1)!, blocks: walked, tips: [] },
        { tip: branchOf("b", 15, 15)[0]!, blocks: branchOf("b", 15, 15), tips: [] },
      ],
      isRestarted,
    );
    expect(counted).toBe(1);
    expect(reports.every(({ status }) => status === "WATCHING")).toBe(true);
  });
});

describe("lists of chain tips that never belong to the headers' moment", () => {
  it("are read from the third on, so that nothing is missed for good", () => {
    // The headers come too seldom to link: the list alone shows what was lost.
    const tipAt = (height: number) => branchOf("b", height, height)[0]!;
    const polls = Array.from({ length: 5 }, (_, i) => ({
      tip: tipAt(30 + 10 * i),
      blocks: [tipAt(30 + 10 * i)],
      tips: chainTips(tipAt(31 + 10 * i), ...(i < 4 ? [] : [lost])),
    }));
    const { reports } = watch([{ ...first, tips: chainTips(oldTip) }, ...polls], false);
    expect(reorgsOf(reports)).toEqual([`reorg:7:${oldTip.hash.slice(-16)}`]);
  });
});

describe("any way to show one reorganisation", () => {
  const cut = fc.record({
    headers: fc.integer({ min: 0, max: 2 }),
    tips: fc.constantFrom("old", "new", "none"),
  });
  it("counts it once at most while the old branch is listed or not, and finds it in the end", () => {
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 4 }), (cuts) => {
        const shownAt = cuts.findIndex(({ headers }) => headers === 2);
        const polls = cuts.map(({ tips }, i): Poll => {
          const isNew = shownAt !== -1 && i >= shownAt;
          const blocks = i === shownAt ? won : [];
          const list =
            tips === "none" ? [] : tips === "old" ? chainTips(oldTip) : chainTips(newTip, lost);
          return { tip: isNew ? newTip : oldTip, blocks, tips: list };
        });
        const { reports, counted } = watch(
          [first, ...polls, shownAt === -1 ? after : calm, calm],
          false,
        );
        expect(reorgsOf(reports)).toHaveLength(1);
        expect(counted).toBe(1);
      }),
      { numRuns: runs(80, 300) },
    );
  });
});
