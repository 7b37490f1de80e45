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
  mempool: { count: 3, bytes: 423, loaded: true },
  version: 2,
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

  it("reads a clock that steps back as it is", () => {
    const found = read(renumbered(lines(poll()), lines(poll(), START_S - 7_200)));
    expect(found.map(({ observation }) => observation.at_ms)).toEqual([
      START_S * 1_000,
      (START_S - 7_200) * 1_000,
    ]);
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

describe("readRecording of further answers", () => {
  /** One poll and the requests of the same moment. */
  const observed = (others: Answer[], fields: Record<string, unknown> = {}) =>
    read(lines([...poll(fields), ...others])).at(-1)!.observation;
  const second = header(8, { time_s: START_S + 45 });
  const between = [header(7), header(6)];
  const pollOf = (tip: typeof block, fields: Record<string, unknown> = {}) =>
    poll({
      getbestblockhash: tip.hash,
      getblockheader: rpcHeader(tip),
      getblock: rpcHeader(tip),
      getchaintips: [{ height: tip.height, hash: tip.hash, branchlen: 0, status: "active" }],
      ...fields,
    });
  const asked = (one: typeof block, confirmations = 1) =>
    JSON.stringify({
      ...{ seq: 0, time: START_S + 45, label: "x", method: "getblockheader", params: [one.hash] },
      result: { ...rpcHeader(one), confirmations },
    });

  it("takes the blocks between the last known one and the tip from their headers, newest first", () => {
    const found = read(
      renumbered(
        lines(poll()),
        lines(pollOf(second), START_S + 45),
        between.map((one) => asked(one)),
      ),
    );
    expect(found.map(({ observation }) => observation.blocks)).toEqual([
      [block],
      [...between.toReversed(), second],
    ]);
  });

  it("takes no header for a new block that does not link to the tip, or was shown", () => {
    const found = read(
      renumbered(
        lines(poll()),
        lines(pollOf(second), START_S + 45),
        [header(6), header(7, { hash: hashOf(7, "b") }), block].map((one) => asked(one)),
      ),
    );
    expect(found[1]?.observation.blocks).toEqual([second]);
  });

  it.each([
    ["active", 4, undefined, 5],
    ["lost, at the fork that the chain tips give", -1, 2, 3],
    ["lost, at the block that the first new one stands on", -1, undefined, 5],
  ])("shows where the last tip is: %s", (status, confirmations, branchlen, fork_height) => {
    const tips = pollOf(second).at(4)![1] as object[];
    const fork = { height: 5, hash: block.hash, branchlen, status: "valid-fork" };
    const getchaintips = branchlen === undefined ? tips : [...tips, fork];
    const found = read(
      renumbered(lines(poll()), lines(pollOf(second, { getchaintips }), START_S + 45), [
        asked(block, confirmations),
        ...between.map((one) => asked(one)),
      ]),
    );
    expect(found[1]?.observation.last_tip).toEqual({
      ...{ hash: block.hash, height: 5, status: status.split(",")[0], fork_height },
    });
  });

  it("shows that the node lacks the last tip, requested before the poll or after it", () => {
    const unknown = JSON.stringify({
      ...{ time: START_S + 45, label: "x", method: "getblockheader", params: [block.hash] },
      error: { kind: "rpc", code: -5, message: "Block not found" },
    });
    const later = lines(pollOf(second), START_S + 45);
    for (const order of [
      [[unknown], later],
      [later, [unknown]],
    ]) {
      const found = read(renumbered(lines(poll()), ...order));
      expect(found[1]?.observation.last_tip).toMatchObject({
        status: "unknown",
        fork_height: null,
      });
    }
  });

  it("reads the chain, its best header, work, difficulties, pruning and warnings", () => {
    const info = {
      ...{ chain: "regtest", headers: 9, bestblockhash: block.hash, initialblockdownload: false },
      ...{ chainwork: "0".repeat(64), pruned: true, pruneheight: 2, warnings: "unknown new rules" },
      difficulties: { scrypt: 0.5, odo: 0 },
    };
    const genesis: Answer = ["getblockhash", "e".repeat(64)];
    const input = lines([...poll({ getblockchaininfo: info }), genesis]).map((line, i) =>
      i < 6 ? line : JSON.stringify({ ...JSON.parse(line), params: [0] }),
    );
    expect(read(input)[0]?.observation).toMatchObject({
      ...{ chain: { network: "regtest", genesis_hash: "e".repeat(64) }, best_header_height: 9 },
      ...{ chainwork: "0".repeat(64), pruned_below: 2, warnings: ["unknown new rules"] },
      difficulties: { scrypt: 0.5 },
    });
  });

  it("does not take the work of another tip: the answers are torn", () => {
    const info = {
      ...{ initialblockdownload: false, bestblockhash: hashOf(4), chainwork: "0".repeat(64) },
    };
    const found = observed([], { getblockchaininfo: info });
    expect([found.torn, found.chainwork]).toEqual([true, undefined]);
  });

  it("reads the mempool with its amounts in base units", () => {
    const getmempoolinfo = {
      ...{ size: 1, bytes: 141, loaded: false, maxmempool: 300_000_000, mempoolminfee: 0.00001 },
      ...{ total_fee: 0.000141, unbroadcastcount: 1 },
    };
    expect(observed([], { getmempoolinfo }).mempool).toEqual({
      ...{ count: 1, bytes: 141, loaded: false, max_bytes: 300_000_000, fee_floor: 1_000 },
      ...{ total_fee: 14_100, unbroadcast: 1 },
    });
  });

  it("reads peers, and a height of -1 as none", () => {
    const peer = {
      ...{ addr: "203.0.113.7:12024", network: "ipv4", inbound: false, startingheight: -1 },
      ...{ synced_headers: 2_020, synced_blocks: -1, connection_type: "manual", timeoffset: -3 },
      subver: "/DigiByte:8.22.0/",
    };
    expect(observed([["getpeerinfo", [peer]]]).peers).toEqual([
      {
        ...{ group: "203.0/16", inbound: false, height: 2_020, synced_blocks: null },
        ...{ connection_type: "manual", network: "ipv4", software: "/DigiByte:8.22.0/" },
        time_offset_s: -3,
      },
    ]);
  });

  it.each([
    ["a text", "old version", ["old version"]],
    ["no text", "", []],
    ["a list", ["one", "two"], ["one", "two"]],
  ])("reads the node, with warnings that are %s", (_, warnings, expectedWarnings) => {
    const network = {
      ...{ subversion: "/DigiByte:9.26.5/", protocolversion: 70_019, networkactive: true },
      ...{ timeoffset: -2, warnings },
    };
    expect(observed([["getnetworkinfo", network]])).toMatchObject({
      node: {
        ...{ software: "/DigiByte:9.26.5/", protocol: 70_019, network_active: true },
        time_offset_s: -2,
      },
      warnings: expectedWarnings,
    });
  });

  it.each([
    ["fell", 500, 90, 60],
    ["is shorter than the time between the polls", 100, 200, 600],
  ])("finds a restart where uptime %s", (_, before, after, passed) => {
    const found = read(
      renumbered(
        lines([...poll(), ["uptime", before]]),
        lines([...poll(), ["uptime", after]], START_S + passed),
        lines([...poll(), ["uptime", after + 60]], START_S + passed + 60),
      ),
    );
    expect(found.map(({ observation }) => observation.restarted)).toEqual([
      ...[undefined, true, undefined],
    ]);
  });

  it("sums a coinbase and its fees, and reads signatures of a witness and of a script", () => {
    const key = `02${"c".repeat(64)}`;
    const der = `30440220${"1".repeat(64)}0220${"2".repeat(64)}01`;
    const push = (hex: string) => (hex.length / 2).toString(16).padStart(2, "0") + hex;
    const payment = (txid: string, input: object) => ({
      ...{ txid, fee: 0.001, vin: [input], vout: [{ value: 1 }] },
    });
    const body = {
      ...rpcHeader(),
      tx: [
        {
          txid: "a".repeat(64),
          vin: [{ coinbase: "00" }],
          vout: [{ value: 25.002 }, { value: 0 }],
        },
        payment("b".repeat(64), { txinwitness: [der, key] }),
        payment("c".repeat(64), { scriptSig: { hex: push(der) + push(key) } }),
      ],
    };
    const input = lines([...poll(), ["getblock", body]]).map((line, i) =>
      i < 6 ? line : JSON.stringify({ ...JSON.parse(line), params: [block.hash, 2] }),
    );
    const numbers = { r: "1".repeat(64), s: "2".repeat(64), key, scheme: "ecdsa" };
    expect(read(input)[0]?.observation).toMatchObject({
      details: [{ hash: block.hash, height: 5, coinbase_value: 2_500_200_000, fees: 200_000 }],
      signatures: [
        { ...numbers, txid: "b".repeat(64) },
        { ...numbers, txid: "c".repeat(64) },
      ],
    });
  });
});

describe("readRecording of a branch that fell out", () => {
  const coin = { txid: "9".repeat(64), vout: 1 };
  const output = (value: number, hex: string) => ({ value, scriptPubKey: { hex } });
  const coinbase = { txid: "0".repeat(63) + "1", vin: [{ coinbase: "00" }], vout: [] };
  const payment = (txid: string, value: number, hex: string) => ({
    ...{ txid, vin: [{ ...coin, txinwitness: [] }], vout: [output(value, hex)] },
  });
  const [paid, back] = [payment("b".repeat(64), 2, "aa"), payment("c".repeat(64), 1.5, "bb")];
  const [below, other] = [header(4), header(5, { hash: hashOf(5, "b"), time_s: START_S })];
  const top = header(6, { hash: hashOf(6, "b"), previous_hash: other.hash });

  /** A poll of a tip, with headers and blocks of the same moment. */
  const at = (one: typeof block, headers: (typeof block)[], bodies: [typeof block, object][]) =>
    lines([
      ...poll({
        ...{ getbestblockhash: one.hash, getblockheader: rpcHeader(one) },
        getchaintips: [{ hash: one.hash, height: one.height, branchlen: 0, status: "active" }],
        getblock: { ...rpcHeader(one), tx: [coinbase.txid] },
      }),
      ...headers.map((given): Answer => ["getblockheader", rpcHeader(given)]),
      ...bodies.map(([given, tx]): Answer => ["getblock", { ...rpcHeader(given), tx }]),
    ]).map((line) => {
      const raw = JSON.parse(line) as { method: string; result: { hash: string; tx?: unknown[] } };
      const isWhole = raw.method === "getblock" && typeof raw.result.tx?.[0] === "object";
      return JSON.stringify({ ...raw, params: isWhole ? [raw.result.hash, 2] : [] });
    });

  it("names what is in no new block, and both transactions that spend one coin", () => {
    const first = at(block, [below], [[block, [coinbase, paid]]]);
    const second = at(
      top,
      [other],
      [
        [other, [coinbase, back]],
        [top, [coinbase]],
      ],
    );
    const [, found] = read(renumbered(first, second));
    expect(found?.observation).toMatchObject({
      dropped: [{ fork_height: 4, blocks: 1, blocks_read: 1, new_blocks_unread: 0, count: 1 }],
      double_spends: [
        {
          ...{ spent_txid: coin.txid, spent_vout: 1, lost_txid: paid.txid, new_txid: back.txid },
          ...{ confirmations: 1, new_height: 5, fork_height: 4, lost_tip: block.hash },
          ...{ paid: 200_000_000, withdrawn: 200_000_000, redirected: 150_000_000 },
        },
      ],
    });
  });

  it("says how many new blocks are not known", () => {
    const first = at(block, [below], [[block, [coinbase, paid]]]);
    const [, found] = read(renumbered(first, at(top, [other], [])));
    expect(found?.observation.dropped).toMatchObject([{ count: 1, new_blocks_unread: 1 }]);
    expect(found?.observation.double_spends).toBeUndefined();
  });
});

describe("readRecording of calls that failed", () => {
  const failedLine = (error: unknown, method = "getblockchaininfo", time = START_S) =>
    JSON.stringify({ seq: 0, time, label: "x", method, params: [], error });

  it.each([
    [{ kind: "socket", code: "ECONNREFUSED", message: "" }, "connection", null],
    [{ kind: "timeout", code: null, message: "" }, "timeout", null],
    [{ kind: "http", code: 401, message: "" }, "unauthorized", 401],
    [{ kind: "http", code: 503, message: "" }, "overloaded", 503],
    [{ kind: "http", code: 500, message: "Work queue depth exceeded" }, "overloaded", 500],
    [{ kind: "http", code: 500, message: "<html>" }, "garbage", 500],
    [{ code: -32_601, message: "Method not found" }, "rpc", -32_601],
    [{ kind: "else" }, "garbage", null],
    ["no object", "garbage", null],
  ])("makes %j the failure %s", (error, kind, code) => {
    expect(read([failedLine(error)])[0]?.observation).toEqual({
      ...{
        node_id: NODE,
        at_ms: START_S * 1_000,
        syncing: false,
        reachable: kind === "overloaded",
        tip: null,
      },
      ...{ blocks: [], tips: [], mempool: null, version: 2, failure: { kind, code } },
    });
  });

  it("takes -28 for warm-up, and the next poll for one after a restart", () => {
    const warmUp = failedLine({ kind: "rpc", code: -28, message: "Loading block index..." });
    const found = read(renumbered([warmUp], lines(poll()), lines(poll())));
    expect(found.map(({ observation }) => observation)).toMatchObject([
      { reachable: true, warming_up: true, tip: null, failure: { kind: "rpc", code: -28 } },
      { reachable: true, tip: block, restarted: true },
      { reachable: true, tip: block },
    ]);
    expect(found[2]?.observation.restarted).toBeUndefined();
  });

  it.each([
    [
      "getblock",
      "block",
      { kind: "rpc", code: -1, message: "not available (pruned data)" },
      "pruned",
    ],
    ["getchaintips", "tips", { kind: "timeout", message: "" }, "failed"],
    ["getmempoolinfo", "mempool", { kind: "timeout", message: "" }, "failed"],
  ])("keeps the tip where %s alone fails", (method, what, error, reason) => {
    const input = poll()
      .filter(([name]) => reason === "pruned" || name <= method)
      .map(([name, result], seq) => {
        const answer = name === method ? { error } : { result };
        return JSON.stringify({ seq, time: START_S, label: "x", method: name, ...answer });
      });
    const found = read(renumbered(input))[0]?.observation;
    expect(found).toMatchObject({
      ...{ reachable: true, tip: block, failure: { kind: error.kind } },
      unavailable: [{ what, reason, height: what === "block" ? 5 : null }],
    });
  });

  it("shows that peers are missing where only their call fails", () => {
    const peers = failedLine({ kind: "timeout" }, "getpeerinfo");
    const found = read(renumbered(lines(poll()), [peers]))[0]?.observation;
    expect(found?.unavailable).toEqual([{ what: "peers", reason: "failed", height: null }]);
    expect(found?.failure).toBeUndefined();
  });
});
