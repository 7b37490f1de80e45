import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { readHeaderList, RecordingError, replay } from "../../src/index.js";
import { branchOf, GROESTL, hashOf, header } from "../support/chain.js";

const COLUMNS = "height,hash,previous_hash,version,time_s";
const csvOf = (headers = branchOf("a", 100, 110)): string[] => [
  COLUMNS,
  ...headers.map((one) =>
    [one.height, one.hash, one.previous_hash, one.version, one.time_s].join(","),
  ),
];
const read = (lines: string[], format: "csv" | "jsonl" = "csv") => [
  ...readHeaderList(lines, { node_id: "a", format }),
];

function refusal(lines: string[], format: "csv" | "jsonl" = "csv"): string {
  try {
    read(lines, format);
  } catch (error) {
    if (error instanceof RecordingError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "accepted";
}

describe("readHeaderList", () => {
  it("reads CSV and JSON Lines alike, a final line break or none", () => {
    const headers = branchOf("a", 100, 110);
    const expected = headers.map((tip) => ({
      label: "headers",
      observation: {
        node_id: "a",
        at_ms: tip.time_s * 1_000,
        syncing: false,
        reachable: true,
        tip,
        blocks: [tip],
        tips: [],
        mempool: null,
      },
    }));
    expect(read(csvOf())).toEqual(expected);
    expect(read([...csvOf(), ""])).toEqual(expected);
    expect(
      read(
        headers.map((one) => JSON.stringify(one)),
        "jsonl",
      ),
    ).toEqual(expected);
  });

  it("reads a node's own names, hexadecimal versions, Windows line ends and further columns", () => {
    const [one] = branchOf("a", 100, 100);
    const lines = [
      "time,size,version,previousblockhash,hash,height\r",
      `${one!.time_s},285,0xA0000402,${one!.previous_hash},${one!.hash},100\r`,
    ];
    expect(read(lines)[0]?.observation.tip).toEqual({ ...one, version: 0xa0000402 | 0 });
  });

  it.each(["csv", "jsonl"] as const)(
    "reads %s behind a byte order mark, with any line ends",
    (format) => {
      const headers = branchOf("a", 100, 104);
      const lines = format === "csv" ? csvOf(headers) : headers.map((one) => JSON.stringify(one));
      const marked = [`\uFEFF${lines[0]!}`, ...lines.slice(1)];
      const expected = read(lines, format);
      expect(read(marked, format)).toEqual(expected);
      expect(read([...marked.map((line) => `${line}\r`), "\r"], format)).toEqual(expected);
    },
  );

  it("never lets the observer's clock run back, though miners' may", () => {
    const headers = branchOf("a", 100, 102);
    headers[1] = { ...headers[1]!, time_s: headers[0]!.time_s - 40 };
    const times = read(csvOf(headers)).map(({ observation }) => observation.at_ms);
    expect(times[1]).toBe(times[0]);
  });

  it("takes blocks one by one or several at once, with the same findings", () => {
    const headers = [
      ...branchOf("a", 2_100, 2_112),
      header(2_113, { version: GROESTL, previous_hash: hashOf(2_112) }),
      ...branchOf("a", 2_114, 2_160),
    ];
    const found = (blocksAtOnce: number) => {
      const list = readHeaderList(csvOf(headers), { node_id: "a", format: "csv", blocksAtOnce });
      const { blocks, observations, findings } = replay(list, { chain: digibyteRegtest });
      return { blocks, observations, ids: findings.map(({ finding_id }) => finding_id) };
    };
    expect(found(1)).toEqual({ blocks: 61, observations: 61, ids: ["retired_algorithm:2113"] });
    expect(found(10)).toEqual({ blocks: 61, observations: 7, ids: ["retired_algorithm:2113"] });
  });

  it("polls once a minute while no block comes, for an hour, so that a stall shows", () => {
    const headers = branchOf("a", 100, 101);
    headers[1] = { ...headers[1]!, time_s: headers[0]!.time_s + 1_200 };
    expect(read(csvOf(headers))).toHaveLength(2 + 19);
    const { findings } = replay(read(csvOf(headers)), { chain: digibyteRegtest });
    expect(findings).toMatchObject([{ detector: "block_stall", level: "critical" }]);
    headers[1] = { ...headers[1], time_s: headers[0]!.time_s + 1_000_000 };
    expect(read(csvOf(headers))).toHaveLength(2 + 60);
  });

  it("shows a reorganisation and a retired algorithm to the detectors", () => {
    const headers = [
      ...branchOf("a", 2_100, 2_112),
      ...branchOf("b", 2_106, 2_113, "a"),
      header(2_114, { previous_hash: branchOf("b", 2_113, 2_113)[0]!.hash, version: GROESTL }),
    ];
    const { findings } = replay(read(csvOf(headers)), { chain: digibyteRegtest });
    expect(findings.map(({ detector }) => detector)).toEqual(
      expect.arrayContaining(["reorg", "retired_algorithm"]),
    );
  });

  it.each([
    ["no line", [], "empty line 1: no line"],
    ["columns alone", [COLUMNS], "empty line 1: no header"],
    [
      "a missing column",
      ["height,hash", "1,2"],
      "invalid_record line 1: missing column previous_hash, version, time_s: the first line names",
    ],
    ["a cut last line", [...csvOf(), "111,ab"], "truncated line 13: 2 columns, not 5"],
    ["a short line", [csvOf()[0]!, "1,2", csvOf()[1]!], "invalid_record line 2: 2 columns, not 5"],
    ["quotes", csvOf().map((line) => line.replace("100,", '"100",')), "invalid_record line 2"],
    [
      "a negative height",
      csvOf().map((line) => line.replace("100,", "-1,")),
      "invalid_record line 2",
    ],
    [
      "a huge version",
      [COLUMNS, csvOf()[1]!.replace(/,\d+,(\d+)$/, ",4294967296,$1")],
      "invalid_record line 2: invalid or missing column version",
    ],
  ])("refuses %s", (_, lines, expected) => expect(refusal(lines)).toContain(expected));

  it.each([
    ["an array", ["[1]", "{}"], "invalid_record line 1: not an object"],
    ["a string for a number", ['{"height":"1e3"}', "{}"], "invalid_record line 1"],
    ["what is not JSON", ["{", "{}"], "not_json line 1"],
  ])("refuses JSON Lines with %s", (_, lines, expected) =>
    expect(refusal(lines, "jsonl")).toContain(expected),
  );
});
