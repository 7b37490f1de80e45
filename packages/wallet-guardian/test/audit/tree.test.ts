import { createHash } from "node:crypto";
import fc from "fast-check";
import { runs } from "@dgb-shield/testkit/runs";
import { describe, expect, it } from "vitest";
import {
  appendLeaves,
  consistencyProof,
  createFrontier,
  createMemoryHashStore,
  EMPTY_ROOT,
  frontierOf,
  inclusionProof,
  leafHash,
  prunedLeafHash,
  verifyConsistency,
  verifyInclusion,
} from "../../src/adapters/audit/index.js";

const sha = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

/** MTH of RFC 9162, section 2.1.1, as it is written there, over hashes of leaves. */
function rootOf(leaves: readonly string[]): string {
  if (leaves.length === 0) return sha("");
  if (leaves.length === 1) return leaves[0] ?? "";
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(bytes("01"), bytes(rootOf(leaves.slice(0, k))), bytes(rootOf(leaves.slice(k))));
}

const leavesTo = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => sha(bytes("00"), `leaf ${at}`));

async function storeOf(leaves: readonly string[]) {
  const store = createMemoryHashStore();
  await appendLeaves(store, 0, leaves);
  return store;
}

describe("createFrontier", () => {
  it("gives the roots of the vectors of Certificate Transparency", () => {
    const inputs = [
      ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
      ["00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
      ["10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
      ["2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
      ["3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
      ["40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
      ["5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
      [
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
      ],
    ] as const;
    const tree = createFrontier();
    expect(tree.root()).toBe(EMPTY_ROOT);
    for (const [input, root] of inputs) {
      tree.add(sha(bytes("00"), bytes(input)));
      expect(tree.root()).toBe(root);
    }
  });

  it("goes on from its own peaks", () => {
    const leaves = leavesTo(300);
    for (const cut of [0, 1, 2, 3, 127, 128, 255, 256, 299]) {
      const before = createFrontier();
      for (const leaf of leaves.slice(0, cut)) before.add(leaf);
      const after = createFrontier(before.size(), before.peaks());
      for (const leaf of leaves.slice(cut)) after.add(leaf);
      expect(after.root()).toBe(rootOf(leaves));
    }
  });
});

describe("leafHash", () => {
  it("hashes the byte 0 and the canonical text of the whole record", () => {
    const record = { z: "ü\ud83d\ude00", a: 1 };
    const text = '{"at_ms":5,"kind":"claim","record":{"a":1,"z":"ü\ud83d\ude00"},"seq":7}';
    expect(leafHash({ seq: 7, at_ms: 5, kind: "claim", record })).toBe(sha(bytes("00"), text));
    expect(prunedLeafHash(7)).toBe(sha(bytes("00"), '{"pruned":true,"seq":7}'));
  });
});

describe("appendLeaves", () => {
  it("keeps all levels, whatever the steps, and fills what an interrupted step left out", async () => {
    const leaves = leavesTo(70_000);
    const store = createMemoryHashStore();
    for (let from = 0; from < leaves.length;) {
      const step = Math.min(1 + ((from * 7) % 3_001), leaves.length - from);
      const some = leaves.slice(from, from + step);
      // Every third step ends after its leaves.
      if (from % 3 === 0) await store.append(0, from, some);
      else await appendLeaves(store, from, some);
      from += step;
    }
    await appendLeaves(store, leaves.length, []);
    expect(await Promise.all([0, 1, 2, 3].map((level) => store.count(level)))).toEqual([
      70_000, 273, 1, 0,
    ]);
    const root = rootOf(leaves);
    const frontier = await frontierOf(store, leaves.length);
    expect(frontier.root()).toBe(root);
    const proof = await inclusionProof(store, 65_000, leaves.length);
    const head = { size: leaves.length, root };
    expect(verifyInclusion(leaves[65_000] ?? "", 65_000, head, proof)).toBe(true);
  });
});

describe("verifyInclusion", () => {
  it("accepts each leaf of each size, and no other leaf, place, size or root", async () => {
    const leaves = leavesTo(40);
    const store = await storeOf(leaves);
    for (let size = 1; size <= leaves.length; size++) {
      const head = { size, root: rootOf(leaves.slice(0, size)) };
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(store, index, size);
        const leaf = leaves[index] ?? "";
        expect(verifyInclusion(leaf, index, head, proof)).toBe(true);
        expect(verifyInclusion(leaves[(index + 1) % 40] ?? "", index, head, proof)).toBe(false);
        for (let place = 0; place < size; place++) {
          if (place !== index) expect(verifyInclusion(leaf, place, head, proof)).toBe(false);
        }
        expect(verifyInclusion(leaf, index, { ...head, root: EMPTY_ROOT }, proof)).toBe(false);
        expect(verifyInclusion(leaf, index, head, [...proof, leaf])).toBe(false);
        if (proof.length > 0)
          expect(verifyInclusion(leaf, index, head, proof.slice(1))).toBe(false);
      }
    }
    await expect(inclusionProof(store, 40, 40)).rejects.toThrow(RangeError);
    await expect(inclusionProof(store, -1, 40)).rejects.toThrow(RangeError);
  });

  it("refuses what is no proof, and never throws", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (leaf, index, hashes) => {
        const proof = (Array.isArray(hashes) ? hashes : [hashes]) as string[];
        const head = { size: 7, root: EMPTY_ROOT };
        expect(verifyInclusion(leaf as string, index as number, head, proof)).toBe(false);
        expect(verifyConsistency(head, { size: index as number, root: "" }, proof)).toBe(false);
      }),
      { numRuns: runs(200, 20_000) },
    );
  });
});

describe("verifyConsistency", () => {
  it("accepts each pair of sizes, and no other root or proof", async () => {
    const leaves = leavesTo(40);
    const store = await storeOf(leaves);
    const headOf = (size: number) => ({ size, root: rootOf(leaves.slice(0, size)) });
    for (let size = 1; size <= leaves.length; size++) {
      for (let earlier = 1; earlier <= size; earlier++) {
        const proof = await consistencyProof(store, earlier, size);
        const [before, after] = [headOf(earlier), headOf(size)];
        expect(verifyConsistency(before, after, proof)).toBe(true);
        const other = { ...before, root: sha("other") };
        expect(verifyConsistency(other, after, proof)).toBe(false);
        expect(verifyConsistency(before, { ...after, root: sha("other") }, proof)).toBe(false);
        expect(verifyConsistency(before, after, [...proof, sha("more")])).toBe(false);
        if (earlier > 1)
          expect(verifyConsistency({ ...before, size: earlier - 1 }, after, proof)).toBe(false);
      }
    }
    await expect(consistencyProof(store, 0, 40)).rejects.toThrow(RangeError);
    await expect(consistencyProof(store, 41, 40)).rejects.toThrow(RangeError);
  });

  it("refuses a tree in which an earlier leaf is another one", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 600 }),
        fc.nat(),
        fc.nat(),
        async (size, some, place) => {
          const leaves = leavesTo(size);
          const earlier = 1 + (some % (size - 1));
          const changed = leaves.with(place % earlier, sha("changed"));
          const before = { size: earlier, root: rootOf(leaves.slice(0, earlier)) };
          const after = { size, root: rootOf(changed) };
          const proof = await consistencyProof(await storeOf(changed), earlier, size);
          expect(verifyConsistency(before, after, proof)).toBe(false);
          const own = { size: earlier, root: rootOf(changed.slice(0, earlier)) };
          expect(verifyConsistency(own, after, proof)).toBe(true);
        },
      ),
      { numRuns: runs(50, 2_000) },
    ));
});
