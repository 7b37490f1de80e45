/** Holds the table of an observation's fields against `observationSchema`, which states the same. */
import { parseOwn } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { readByRule, recordRule, REFUSED } from "../../src/observation/field-table.js";
import {
  MAX_BLOCKS,
  MAX_TIPS,
  observationSchema,
  TIP_STATUSES,
} from "../../src/observation/observation.js";
import { MAX_VALUES, OBSERVATION } from "../../src/observation/observation-table.js";
import { parseObservation } from "../../src/observation/read-observation.js";
import { chainTips, hashOf, header, observation, START_S } from "../support/chain.js";

const BOUNDS = { maxDepth: 8, maxEntries: Math.max(MAX_BLOCKS, MAX_TIPS) };

/** An observation with every field. */
const whole = () => ({
  ...observation([header(1), header(2)], {
    mempool: {
      ...{ count: 3, bytes: 750, fee_floor: 1_000, loaded: true },
      ...{ max_bytes: 300_000_000, total_fee: 12, unbroadcast: 1 },
    },
    tips: chainTips(header(2), {
      hash: hashOf(2, "b"),
      height: 2,
      branchlen: 1,
      status: "valid-fork",
    }).map((tip) => ({ ...tip, chainwork: "0".repeat(64) })),
    difficulties: { scrypt: 1.5, odo: 2 },
    peers: [
      {
        ...{ group: "203.0/16", inbound: false, height: null, starting_height: 1 },
        ...{ synced_blocks: 1, connection_type: "manual", network: "ipv4", software: "/x:1/" },
        time_offset_s: -3,
      },
    ],
    signatures: [
      {
        ...{ r: "1".repeat(64), key: "k", s: "2".repeat(64), scheme: "schnorr" as const },
        txid: "3".repeat(64),
      },
    ],
    unavailable: [{ what: "block", reason: "pruned", height: 7 }],
    version: 2,
    chain: { network: "main", genesis_hash: hashOf(0) },
    node: {
      ...{ software: "/DigiByte:9.26.5/", protocol: 70_019, network_active: true },
      ...{ outbound_target: 10, time_offset_s: -1 },
    },
    failure: { kind: "rpc", code: -28 },
    ...{ warming_up: false, restarted: true, torn: true, more: true, best_header_height: 9 },
    chainwork: "f".repeat(64),
    last_tip: { hash: hashOf(2, "b"), height: 2, status: "lost", fork_height: 1 },
    ...{ node_time_s: START_S, pruned_below: 0, warnings: ["unknown new rules"] },
    details: [{ hash: hashOf(2), height: 2, coinbase_value: 5, fees: 1 }],
    dropped: [
      {
        ...{ lost_tip: hashOf(2, "b"), fork_height: 1, blocks: 1, blocks_read: 1 },
        ...{ new_blocks_unread: 0, count: 1, txids: ["4".repeat(64)] },
      },
    ],
    double_spends: [
      {
        ...{ spent_txid: "5".repeat(64), spent_vout: 0, lost_txid: "4".repeat(64) },
        ...{ confirmations: 1, new_txid: "6".repeat(64), new_height: 2 },
        ...{ lost_tip: hashOf(2, "b"), fork_height: 1, paid: 9, withdrawn: 9, redirected: 8 },
      },
    ],
  }),
  monotonic_ms: 12.5,
});

/** Values that come close to what is right. */
const odd = fc.oneof(
  fc
    .constantFrom<unknown>(
      ...[
        "",
        " a",
        "a\u0000",
        "\ud800",
        "a",
        "A",
        "0".repeat(64),
        "A".repeat(64),
        "pruned",
        "block",
        ...["rpc", "lost", "ecdsa", "main", "a".repeat(256), "a".repeat(257)],
      ],
      ...[-0, -1, 0, 1, 0.5, NaN, Infinity, START_S * 1_000, START_S, 1_230_768_000_000],
      ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53],
      ...[undefined, null, true, false, 1n, [], {}, [1], [null], { a: 1 }],
      ...[
        header(1),
        header(3),
        { ...header(1), extra: 1 },
        [header(2), header(1)],
        [header(1), {}],
      ],
      ...TIP_STATUSES,
    )
    .map((value) => structuredClone(value)),
  fc.anything(),
);

