import { describe, expect, it } from "vitest";
import { RecordingError, readRecording } from "../../src/index.js";
import { hashOf, header, NODE, START_S } from "../support/chain.js";

type Answer = [method: string, result: unknown];

const block = header(5, { time_s: START_S });
const rpcHeader = ({ hash, previous_hash, height, version, time_s } = block) => ({
  hash,
  previousblockhash: previous_hash,
  height,
  version,
  time: time_s,
  confirmations: 1,
});
const tip = { height: 5, hash: block.hash, branchlen: 0, status: "active" };
const poll = (fields: Record<string, unknown> = {}): Answer[] =>
  Object.entries({
    getblockchaininfo: { initialblockdownload: false, softforks: { timeout: 9223372036854776000 } },
    getbestblockhash: block.hash,
    getblockheader: rpcHeader(),
    getblock: { ...rpcHeader(), tx: [] },
    getchaintips: [tip],
    getmempoolinfo: { size: 3, bytes: 423, loaded: true },
    ...fields,
  });
const lines = (answers: Answer[], time = START_S) =>
  answers.map(([method, result], seq) =>
    JSON.stringify({ seq, time, label: "x", method, params: [], result }),
  );
const read = (input: readonly string[]) => [...readRecording(input, { node_id: NODE })];
const renumbered = (...parts: string[][]) =>
  parts.flat().map((line, seq) => JSON.stringify({ ...JSON.parse(line), seq }));

const note = JSON.stringify({ seq: 0, time: START_S, label: "x", note: "begins" });
const expected = {
  node_id: NODE,
  at_ms: START_S * 1_000,
  syncing: false,
  reachable: true,
  tip: block,
  blocks: [block],
  tips: [tip],
  mempool: { count: 3, bytes: 423 },
};

describe("readRecording", () => {
  it("makes one observation of one poll, notes and other answers aside", () => {
    const others = lines([
      ["uptime", -4],
      ["getblockheader", rpcHeader()],
    ]);
    const input = renumbered([note], others, lines(poll()), others);
    expect(read(input)).toEqual([{ label: "x", observation: expected }]);
  });

  it("accepts a line break at the end", () => {
    expect(read([...lines(poll()), ""])).toHaveLength(1);
  });

  it("shows a block as new once, and the mempool alone with the tip last seen", () => {
    const alone = lines([["getmempoolinfo", { size: 9, bytes: 1_000 }]], START_S + 1);
    const again = lines(poll(), START_S + 2);
    const found = read(
      renumbered(
        alone.map(() => note),
        lines(poll()),
        alone,
        again,
      ),
    );
    expect(
      found.map(({ observation }) => [observation.blocks.length, observation.mempool?.count]),
    ).toEqual([
      [1, 3],
      [0, 9],
      [0, 3],
    ]);
    expect(found[1]?.observation).toMatchObject({ tip: block, at_ms: (START_S + 1) * 1_000 });
  });

  it("gives the first block of a chain a parent of zeros", () => {
    const genesis = { ...rpcHeader({ ...block, height: 0 }), previousblockhash: undefined };
    const found = read(lines(poll({ getblockheader: genesis })));
    expect(found[0]?.observation.tip?.previous_hash).toBe("0".repeat(64));
  });

  it("reads the initial block download as syncing", () => {
    const found = read(lines(poll({ getblockchaininfo: { initialblockdownload: true } })));
    expect(found[0]?.observation.syncing).toBe(true);
  });

  const whole = lines(poll());
  it.each([
    ["empty", 1, []],
    ["empty", 1, [""]],
    ["empty", 1, [note]],
    ["not_json", 1, ["{", ...whole]],
    ["truncated", 6, [...whole.slice(0, 5), whole[5]!.slice(0, -9)]],
    ["truncated", 3, whole.slice(0, 3)],
    ["foreign_format", 1, ['{"height":1}', ...whole]],
    ["foreign_format", 1, ["[]"]],
    ["foreign_format", 1, [JSON.stringify({ ...JSON.parse(note), method: "uptime" })]],
    ["out_of_order", 1, whole.slice(1)],
    ["out_of_order", 3, [whole[0]!, whole[1]!, whole[3]!]],
    ["time_backwards", 7, renumbered(whole, lines(poll(), START_S - 1))],
    ["incomplete_poll", 4, renumbered(whole.slice(0, 3), whole)],
    ["incomplete_poll", 4, renumbered(whole.slice(0, 3), [note], whole.slice(3))],
    [
      "invalid_record",
      3,
      lines(poll({ getblockheader: rpcHeader({ ...block, hash: hashOf(9) }) })),
    ],
    ["invalid_record", 3, lines(poll({ getblockheader: { ...rpcHeader(), height: "5" } }))],
    ["invalid_record", 5, lines(poll({ getchaintips: [{ ...tip, status: "best" }] }))],
    ["invalid_record", 1, lines(poll({ getblockchaininfo: undefined }))],
  ])("refuses with %s at line %d", (code, line, input) => {
    expect(() => read(input)).toThrow(RecordingError);
    expect(() => read(input)).toThrow(expect.objectContaining({ code, line }));
  });
});
