import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bitcoin } from "@dgb-shield/chain";
import {
  createSentinel,
  readStaleBlocks,
  RecordingError,
  type StaleBlock,
  staleBranches,
  staleObservations,
} from "../../src/index.js";
import { hashOf, NODE } from "../support/chain.js";

const FILE = join(import.meta.dirname, "../../recordings/bitcoin-stale-blocks.csv");
const branches = staleBranches(readStaleBlocks(readFileSync(FILE, "utf8").split("\n")));
const ofLength = (length: number) => branches.filter((branch) => branch.length === length);

const block = (height: number, branch: string, on: string | null): StaleBlock => ({
  height,
  hash: hashOf(height, branch),
  previous_hash: on === null ? null : hashOf(height - 1, on),
  time_s: null,
});

/** What each branch of the record raises. */
function replayed() {
  const sentinel = createSentinel({ node_id: NODE, chain: bitcoin });
  return [...staleObservations(branches, { node_id: NODE })].map(({ branch, observation }) => ({
    length: branch?.length ?? 0,
    height: branch?.[0].height ?? 0,
    // A finding stays for 40 spacings: what belongs to an earlier branch is not this one's.
    findings: sentinel.observe(observation).findings.filter(({ finding_id }) => {
      return finding_id.endsWith(`:${branch?.at(-1)?.hash.slice(-16)}`);
    }),
    repeated: sentinel
      .state()
      .findings.filter(({ finding_id }) => finding_id.startsWith("reorg:repeated")),
  }));
}

const found = replayed();
const severitiesOf = (length: number) => [
  ...new Set(
    found
      .filter((one) => one.length === length)
      .flatMap(({ findings }) => findings.map(({ severity }) => severity)),
  ),
];

describe("readStaleBlocks", () => {
  it("reads a header's parent and time", () => {
    const raw = `01000000${"11".repeat(31)}22${"33".repeat(32)}29ab5f49ffff001d1dac2b7c`;
    expect(readStaleBlocks(["height,hash,header", `5,${hashOf(5)},${raw}`, ""])).toEqual([
      { height: 5, hash: hashOf(5), previous_hash: `22${"11".repeat(31)}`, time_s: 1_231_006_505 },
    ]);
  });

  it.each([
    ["empty", 1, ["height,hash,header"]],
    ["foreign_format", 1, ["hash,height"]],
    ["invalid_record", 2, ["height,hash,header", "x,y,z"]],
    ["invalid_record", 3, ["height,hash,header", `1,${hashOf(1)},`, `2,${hashOf(2)},00`]],
  ])("refuses with %s in line %d", (code, line, lines) => {
    expect(() => readStaleBlocks(lines)).toThrow(RecordingError);
    expect(() => readStaleBlocks(lines)).toThrow(expect.objectContaining({ code, line }));
  });
});

describe("readStaleBlocks of a file that a spreadsheet saved", () => {
  it("reads a byte order mark and Windows line ends", () => {
    const lines = ["\uFEFFheight,hash,header\r", `1,${hashOf(1)},\r`, "\r"];
    expect(readStaleBlocks(lines)).toEqual(
      readStaleBlocks(["height,hash,header", `1,${hashOf(1)},`]),
    );
  });
});

describe("staleBranches", () => {
  it.each([
    ["by their headers", [block(1, "b", "a"), block(1, "c", "a"), block(2, "b", "b")], [1, 2]],
    ["not where headers part them", [block(1, "b", "a"), block(2, "c", "a")], [1, 1]],
    ["where the header is missing", [block(1, "b", "a"), block(2, "c", null)], [2]],
  ])("joins blocks %s", (_, blocks, lengths) => {
    expect(
      staleBranches(blocks)
        .map((branch) => branch.length)
        .sort(),
    ).toEqual(lengths);
  });
});

describe("the record of Bitcoin's stale blocks", () => {
  it("has 1,914 blocks, 18 of them in one branch at 478,559", () => {
    expect(branches.flat()).toHaveLength(1_914);
    expect(ofLength(18).map(([first]) => first.height)).toEqual([478_559]);
    expect(branches.every(({ length }) => length <= 2 || length === 18)).toBe(true);
  });

  it("is NORMAL for each single block, ELEVATED for two, CRITICAL for the split of 2017", () => {
    // 52,596 · (1,914/935,976)^2 = 0.2199 a year: log10(1/0.2199) = 0.6577; 0.25 + 0.35·0.6577/3
    expect(severitiesOf(1)).toEqual([]);
    expect(severitiesOf(2)).toEqual([0.326731]);
    expect(severitiesOf(18)).toEqual([0.99]);
  });

  it("raises nothing else, and no more than one ELEVATED in a year", () => {
    const raised = found.filter(({ findings }) => findings.length > 0);
    // Eight in 17 years; four of them fall in years in which one block in a hundred was stale.
    expect(raised.map(({ length }) => length).sort()).toEqual([18, 2, 2, 2, 2]);
    expect(ofLength(2)).toHaveLength(8);
    expect(found.flatMap(({ repeated }) => repeated)).toEqual([]);
  });
});