const path = fc.constantFrom(
  ...["version", "chain", "node", "failure", "warming_up", "restarted", "torn", "more"],
  ...["best_header_height", "chainwork", "last_tip", "node_time_s", "pruned_below", "warnings"],
  ...["details", "chain.network", "chain.genesis_hash", "warnings.0", "details.0", "details.1"],
  ...["software", "protocol", "network_active", "outbound_target", "time_offset_s"].map(
    (key) => `node.${key}`,
  ),
  ...["kind", "code", "extra"].map((key) => `failure.${key}`),
  ...["hash", "height", "status", "fork_height"].map((key) => `last_tip.${key}`),
  ...["hash", "height", "coinbase_value", "fees", "extra"].map((key) => `details.0.${key}`),
  ...["dropped", "dropped.0", "dropped.1", "dropped.0.txids.0", "double_spends", "double_spends.1"],
  ...["lost_tip", "fork_height", "blocks", "blocks_read", "count", "txids", "extra"].map(
    (key) => `dropped.0.${key}`,
  ),
  ...["spent_vout", "lost_txid", "confirmations", "new_height", "withdrawn", "extra"].map(
    (key) => `double_spends.0.${key}`,
  ),
  ...["loaded", "max_bytes", "total_fee", "unbroadcast"].map((key) => `mempool.${key}`),
  ...["s", "scheme", "txid"].map((key) => `signatures.0.${key}`),
  ...["starting_height", "synced_blocks", "connection_type", "network", "software"].map(
    (key) => `peers.0.${key}`,
  ),
  ...["node_id", "at_ms", "monotonic_ms", "syncing", "reachable", "tip", "blocks", "tips"],
  ...["mempool", "difficulties", "peers", "signatures", "unavailable", "extra", "__proto__"],
  ...["hash", "previous_hash", "height", "version", "time_s", "extra"].flatMap((key) => [
    `blocks.1.${key}`,
    `tip.${key}`,
  ]),
  ...["count", "bytes", "fee_floor", "extra"].map((key) => `mempool.${key}`),
  ...["hash", "height", "branchlen", "status", "extra"].map((key) => `tips.1.${key}`),
  ...["scrypt", "odo", "Odo", "__proto__", "constructor"].map((key) => `difficulties.${key}`),
  ...["group", "inbound", "height", "extra"].map((key) => `peers.0.${key}`),
  ...["r", "key", "extra"].map((key) => `signatures.0.${key}`),
  ...["what", "reason", "height", "extra"].map((key) => `unavailable.0.${key}`),
  ...["blocks.2", "tips.0", "peers.1", "signatures.0", "unavailable.0"],
);

type Change = readonly [at: string, value: unknown, isRemoval: boolean];
const change = fc.tuple(path, odd, fc.boolean());

