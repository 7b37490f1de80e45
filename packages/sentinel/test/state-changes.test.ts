import { digibyteRegtest } from "@dgb-shield/chain";
import type { JsonValue } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyStateChanges, createSentinel, SentinelError, stateChanges } from "../src/index.js";
import { chainTips, header, NODE, observation, randomNumbers } from "./support/chain.js";
import { RECORDED, recorded, type Recorded, sentinelFor } from "./support/recordings.js";

/** Most that is written after an observation in the mean, and of a whole state, in bytes of JSON. */
const MOST_WRITTEN = 4_000;
const MOST_STATE = 60_000;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** JSON with members that are absent, null, lists that slide, and keys that need escaping. */
const jsonArbitrary = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(null, 0, 1, "a", true),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "a/b", "~1", "length"), tie("value"), {
      maxKeys: 4,
    }),
  ),
})).value;
const objectArbitrary = fc.dictionary(fc.constantFrom("a", "b", "c~/"), jsonArbitrary);

describe("stateChanges", () => {
  it("leads from any JSON object to any other, as JSON, and changes neither", () => {
    fc.assert(
      fc.property(objectArbitrary, objectArbitrary, (before, after) => {
        const [left, right] = [JSON.stringify(before), JSON.stringify(after)];
        const changes = JSON.parse(JSON.stringify(stateChanges(before, after))) as unknown;
        expect(applyStateChanges(before, changes)).toEqual(after);
        expect([JSON.stringify(before), JSON.stringify(after)]).toEqual([left, right]);
      }),
    );
  });

  it("is empty where nothing changed", () => {
    const state = { a: [1, { b: null }], c: null };
    expect(stateChanges(state, structuredClone(state))).toEqual({
      merge: {},
      nulls: [],
      lists: [],
    });
  });

  it("is a merge patch, with null for a member that is gone", () => {
    expect(stateChanges({ a: 1, b: { c: 1, d: 2 } }, { b: { c: 3, d: 2 } })).toEqual({
      ...{ merge: { a: null, b: { c: 3 } }, nulls: [], lists: [] },
    });
  });

  it("names the members that become null, and edits lists that slide, also inside others", () => {
    const before = { a: { b: 1 }, list: [["x".repeat(99)], ["y".repeat(99)], ["z".repeat(99)]] };
    const after = { a: { b: null }, list: [before.list[1]!, [...before.list[2]!, "new"]] };
    expect(stateChanges(before, after)).toEqual({
      merge: {},
      nulls: ["/a/b"],
      lists: [
        { path: "/list", drop: 1, keep: 2, put: [], add: [] },
        { path: "/list/1", drop: 0, keep: 1, put: [], add: ["new"] },
      ],
    });
  });

  it.each<[string, unknown]>([
    ["no object", null],
    ["no changes", {}],
    ["a path that is not there", { merge: {}, nulls: ["/x/y"], lists: [] }],
    ["the whole", { merge: {}, nulls: [""], lists: [] }],
    ["a list that is none", { merge: {}, nulls: [], lists: [edit({ path: "/b" })] }],
    ["more than the list has", { merge: {}, nulls: [], lists: [edit({ keep: 3 })] }],
    ["a place beyond the list", { merge: {}, nulls: [], lists: [edit({ put: [[2, 0]] })] }],
  ])("refuses to apply %s", (_, changes) => {
    expect(() => applyStateChanges({ a: [1, 2], b: 1 }, changes)).toThrow(SentinelError);
    expect(() => applyStateChanges({ a: [1, 2], b: 1 }, changes)).toThrow(
      expect.objectContaining({ code: "invalid_state" }),
    );
  });

  function edit(fields: object) {
    return { path: "/a", drop: 0, keep: 2, put: [], add: [], ...fields };
  }
});

describe("what is written after an observation", () => {
  it.each<Recorded>([...RECORDED])(
    "of %s is within the bounds, and leads to the same state",
    (name) => {
      const sentinel = sentinelFor(name);
      const sizes: number[] = [];
      let kept: object = sentinel.state();
      for (const { observation: one } of recorded(name)) {
        sentinel.observe(one);
        const state = sentinel.state();
        const changes = stateChanges(kept, state);
        sizes.push(sizeOf(changes));
        kept = applyStateChanges(kept, changes);
      }
      expect(kept).toEqual(sentinel.state());
      expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(MOST_WRITTEN);
      expect(sizeOf(kept)).toBeLessThan(MOST_STATE);
    },
  );

  it("of six simulated hours with every field is within the bounds", () => {
    const random = randomNumbers(17);
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    const versions = [0x20000002, 0x20000202, 0x20000602, 0x20000802];
    const hex = () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, "0")
        .repeat(8);
    let [written, count] = [0, 0];
    let [kept, below]: [object, string] = [sentinel.state(), hex()];
    for (let height = 1_000; height < 1_000 + 1_440; height++) {
      const block = header(height, {
        ...{ hash: hex(), previous_hash: below, version: versions[height % 4]! },
      });
      below = block.hash;
      sentinel.observe(
        observation([block], {
          version: 2,
          tips: height % 60 === 0 ? chainTips(block) : [],
          mempool: {
            count: Math.floor(random() * 9),
            bytes: 1_000,
            fee_floor: 100_000,
            loaded: true,
          },
          difficulties: { scrypt: 1 + random(), sha256d: 2, skein: 3, qubit: 4 },
          chainwork: height.toString(16).padStart(64, "0"),
          best_header_height: height,
          peers: Array.from({ length: 10 }, (_, i) => ({
            ...{ group: `203.${i}/16`, inbound: false, height },
          })),
          signatures: Array.from({ length: 4 }, () => ({ r: hex(), s: hex(), key: hex() })),
        }),
      );
      const state = sentinel.state();
      written += sizeOf(stateChanges(kept, state));
      kept = state;
      count++;
    }
    expect(written / count).toBeLessThan(MOST_WRITTEN);
    expect(sizeOf(kept)).toBeLessThan(MOST_STATE);
  }, 120_000);
});
