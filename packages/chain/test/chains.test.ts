import { describe, expect, it } from "vitest";
import { bitcoin, CHAINS, copyOfChain, digibyte, digibyteRegtest } from "../src/index.js";

describe("CHAINS", () => {
  it("has each chain once, under a name of its own", () => {
    const names = CHAINS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("digibyte");
  });

  it("has a genesis of its own for each network", () => {
    const hashes = CHAINS.flatMap(({ genesis }) => (genesis === undefined ? [] : [genesis.hash]));
    // the two regtests of DigiByte differ in rules alone
    expect(new Set(hashes).size).toBe(hashes.length - 1);
    expect(hashes).toContain("7497ea1b465eb39f1c8f507bc877078fe016d6fcb6dfad3a64c98dcc6e1e8496");
    expect(digibyteRegtest.genesis?.hash).toMatch(/^4598a0f2/);
    expect(bitcoin.genesis?.hash).toMatch(/^000000000019d668/);
  });

  it.each(CHAINS)("$name: the calendar ascends, and each change has a name of its own", (chain) => {
    const changes = chain.consensus_changes ?? [];
    const heights = changes.map(({ height }) => height);
    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    expect(new Set(changes.map(({ name }) => name)).size).toBe(changes.length);
  });

  it.each(CHAINS)("$name: the names and bits of its algorithms are each its own", (chain) => {
    const { algorithms } = chain;
    expect(new Set(algorithms.map(({ name }) => name)).size).toBe(algorithms.length);
    expect(new Set(algorithms.map(({ bits }) => bits)).size).toBe(algorithms.length);
  });
});

describe("the calendar of DigiByte", () => {
  it.each([
    ["odocrypt", 9_112_320],
    ["groestl_backstop", 23_808_000],
    ["algolock_and_digidollar", 23_869_440],
    ["thaw_day", 24_490_000],
  ])("has %s at %d", (name, height) => {
    expect(digibyte.consensus_changes?.find((one) => one.name === name)?.height).toBe(height);
  });

  it("retires Groestl where Odocrypt comes in", () => {
    const groestl = digibyte.algorithms.find(({ name }) => name === "groestl");
    const odocrypt = digibyte.consensus_changes?.find(({ name }) => name === "odocrypt");
    expect(groestl?.retired_at).toBe(odocrypt?.height);
  });
});

describe("copyOfChain", () => {
  it.each(CHAINS)("copies $name, and shares no object with it", (chain) => {
    const copy = copyOfChain(chain);
    expect(copy).toEqual(chain);
    expect(copy.algorithms).not.toBe(chain.algorithms);
    expect(Object.isFrozen(copy.algorithms)).toBe(true);
  });
});