function changed(changes: readonly Change[]): unknown {
  const input = structuredClone(whole()) as unknown as Record<string, unknown>;
  for (const [at, value, isRemoval] of changes) {
    const keys = at.split(".");
    const key = keys.pop()!;
    const holder = keys.reduce<unknown>((inner, one) => Reflect.get(Object(inner), one), input);
    if (typeof holder !== "object" || holder === null || Object.isFrozen(holder)) continue;
    if (isRemoval) Reflect.deleteProperty(holder, key);
    else
      Object.defineProperty(holder, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return input;
}

/** Expects that the table and the schema accept the same and name the same place. */
function expectSame(input: unknown): void {
  const table = parseObservation(input);
  const schema = parseOwn(observationSchema, input, BOUNDS);
  expect(table.ok).toBe(schema.ok);
  if (table.ok && schema.ok) expect(table.value).toEqual(schema.value);
  if (!table.ok && !schema.ok) expect(table.path).toBe(schema.path);
}

describe("parseObservation", () => {
  it("accepts an observation with every field, as the schema does", () => {
    expect(parseObservation(whole())).toMatchObject({ ok: true });
    expectSame(whole());
  });

  it("agrees with the schema on acceptance, value and place, one or two changes from what is right", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        expectSame(changed(changes));
      }),
      { numRuns: runs(2_000, 10_000) },
    );
  });

  it("agrees with the schema on anything", () => {
    fc.assert(fc.property(fc.anything(), expectSame));
  });

  it.each([
    ["no object", 5],
    ["null", null],
    ["an array", []],
    ["a field too many", { ...whole(), extra: 1, also: 2 }],
    ["a tip that is missing", { ...whole(), tip: null }],
    ["a tip that is missing of a silent node", { ...whole(), tip: null, reachable: false }],
    ["blocks that do not ascend", { ...whole(), blocks: [header(2), header(1)] }],
    [
      "too many blocks",
      { ...whole(), blocks: Array.from({ length: 35_001 }, (_, i) => header(i)) },
    ],
    ["too many entries, all of them wrong", { ...whole(), dropped: Array<string>(9).fill("") }],
    ["too many entries of an entry", { ...whole(), warnings: Array<number>(17).fill(5) }],
    ["a hole", { ...whole(), blocks: new Array(1) }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, whole())],
    ["an object of a class", Object.assign(Object.create({}) as object, whole())],
    ["an array of a class", { ...whole(), blocks: new (class extends Array {})() }],
  ])("agrees with the schema on %s", (_, input) => expectSame(input));

  it("agrees with the schema on how much is too much", () => {
    const tips = chainTips(header(2));
    const many = (count: number) => Array.from({ length: count }, () => tips[0]!);
    const of = (count: number) => observation([header(2)], { tips: many(count) });
    for (const count of [MAX_TIPS, MAX_TIPS + 1]) expectSame(of(count));
    // 5 · 100,000 tips and 6 · 2,000 blocks are more than the 512,000 values that are read; see both refuse.
    const blocks = Array.from({ length: 2_000 }, (_, i) => header(i));
    expectSame({ ...of(MAX_TIPS), blocks, tip: header(1_999) });
  });
});

describe("readByRule", () => {
  it("reads each field once", () => {
    let reads = 0;
    const input = { ...whole() };
    Object.defineProperty(input, "at_ms", {
      enumerable: true,
      get: () => (reads++ === 0 ? START_S * 1_000 : NaN),
    });
    expect(readByRule(OBSERVATION, input, MAX_VALUES)).toMatchObject({ at_ms: START_S * 1_000 });
    expect(reads).toBe(1);
  });

  it("shares no object with what it was given", () => {
    const input = whole();
    const copy = readByRule(OBSERVATION, input, MAX_VALUES);
    expect(copy).toEqual(input);
    input.blocks[0]!.height = -1;
    input.peers![0]!.group = "";
    expect(parseObservation(copy)).toMatchObject({ ok: true });
  });

  it("reads the keys of an observation in any order, however many orders it has met", () => {
    const entries = Object.entries(whole());
    const shuffled = fc.shuffledSubarray(entries, { minLength: entries.length });
    fc.assert(
      fc.property(shuffled, (inAnyOrder) => {
        const read = readByRule(OBSERVATION, Object.fromEntries(inAnyOrder), MAX_VALUES);
        expect(read).toEqual(whole());
      }),
    );
  });

  it("refuses an accessor that takes a field away", () => {
    const input: Partial<ReturnType<typeof whole>> = { ...whole() };
    Object.defineProperty(input, "node_id", {
      enumerable: true,
      get: () => {
        delete input.mempool;
        return "node-a";
      },
    });
    expect(readByRule(OBSERVATION, input, MAX_VALUES)).toBe(REFUSED);
  });

  it("refuses more values than it may read", () => {
    expect(readByRule(OBSERVATION, whole(), 20)).toBe(REFUSED);
  });
});

describe("recordRule", () => {
  it("refuses a literal that gives a field the value of another", () => {
    const rule = { kind: "value", accepts: () => true } as const;
    const fields = ["a", "b"].map((name) => ({ name, rule, isOptional: true }));
    expect(() => recordRule(fields, ([a, b]) => ({ a: b, b: a }))).toThrow(TypeError);
    expect(() => recordRule(fields, ([a]) => ({ a }))).toThrow(TypeError);
  });
});
