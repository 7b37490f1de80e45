/** Recordings of real nodes: what `reorg` and `rival_chain` find in them, by phase. */
import { describe, expect, it } from "vitest";
import { type ChainParameters, digibyteRegtest, litecoinRegtest } from "@dgb-shield/chain";
import { createSentinel, reorg, rivalChain } from "../../../src/index.js";
import { NODE } from "../../support/chain.js";
import { nodeRecording } from "../../support/node-recording.js";

type Found = Readonly<{ label: string; kind: string; severity: number; facts: string }>;

/** Each finding once, at its worst, with the phase in which it was that. */
function found(name: string, chain: ChainParameters): Map<string, Found> {
  const sentinel = createSentinel({ node_id: NODE, chain, detectors: [reorg, rivalChain] });
  const worst = new Map<string, Found>();
  for (const { label, observation } of nodeRecording(name, NODE)) {
    for (const { finding_id, severity, evidence } of sentinel.observe(observation).findings) {
      const { depth, count, branch_length, header_height } = evidence;
      const kind = typeof evidence["kind"] === "string" ? evidence["kind"] : "reorg";
      const facts = [depth, count, branch_length, header_height].find((one) => one !== undefined);
      const before = worst.get(finding_id);
      if (before !== undefined && before.severity >= severity) continue;
      worst.set(finding_id, {
        label: before?.label ?? label,
        kind: count === undefined ? kind : "repeated",
        severity,
        facts: JSON.stringify(facts),
      });
    }
  }
  return worst;
}
const linesOf = (name: string, chain: ChainParameters): string[] =>
  [...found(name, chain).values()].map(
    ({ label, kind, severity, facts }) => `${label}: ${kind} ${facts} ${severity}`,
  );

describe("recordings of litecoind", () => {
  // 210,384·0.00818^d a year: 3 0.115, 4 0.00094, 5 7.7·10⁻⁶
  it("reorganisations of three and more, as the tip falls; nothing for one and two", () => {
    expect(linesOf("litecoind-0.21-regtest-basic", litecoinRegtest)).toEqual([
      "invalidate-3: reorg 3 0.359524",
      "invalidate-4: reorg 4 0.602604",
      "invalidate-5: reorg 5 0.81133",
      "invalidate-6: reorg 6 0.99",
      "split-3: reorg 3 0.359524",
      "split-4: repeated 6 0.99", // of three blocks or more within 5,760 spacings, ten days
      "split-4: reorg 4 0.602604",
      "split-5: repeated 7 0.99",
      "split-5: reorg 5 0.81133",
      "split-6: reorg 6 0.99",
      "split-6: repeated 8 0.99",
    ]);
  });

  it("reorganisations while the node was down, headers alone, an invalid block, a consensus split", () => {
    expect(linesOf("litecoind-0.21-regtest-edge-a", litecoinRegtest)).toEqual([
      "reorg-while-down: reorg 4 0.602604",
      "reorg-while-down-26h: reorg 6 0.99",
      "headers-only: headers 958 0.99",
      "invalid-block: invalid 1 0.99",
      "invalid-fork: invalid 1 0.99",
    ]);
  });

  it("the branch of the split, lost as the recording goes on", () => {
    expect(linesOf("litecoind-0.21-regtest-clock-back", litecoinRegtest)).toEqual([
      "node-clock-back: invalid 1 0.25",
      "node-clock-back: reorg 12 0.99",
    ]);
  });
});

describe("recordings of the Groestl split between DigiByte Core nodes", () => {
  it("show the refusing node's chain as a living branch on the accepting one", () => {
    expect(linesOf("digibyte-core-8.22-regtest-split-b", digibyteRegtest)).toEqual([
      "split: branch 7 0.99",
    ]);
  });

  it("show nothing on the refusing node, whose one peer is no evidence", () => {
    expect(linesOf("digibyte-core-8.22-regtest-split-a", digibyteRegtest)).toEqual([]);
  });
});
