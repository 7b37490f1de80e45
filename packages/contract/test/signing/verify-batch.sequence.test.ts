import { describe, expect, it } from "vitest";
import { createMemorySequenceStore, type SequenceStore } from "../../src/adapters/signing/index.js";
import { goodEnvelope, signed, verdict } from "../support/signing.js";

const { good } = await goodEnvelope();

describe("verifyBatch, sequence", () => {
  it("accepts growing sequences with gaps, and neither the last one nor an older one", async () => {
    const store = createMemorySequenceStore();
    const of = async (sequence: number) => verdict(await signed({ sequence }), { store });
    expect(await of(7)).toBe("accepted");
    expect(await of(7)).toBe("old_sequence /payload/sequence");
    expect(await of(6)).toBe("old_sequence /payload/sequence");
    expect(await of(20)).toBe("accepted");
    expect(await of(8)).toBe("old_sequence /payload/sequence");
  });

  it("accepts a sequence of 0 as the first one", async () => {
    expect(await verdict(await signed({ sequence: 0 }))).toBe("accepted");
  });

  it("accepts exactly one of many concurrent replays", async () => {
    const store = createMemorySequenceStore();
    const answers = await Promise.all(Array.from({ length: 16 }, () => verdict(good, { store })));
    expect(answers.filter((answer) => answer === "accepted")).toHaveLength(1);
    expect(new Set(answers)).toEqual(new Set(["accepted", "old_sequence /payload/sequence"]));
  });

  it.each<[string, SequenceStore["advance"]]>([
    ["rejects", () => Promise.reject(new Error("disk"))],
    [
      "throws",
      () => {
        throw new Error("disk");
      },
    ],
    ["resolves to undefined", () => Promise.resolve(undefined as never)],
    ["resolves to a truthy value", () => Promise.resolve(1 as never)],
  ])("refuses when the store %s", async (_, advance) => {
    expect(await verdict(good, { store: { advance } })).toBe("store_unavailable /payload/sequence");
  });
});
