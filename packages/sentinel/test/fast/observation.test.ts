import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observationSchema } from "../../src/observation/observation.js";
import { readObservation } from "../../src/observation/read-observation.js";
import { copySound } from "../../src/fast/observation.js";
import { chainTips, hashOf, header, NODE, observation, START_S } from "../support/chain.js";

const LIMITS = { maxBlocks: 35_000 };
const plain = () =>
  observation([header(1), header(2)], {
    mempool: { count: 3, bytes: 750 },
    tips: chainTips(header(2), {
      hash: hashOf(2, "b"),
      height: 2,
      branchlen: 1,
      status: "valid-fork",
    }),
    difficulties: { scrypt: 1.5, odo: 2 },
  });

/** Values that come close to what is right. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    "",
    " a",
    "a\u0000",
    "\ud800",
    -0,
    -1,
    0.5,
    NaN,
    Infinity,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1n,
    [],
    {},
    true,
  ),
  fc.anything(),
);
const path = fc.constantFrom(
  ...["node_id", "at_ms", "syncing", "reachable", "tip", "blocks", "tips", "mempool", "extra"],
  ...["hash", "previous_hash", "height", "version", "time_s", "extra"].map(
    (key) => `blocks.1.${key}`,
  ),
  ...["hash", "height", "version", "extra"].map((key) => `tip.${key}`),
  ...["count", "bytes", "fee_floor", "extra"].map((key) => `mempool.${key}`),
  ...["hash", "height", "branchlen", "status", "extra"].map((key) => `tips.1.${key}`),
  ...["scrypt", "odo", "Odo", "__proto__", "constructor"].map((key) => `difficulties.${key}`),
  "difficulties",
  "tips.1",
  "peers",
);

/** A plain observation with one value put somewhere. */
function withOdd(at: string, value: unknown): unknown {
  const input = structuredClone(plain()) as unknown as Record<string, unknown>;
  const keys = at.split(".");
  const key = keys.pop()!;
  const holder = keys.reduce<Record<string, unknown>>((inner, one) => inner[one] as never, input);
  holder[key] = value;
  return input;
}

describe("copySound", () => {
  it("takes the plain case, as the schema does", () => {
    expect(copySound(plain(), LIMITS)).toEqual(observationSchema.parse(plain()));
  });

  it("accepts nothing that the schema refuses, and reads it in the same way", () => {
    fc.assert(
      fc.property(path, odd, (at, value) => {
        const input = withOdd(at, value);
        const fast = copySound(input, LIMITS);
        if (fast === undefined) return;
        expect(observationSchema.safeParse(input)).toEqual({ success: true, data: fast });
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["blocks that do not ascend", { blocks: [header(2), header(1)] }],
    ["a tip that is missing", { tip: null }],
    ["a field too many", { extra: 1 }],
  ])("leaves %s to the schema, which refuses it", (_, fields) => {
    const input = { ...plain(), ...fields };
    expect(copySound(input, LIMITS)).toBeUndefined();
    expect(readObservation(input, NODE)).toHaveProperty("path");
  });

  it("reads each field once", () => {
    let reads = 0;
    const input = { ...plain() };
    Object.defineProperty(input, "at_ms", {
      enumerable: true,
      get: () => (reads++ === 0 ? START_S * 1_000 : NaN),
    });
    expect(copySound(input, LIMITS)?.at_ms).toBe(START_S * 1_000);
    expect(reads).toBe(1);
  });
});
