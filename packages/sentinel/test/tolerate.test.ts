import { parseOwn, sentinelReportSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { type ChainParameters, digibyte } from "@dgb-shield/chain";
import { createSentinel, replay, retiredAlgorithm, toEnvelope, toSignals } from "../src/index.js";
import { GROESTL, header, NODE, observation } from "./support/chain.js";

const START = 23_751_095;
const DAYS_14 = 14 * 5_760;
/** Mainnet with a second retired algorithm. */
const chain: ChainParameters = {
  ...digibyte,
  algorithms: [
    ...digibyte.algorithms,
    { name: "keccak", bits: 10, active_from: 0, retired_at: 9_000_000 },
  ],
};
const KECCAK = 0x20000a02;
const order = { operator: "alice", reason: "the exchange follows the longer chain" };
const groestl = (until_height: number) => ({ ...order, algorithm: "groestl", until_height });
const at = (height: number, version?: number) =>
  observation([header(height, version === undefined ? {} : { version })]);
const nowOf = (height: number) => at(height).at_ms + 1_000;
const ids = (findings: readonly { finding_id: string }[]) =>
  findings.map(({ finding_id }) => finding_id);

function watched(state?: unknown) {
  const options = { node_id: NODE, chain, detectors: [retiredAlgorithm] };
  const sentinel = createSentinel(state === undefined ? options : { ...options, state });
  const see = (height: number, version?: number) => sentinel.observe(at(height, version));
  return { ...sentinel, see };
}

describe("tolerate", () => {
  it("takes what was found of the algorithm for over, and its blocks for part of the chain", () => {
    const node = watched();
    expect(node.see(START, GROESTL).level).toBe("critical");
    expect(node.tolerate(groestl(START + 100), nowOf(START))).toEqual({ accepted: true });
    for (let i = 1; i <= 100; i++) {
      const report = node.see(START + i, GROESTL);
      expect(report.level).toBe("normal");
      expect(report.tolerated).toEqual([
        { ...groestl(START + 100), from_height: START, since_ms: nowOf(START) },
      ]);
    }
    const after = node.see(START + 101, GROESTL);
    expect(ids(after.findings)).toEqual([`retired_algorithm:${START + 101}`]);
    expect(after.level).toBe("critical");
    expect("tolerated" in after).toBe(false);
  });

  it("still raises any other algorithm, and unknown bits", () => {
    const node = watched();
    node.see(START);
    node.tolerate(groestl(START + 100), nowOf(START));
    expect(ids(node.see(START + 1, KECCAK).findings)).toEqual([`retired_algorithm:${START + 1}`]);
    const both = node.see(START + 2, 0x20000c02);
    expect(ids(both.findings).sort()).toEqual([
      `retired_algorithm:${START + 1}`,
      `retired_algorithm:${START + 2}`,
    ]);
  });

  it("leaves what was found of another algorithm before", () => {
    const node = watched();
    node.see(START, GROESTL);
    node.see(START + 1, KECCAK);
    node.tolerate(groestl(START + 100), nowOf(START + 1));
    expect(ids(node.see(START + 2, GROESTL).findings)).toEqual([`retired_algorithm:${START + 1}`]);
  });

  it("is stated in every report, envelope and signal while it lasts, also of a silent node", () => {
    const node = watched();
    node.see(START);
    node.tolerate(groestl(START + 100), nowOf(START));
    const silent = { ...at(START + 1), reachable: false, tip: null, blocks: [] };
    const reports = [node.see(START + 1), node.observe(silent), node.observe({} as never)];
    for (const report of reports) {
      expect(report.tolerated?.map(({ algorithm }) => algorithm)).toEqual(["groestl"]);
      const bounds = { maxDepth: 16, maxEntries: 1_000 };
      expect(parseOwn(sentinelReportSchema, report, bounds).ok).toBe(true);
      expect(toEnvelope(report, "r").evidence["tolerated"]).toEqual(report.tolerated);
      expect(toSignals(report).at(-1)?.metadata).toMatchObject({ tolerated: ["groestl"] });
    }
  });

  it("ends by an order, and raises the next block again", () => {
    const node = watched();
    node.see(START);
    node.tolerate(groestl(START + 100), nowOf(START));
    const end = { algorithm: "groestl", operator: "bob", reason: "AlgoLock is active" };
    expect(node.untolerate(end, nowOf(START))).toEqual({ accepted: true });
    const report = node.see(START + 1, GROESTL);
    expect(report.level).toBe("critical");
    expect(report.tolerated).toBeUndefined();
    const ended = { operator: "bob", reason: "AlgoLock is active", at_ms: nowOf(START) };
    expect(node.state().tolerations).toMatchObject([{ ended }]);
    expect(node.untolerate(end, nowOf(START))).toMatchObject({ code: "unknown_toleration" });
  });

  it("replaces the order before on the same algorithm", () => {
    const node = watched();
    node.see(START);
    node.tolerate(groestl(START + 10), nowOf(START));
    node.tolerate(groestl(START + 20), nowOf(START));
    for (let i = 1; i < 15; i++) node.see(START + i);
    const report = node.see(START + 15, GROESTL);
    expect(report.level).toBe("normal");
    expect(report.tolerated?.map(({ until_height }) => until_height)).toEqual([START + 20]);
    node.tolerate(groestl(START + 17), nowOf(START + 15));
    expect(node.see(START + 18, GROESTL).level).toBe("critical");
  });

  it("lasts across a restart; a state without orders is read", () => {
    const node = watched();
    node.see(START);
    node.tolerate(groestl(START + 100), nowOf(START));
    const again = watched(JSON.parse(JSON.stringify(node.state())));
    expect(again.see(START + 1, GROESTL)).toMatchObject({ level: "normal", tolerated: [{}] });
    const former: Record<string, unknown> = watched().state();
    delete former["tolerations"];
    expect(watched(former).state().tolerations).toEqual([]);
  });

  it("keeps the last orders alone", () => {
    const node = watched();
    node.see(START);
    for (let i = 0; i < 100; i++) node.tolerate(groestl(START + 10 + i), nowOf(START));
    const { tolerations } = node.state();
    expect(tolerations).toHaveLength(32);
    expect(tolerations.at(-1)).toMatchObject({ until_height: START + 109, ended: null });
  });

  it.each([
    ["unknown_algorithm", { algorithm: "sha3" }],
    ["unknown_algorithm", { algorithm: "scrypt" }],
    ["until_in_past", { until_height: START }],
    ["until_too_far", { until_height: START + DAYS_14 + 1 }],
    ["invalid_order", { until_height: -1 }],
    ["invalid_order", { reason: "" }],
    ["invalid_order", { other: 1 }],
  ])("rejects an order as %s: %j", (code, fields) => {
    const node = watched();
    node.see(START);
    const before = node.state();
    const given = { ...groestl(START + DAYS_14), ...fields };
    expect(node.tolerate(given, nowOf(START))).toMatchObject({ accepted: false, code });
    expect(node.state()).toEqual(before);
    expect(node.tolerate(groestl(START + DAYS_14), nowOf(START)).accepted).toBe(true);
  });

  it("rejects an order before the first tip, and a time that is none", () => {
    const node = watched();
    expect(node.tolerate(groestl(START), nowOf(START))).toMatchObject({ code: "invalid_order" });
    node.see(START);
    expect(node.tolerate(groestl(START + 1), 12)).toMatchObject({ path: "/now_ms" });
  });

  it("lets a tolerated algorithm take part in the shares", () => {
    const sentinel = createSentinel({ node_id: NODE, chain: digibyte });
    sentinel.observe(at(START));
    sentinel.tolerate(groestl(START + 1_000), nowOf(START));
    sentinel.observe(at(START + 1, GROESTL));
    expect(sentinel.state().detectors["algo_share"]).toMatchObject({
      algorithms: ["scrypt", "sha256d", "groestl", "skein", "qubit", "odo"],
    });
    sentinel.observe(at(START + 1_001));
    expect(sentinel.state().detectors["algo_share"]).toMatchObject({
      algorithms: ["scrypt", "sha256d", "skein", "qubit", "odo"],
    });
  });

  it("leaves a replay without orders as it was", () => {
    const observations = [at(START), at(START + 1, GROESTL)].map((one) => ({
      label: "node",
      observation: one,
    }));
    const { findings } = replay(observations, { chain, detectors: [retiredAlgorithm] });
    expect(ids(findings)).toEqual([`retired_algorithm:${START + 1}`]);
  });
});
