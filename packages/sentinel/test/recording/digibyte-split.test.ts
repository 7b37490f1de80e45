/** The split of the Groestl incident between real DigiByte Core nodes, seen from both sides. */
import { describe, expect, it } from "vitest";
import { newIn, of, sightings } from "../support/recordings.js";

describe("the node that refuses retired algorithms", () => {
  const found = sightings("digibyte-core-8.22-regtest-split-a");

  it.each(["quiet", "before", "split"])("finds nothing in %s", (label) => {
    expect(found.get(label)).toEqual([]);
  });

  it("finds the stall of its own side, from 284 s on", () => {
    const [first] = of(found, "apart", "block_stall");
    expect(first?.finding.severity).toBe(0.262298);
    expect(first?.finding.summary).toContain("284 s");
  });
});

describe("the node that accepts them", () => {
  const found = sightings("digibyte-core-8.22-regtest-split-b");

  it.each(["quiet", "before"])("finds nothing in %s", (label) => {
    expect(found.get(label)).toEqual([]);
  });

  it("is critical at the first Groestl block", () => {
    const [first] = of(found, "split", "retired_algorithm");
    expect(first).toMatchObject({ poll: 1, height: 2_021, finding: { severity: 0.99 } });
  });

  it("finds the chain of the other side, which goes on beside it", () => {
    expect(newIn(found, "split")).toEqual(["retired_algorithm", "rival_chain"]);
  });
});
