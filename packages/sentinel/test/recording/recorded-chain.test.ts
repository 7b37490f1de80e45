import { CHAINS, digibyteRegtest, litecoinRegtest } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import {
  compactRecording,
  type Observation,
  openRecording,
  recordedChain,
  RecordingError,
  replay,
} from "../../src/index.js";
import { header, NODE, observation, recordingLines } from "../support/chain.js";

/** A recording without a header, as a raw one, of one node. */
const rawOf = (...shown: Partial<Observation>[]) => {
  const observations = shown.map((fields, i) => ({
    label: "x",
    observation: observation([header(i + 1)], fields as object),
  }));
  return { format: "raw" as const, header: null, observations: observations.values() as never };
};
const chainOf = (software: string | undefined, difficulties?: Record<string, number>) =>
  recordedChain(
    rawOf(
      { chain: { network: "regtest" }, ...(difficulties && { difficulties }) },
      software === undefined ? {} : { node: { software } },
    ),
    CHAINS,
  );
const ALGORITHMS = { scrypt: 1 };

describe("recordedChain", () => {
  it.each([
    ["/DigiByte:8.22.0/", ALGORITHMS, "digibyte_regtest"],
    ["/DigiByte:7.17.3/", ALGORITHMS, "digibyte_regtest"],
    ["/DigiByte:8.26.1/", ALGORITHMS, "digibyte_regtest_26"],
    ["/DigiByte:9.26.5/", ALGORITHMS, "digibyte_regtest_26"],
    ["/LitecoinCore:0.21.2.1/", undefined, "litecoin_regtest"],
    ["/Satoshi:28.0.0/", undefined, "bitcoin_regtest"],
  ])("takes a regtest of %s for the chain of its software", (software, difficulties, name) => {
    const { chain, observations } = chainOf(software, difficulties);
    expect(chain.name).toBe(name);
    expect([...observations]).toHaveLength(2);
  });

  it.each([
    ["several algorithms", ALGORITHMS, "digibyte_regtest, digibyte_regtest_26"],
    ["one algorithm", undefined, "bitcoin_regtest, litecoin_regtest"],
  ])("lists the chains that a regtest of %s can be", (_, difficulties, names) => {
    expect(() => chainOf(undefined, difficulties)).toThrow(
      expect.objectContaining({
        code: "unknown_chain",
        detail: `the recording is of the network regtest: choose one of ${names}`,
      }),
    );
  });

  it("finds a chain by its first block alone", () => {
    const genesis_hash = litecoinRegtest.genesis?.hash ?? "";
    const found = recordedChain(rawOf({ chain: { network: "regtest", genesis_hash } }), CHAINS);
    expect(found.chain).toBe(litecoinRegtest);
  });

  it.each([
    ["by its network", () => rawOf({ chain: { network: "regtest" } }), "the network regtest"],
    [
      "by its software",
      () => rawOf({ chain: { network: "main" }, node: { software: "/LitecoinCore:0.21.2.1/" } }),
      "the network main, the software /LitecoinCore:0.21.2.1/",
    ],
    ["by its header", () => openRecording(recordingLines(), { node_id: NODE }), "digibyte_regtest"],
  ])("refuses a recording of another chain than is chosen, %s, naming both", (_, open, own) => {
    expect(() => recordedChain(open(), CHAINS, "digibyte")).toThrow(RecordingError);
    expect(() => recordedChain(open(), CHAINS, "digibyte")).toThrow(
      expect.objectContaining({
        code: "other_chain",
        detail: `the recording is of ${own}, not of digibyte`,
      }),
    );
  });

  it("takes the chain that a compact header names, and refuses one that is not known", () => {
    const one = [{ label: "x", observation: observation([header(1)]) }];
    const provenance = { chain: "dogecoin", source: "made for a test" };
    const open = (chain: string) =>
      openRecording(compactRecording(one, { ...provenance, chain }), { node_id: NODE });
    expect(recordedChain(open("litecoin"), CHAINS).chain.name).toBe("litecoin");
    expect(() => recordedChain(open("dogecoin"), CHAINS)).toThrow(
      expect.objectContaining({ code: "unknown_chain" }),
    );
  });
});

describe("replay", () => {
  it("refuses observations of another chain than it is given", () => {
    const { observations } = rawOf({ chain: { network: "main" } });
    expect(() => replay(observations, { chain: digibyteRegtest })).toThrow(
      expect.objectContaining({ code: "other_chain", line: 1 }),
    );
  });
});
