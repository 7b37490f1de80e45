import { describe, expect, it } from "vitest";
import { missingBlocks } from "../../src/observation/linkage.js";
import { createSentinel, type WatchedObservation } from "../../src/index.js";
import { digibyteRegtest } from "@dgb-shield/chain";
import { branchOf, chainTips, header, NODE, observation } from "../support/chain.js";

const LAST = header(10);
const lost = (fork_height: number | null) => ({
  last_tip: { hash: LAST.hash, height: 10, status: "lost" as const, fork_height },
});
const forked = (tip: number, branchlen: number) => ({
  tips: chainTips(header(tip), {
    ...{ hash: LAST.hash, height: 10, branchlen, status: "valid-fork" },
  }),
});
const branch = (from: number, to: number, fields: Partial<WatchedObservation> = {}) =>
  observation(branchOf("b", from, to), fields);

describe("missingBlocks", () => {
  it.each<[string, WatchedObservation]>([
    ["the next block", observation([header(11)])],
    ["no new block", observation([], { tip: LAST })],
    ["several blocks that link", observation([header(11), header(12), header(13)])],
    ["the last tip again, and blocks above it", observation([LAST, header(11)])],
    ["a branch from its fork on", branch(9, 11, lost(8))],
    ["a branch from its fork on, by the chain tips", branch(9, 11, forked(11, 2))],
    ["a tip below the last one, as after invalidateblock", observation([], { tip: header(9) })],
  ])("misses nothing in %s", (_, given) => {
    expect(missingBlocks(LAST, given)).toBeUndefined();
  });

  it("misses nothing of what came before the first observation", () => {
    expect(missingBlocks(null, observation([header(99)]))).toBeUndefined();
  });

  it.each<[string, WatchedObservation, number, number]>([
    ["blocks above the last tip", observation([header(14)]), 3, 11], // 11, 12, 13
    ["the tip alone", observation([], { tip: header(14) }), 3, 11],
    ["blocks between two that are shown", observation([header(11), header(13)]), 1, 12],
    ["two stretches", observation([header(12), header(15)]), 3, 11], // 11; 13, 14
    [
      "a block that does not stand on the one below it",
      observation([header(11), header(12, { previous_hash: "c".repeat(64) })]),
      ...([1, 11] as const),
    ],
    [
      "blocks above the last tip, which is still in the chain",
      observation([header(14)], {
        last_tip: { hash: LAST.hash, height: 10, status: "active", fork_height: 10 },
      }),
      ...([3, 11] as const),
    ],
  ])("misses %s", (_, given, count, first_height) => {
    expect(missingBlocks(LAST, given)).toEqual({ count, first_height, isReorganised: false });
  });

  it.each<[string, WatchedObservation, number, number]>([
    ["at the height that it states", branch(14, 14, lost(7)), 6, 8], // 8 to 13
    ["by the chain tips", branch(14, 14, forked(14, 3)), 6, 8],
    ["with an unknown fork: at least those above it", branch(14, 14, lost(null)), 4, 10],
    ["by the first block, which stands on another", branch(11, 12), 1, 10],
  ])(
    "counts what is missing of a branch that replaced the last tip %s",
    (_, given, count, first) => {
      expect(missingBlocks(LAST, given)).toEqual({
        count,
        first_height: first,
        isReorganised: true,
      });
    },
  );
});

describe("observe with blocks missing", () => {
  const sentinelAt = (...before: WatchedObservation[]) => {
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    for (const one of before) sentinel.observe(one);
    return sentinel;
  };
  const found = (report: ReturnType<ReturnType<typeof sentinelAt>["observe"]>) =>
    report.findings.filter(({ detector }) => detector === "evidence_unavailable");

  it("finds missing blocks while they are, and does not list the detectors that judge every block", () => {
    const sentinel = sentinelAt(observation([header(10)]));
    const report = sentinel.observe(observation([header(14)]));
    expect(found(report)).toMatchObject([
      {
        ...{ finding_id: "evidence_unavailable:block:gap", severity: 0.25, height: 14 },
        evidence: { what: "block", reason: "gap", count: 3, first_height: 11 },
      },
    ]);
    expect(report.detectors).toContain("block_stall");
    expect(report.detectors).not.toContain("retired_algorithm");
    const next = sentinel.observe(observation([header(15)]));
    expect(found(next)).toEqual([]);
    expect(next.detectors).toContain("retired_algorithm");
  });

  it("finds a reorganisation alone where the last tip was replaced, and lists no more", () => {
    const sentinel = sentinelAt(observation([header(10)]));
    const report = sentinel.observe(branch(14, 14, lost(7)));
    expect(found(report)).toEqual([]);
    expect(report.detectors).not.toContain("retired_algorithm");
  });

  it("takes many blocks in parts, of which each links to the one before", () => {
    const sentinel = sentinelAt(observation([header(10)]));
    const parts = [
      observation(branchOf("a", 11, 20), { more: true }),
      observation(branchOf("a", 21, 25), { version: 2 }),
    ];
    expect(parts.flatMap((part) => found(sentinel.observe(part)))).toEqual([]);
  });

  it("counts what is unavailable by kind and reason", () => {
    const unavailable = [
      ...[1, 2].map((height) => ({ what: "block", reason: "pruned", height }) as const),
      { what: "block", reason: "failed", height: 3 } as const,
    ];
    const report = sentinelAt().observe(observation([header(10)], { unavailable }));
    expect(
      found(report).map(({ finding_id, evidence }) => [finding_id, evidence["count"]]),
    ).toEqual([
      ["evidence_unavailable:block:failed", 1],
      ["evidence_unavailable:block:pruned", 2],
    ]);
  });
});
