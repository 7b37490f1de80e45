import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { CIRCUIT_BREAKER, createSentinel, type Observation, toEnvelope } from "../../src/index.js";
import { circuitBreakers } from "../../src/detectors/circuit-breakers.js";
import { WEAK_NONCES } from "../../src/detectors/weak-nonces.js";
import { branchOf, NODE, observation } from "../support/chain.js";

const raised = (detector: string) => ({
  detector,
  finding_id: `${detector}:1`,
  severity: 0.25,
  summary: "a finding",
  height: 1,
  latched: false,
  evidence: {},
});
const breakersOf = (...detectors: string[]) => circuitBreakers(detectors.map(raised), 7);

describe("circuitBreakers", () => {
  it.each([
    [["entropy_drop", "mempool_surge", "reorg"]],
    [["reorg", "block_stall", "nonce_reuse", "mempool_surge"]],
  ])("trips for %j, whatever their severities", (detectors) => {
    expect(breakersOf(...detectors)).toMatchObject([
      { detector: CIRCUIT_BREAKER, severity: 0.99, finding_id: "circuit_breaker:compound:reorg:1" },
    ]);
  });

  it.each([
    [["entropy_drop", "mempool_surge"]],
    [["mempool_surge", "reorg", "block_stall"]],
    [["entropy_drop", "nonce_reuse", "reorg"]],
  ])("does not trip for %j", (detectors) => {
    expect(breakersOf(...detectors)).toEqual([]);
  });
});

describe("a theft that is being covered up", () => {
  const quiet = branchOf("a", 1, 60);
  const last = quiet.at(-1)!;
  const usual = { count: 5, bytes: 1_250 };
  const weak = [{ r: WEAK_NONCES[0]![1], key: "key" }];
  const surge = { count: 5_000, bytes: 1_250_000 };
  const observations = (): Observation[] => [
    ...quiet.map((block) => observation([block], { mempool: usual })),
    observation([], { tip: last, mempool: surge }),
    observation([], { tip: last, mempool: surge, signatures: weak }),
    observation(branchOf("b", 58, 62, "a"), { mempool: surge }),
  ];

  it("is critical at the moment at which its three parts meet", () => {
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    const reports = observations().map((one) => sentinel.observe(one));
    expect(reports.slice(-4).map(({ level }) => level)).toEqual([
      "normal",
      "elevated",
      "elevated",
      "critical",
    ]);
    expect(toEnvelope(reports.at(-1)!, "r")).toMatchObject({
      decision: "BLOCK",
      reason_codes: [
        "SENTINEL_CIRCUIT_BREAKER",
        "SENTINEL_ENTROPY_DROP",
        "SENTINEL_MEMPOOL_SURGE",
        "SENTINEL_REORG",
      ],
    });
  });

  it("is so even where one of the parts was acknowledged, and is silenced by its own id", () => {
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    const all = observations();
    for (const one of all.slice(0, -1)) sentinel.observe(one);
    const order = { operator: "alice", reason: "seen" };
    const surgeId = "mempool_surge:60";
    expect(sentinel.acknowledge(surgeId, order, last.time_s * 1_000)).toEqual({ accepted: true });
    const report = sentinel.observe(all.at(-1)!);
    expect(report.level).toBe("critical");
    const id = report.findings[0]!.finding_id;
    expect(id).toMatch(/^circuit_breaker:compound:reorg:/);
    sentinel.acknowledge(id, order, report.observed_at_ms);
    expect(sentinel.observe(all.at(-1)!).level).toBe("elevated");
  });
});

describe("evidence that did not come", () => {
  const [first, second] = branchOf("a", 1, 2);
  const reportOf = (unavailable: NonNullable<Observation["unavailable"]>) => {
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    sentinel.observe(observation([first!], { mempool: { count: 0, bytes: 0 } }));
    return sentinel.observe(observation([second!], { unavailable }));
  };

  it("is named, and raises no level where it was pruned", () => {
    const report = reportOf([{ what: "block", reason: "pruned", height: 1 }]);
    expect(report).toMatchObject({
      level: "normal",
      findings: [{ finding_id: "evidence_unavailable:block:pruned", severity: 0, height: 1 }],
    });
    expect(toEnvelope(report, "r").reason_codes).toEqual(["SENTINEL_EVIDENCE_UNAVAILABLE"]);
  });

  it("is elevated where asking failed, and its detector does not pass for having run", () => {
    const report = reportOf([{ what: "mempool", reason: "failed", height: null }]);
    expect(report.level).toBe("elevated");
    expect(report.detectors).not.toContain("mempool_surge");
  });
});
