import { sentinelReportSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import {
  blockStall,
  createSentinel,
  type Observation,
  SentinelError,
  type SentinelOptions,
} from "../src/index.js";
import {
  branchOf,
  GROESTL,
  header,
  NODE,
  observation,
  recording,
  hashOf,
} from "./support/chain.js";

const create = (options: Partial<SentinelOptions> = {}) =>
  createSentinel({ node_id: NODE, chain: digibyteRegtest, ...options });
const at = (
  tip: Observation["tip"] & object,
  seconds: number,
  fields: Partial<Observation> = {},
) => ({
  ...observation([], { tip }),
  at_ms: (tip.time_s + seconds) * 1_000,
  ...fields,
});
const ids = (report: { findings: { finding_id: string }[] }) =>
  report.findings.map(({ finding_id }) => finding_id);
const retired = header(2_001, { version: GROESTL });
const ORDER = { operator: "alice", reason: "seen" };

describe("createSentinel", () => {
  it("keeps its state where a detector throws", () => {
    let isBroken = false;
    const broken = {
      ...blockStall,
      name: "broken",
      reduce: (...[state, ...rest]: Parameters<typeof blockStall.reduce>) => {
        if (isBroken) throw new Error("broken");
        return blockStall.reduce(state, ...rest);
      },
    };
    const sentinel = create({ detectors: [blockStall, broken] });
    sentinel.observe(observation([header(1_001)]));
    const before = sentinel.state();
    isBroken = true;
    expect(() => sentinel.observe(observation([header(1_002)]))).toThrow("broken");
    expect(sentinel.state()).toEqual(before);
    isBroken = false;
    expect(sentinel.observe(observation([header(1_002)])).tip?.height).toBe(1_002);
  });

  it.each([
    ["/node_id", { node_id: " x" }],
    ["/chain/spacing_seconds", { chain: { ...digibyte, spacing_seconds: 0 } }],
    ["/detectors", { detectors: [blockStall, blockStall] }],
  ])("refuses a configuration that is wrong at %s", (path, options) => {
    expect(() => create(options)).toThrow(
      expect.objectContaining({ name: "SentinelError", code: "invalid_config", path }),
    );
  });

  it("leaves out a detector that a chain gives nothing to do", () => {
    const report = create({ chain: { ...digibyte, algorithms: [] } }).observe(
      observation([header(1)]),
    );
    expect(report.detectors).toEqual([
      "block_stall",
      "reorg",
      "rival_chain",
      "block_cadence",
      "flag_day",
      "node_unreachable",
      "node_overloaded",
      "sync_stuck",
      "clock_trust",
    ]);
  });
});

describe("observe", () => {
  it("reports nothing on a quiet chain, and what it looked for", () => {
    const report = create().observe(observation([header(1)]));
    expect(sentinelReportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      status: "WATCHING",
      level: "normal",
      score: 0,
      findings: [],
      detectors: [
        "block_stall",
        "reorg",
        "rival_chain",
        "retired_algorithm",
        "block_cadence",
        "node_unreachable",
        "node_overloaded",
        "sync_stuck",
        "clock_trust",
      ],
    });
  });

  it("puts the worst finding first and takes its severity as the score", () => {
    const report = create().observe(at(retired, 300));
    expect(ids(report)).toEqual(["retired_algorithm:2001", "block_stall:2001"]);
    expect(report).toMatchObject({ level: "critical", score: 0.99 });
  });

  it.each([
    ["/chain/genesis_hash", { genesis_hash: hashOf(0) }],
    ["/chain/network", { network: "main" }],
  ])("reports a node on another chain by its %s, and keeps nothing of it", (path, chain) => {
    const sentinel = create();
    sentinel.observe(at(header(1), 0));
    const before = sentinel.state();
    const report = sentinel.observe({ ...at(header(9_999), 15), chain });
    expect(report).toMatchObject({ status: "UNREACHABLE", level: "high", score: 0.6 });
    expect(report.findings).toMatchObject([{ detector: "wrong_chain", evidence: { path } }]);
    expect(sentinel.state().tip).toEqual(before.tip);
    expect(ids(sentinel.observe(at(header(2), 30)))).toEqual([]);
  });

  it("keeps the time of first sight as long as a finding lasts", () => {
    const sentinel = create();
    const first = sentinel.observe(at(header(1), 300));
    const second = sentinel.observe(at(header(1), 400));
    expect(second.findings[0]?.detected_at_ms).toBe(first.observed_at_ms);
  });

  it.each([
    ["UNREACHABLE", { reachable: false }],
    ["UNREACHABLE", { reachable: false, tip: null }],
    ["UNREACHABLE", { reachable: false, syncing: true }],
  ])("reports %s as elevated, and silence as a finding", (status, fields) => {
    const report = create().observe({ ...observation([retired]), ...fields });
    expect(report).toMatchObject({ status, level: "elevated", score: 0.25 });
    expect(report.detectors).toEqual(["node_unreachable"]);
    expect(ids(report)).toEqual([`node_unreachable:${report.observed_at_ms}`]);
  });

  it("reports SYNCING as elevated, what is back-filled as history, and no stall", () => {
    const report = create().observe({ ...at(retired, 900, { blocks: [retired] }), syncing: true });
    expect(sentinelReportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({ status: "SYNCING", level: "elevated", score: 0.25 });
    expect(report.findings).toMatchObject([
      {
        finding_id: "retired_algorithm:history:2001",
        severity: 0,
        latched: false,
        evidence: { historic: true, blocks: 1 },
      },
    ]);
  });

  it("keeps what was active while it cannot look", () => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    const report = sentinel.observe(at(retired, 15, { reachable: false, tip: null }));
    expect(report).toMatchObject({ status: "UNREACHABLE", level: "critical" });
    expect(ids(report)[0]).toBe("retired_algorithm:2001");
    expect(report.tip?.height).toBe(2_001);
  });

  it("does not judge what was back-filled", () => {
    const sentinel = create();
    sentinel.observe({ ...observation([retired]), syncing: true });
    const report = sentinel.observe(observation([header(2_002)]));
    expect(report).toMatchObject({ status: "WATCHING", level: "normal" });
  });

  it("reports what it cannot read as one finding, until it can read again", () => {
    const sentinel = create();
    const broken = { ...observation([header(1)]), tip: null };
    const [first, second] = [sentinel.observe(broken), sentinel.observe(broken)];
    expect(first).toMatchObject({ status: "UNREACHABLE", level: "elevated", detectors: [] });
    expect(first.findings).toMatchObject([
      { detector: "observation_invalid", evidence: { path: "/tip" } },
    ]);
    expect(ids(second)).toEqual(ids(first));
    expect(sentinel.observe(observation([header(2)])).findings).toEqual([]);
  });

  it("opens nothing when time steps back", () => {
    const sentinel = create();
    sentinel.observe(at(header(1), 300));
    const report = sentinel.observe(at(header(1), 0));
    const { time_ms } = sentinel.state().clock;
    expect(time_ms).toBe((header(1).time_s + 300) * 1_000);
    expect(report).toMatchObject({ clock: "behind", observed_at_ms: header(1).time_s * 1_000 });
    expect(ids(report)).toEqual([
      "block_stall:1",
      `clock_untrusted:behind:${header(1).time_s * 1_000}`,
    ]);
  });

  it("never throws and never calls normal what it cannot read", () => {
    const sentinel = create();
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(sentinelReportSchema.parse(sentinel.observe(input as never)).level).toBe("elevated");
      }),
    );
  });

  it("gives the same report for the same observations", () => {
    const observations = recording().slice(0, 140);
    const reports = () => {
      const sentinel = create({ node_id: observations[0]!.observation.node_id });
      return JSON.stringify(observations.map((one) => sentinel.observe(one.observation)));
    };
    expect(reports()).toBe(reports());
  });
});

describe("acknowledge", () => {
  const NOW = (retired.time_s + 1) * 1_000;

  it("silences a latched finding for good; the next such block is a new one", () => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    expect(sentinel.acknowledge("retired_algorithm:2001", ORDER, NOW)).toEqual({ accepted: true });
    expect(sentinel.observe(at(retired, 15))).toMatchObject({ level: "normal", findings: [] });
    const next = header(2_002, { version: GROESTL });
    expect(ids(sentinel.observe(observation([next])))).toEqual(["retired_algorithm:2002"]);
  });

  it("silences until a time", () => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    const until_ms = (retired.time_s + 60) * 1_000;
    sentinel.acknowledge("retired_algorithm:2001", { ...ORDER, until_ms }, NOW);
    expect(ids(sentinel.observe(at(retired, 59)))).toEqual([]);
    expect(ids(sentinel.observe(at(retired, 60)))).toEqual(["retired_algorithm:2001"]);
  });

  it("does not silence what gets worse", () => {
    const sentinel = create();
    sentinel.observe(at(header(1), 300));
    sentinel.acknowledge("block_stall:1", ORDER, NOW);
    expect(ids(sentinel.observe(at(header(1), 450)))).toEqual([]); // 0.58, elevated as before
    expect(ids(sentinel.observe(at(header(1), 470)))).toEqual(["block_stall:1"]); // 0.61, high
  });

  it("does not silence the same finding when it comes again", () => {
    const sentinel = create();
    const back = header(1, { hash: "b".repeat(64) });
    sentinel.observe(at(header(1), 300));
    sentinel.acknowledge("block_stall:1", ORDER, NOW);
    sentinel.observe(at(header(1), 310, { tip: { ...back, time_s: back.time_s + 305 } }));
    expect(ids(sentinel.observe(at(header(1), 700, { tip: back })))).toContain("block_stall:1");
  });

  it.each([
    ["unknown_finding", "", "block_stall:9", ORDER],
    ["invalid_order", "/reason", "retired_algorithm:2001", { ...ORDER, reason: "" }],
    ["invalid_order", "/operator", "retired_algorithm:2001", { reason: "seen" }],
    ["invalid_order", "/force", "retired_algorithm:2001", { ...ORDER, force: true }],
    ["until_in_past", "/until_ms", "retired_algorithm:2001", { ...ORDER, until_ms: NOW }],
  ])("refuses with %s at %j", (code, path, findingId, order) => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    const before = sentinel.state();
    const result = sentinel.acknowledge(findingId, order as never, NOW);
    expect(result).toEqual({ accepted: false, code, path, detail: expect.any(String) });
    expect(sentinel.state()).toEqual(before);
  });

  it.each([NaN, -1, 0.5])("refuses the time %d", (nowMs) => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    expect(sentinel.acknowledge("retired_algorithm:2001", ORDER, nowMs)).toMatchObject({
      accepted: false,
      code: "invalid_order",
    });
  });
});

describe("state", () => {
  it("goes on after any restart with the same reports", () => {
    const observations = recording().map((one) => one.observation);
    const node_id = observations[0]!.node_id;
    const whole = create({ node_id });
    let restarted = create({ node_id });
    observations.forEach((one, i) => {
      restarted = create({ node_id, state: JSON.parse(JSON.stringify(restarted.state())) });
      expect(restarted.observe(one)).toEqual(whole.observe(one));
      if (i !== 300) return;
      for (const sentinel of [whole, restarted]) {
        sentinel.acknowledge("retired_algorithm:2001", ORDER, one.at_ms);
      }
    });
  });

  it("is a copy", () => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    sentinel.state().findings.length = 0;
    expect(sentinel.state().findings).toHaveLength(1);
  });

  it("stays small, however long it runs", () => {
    const sentinel = create();
    sentinel.observe(observation(branchOf("a", 1, 5_000)));
    expect(JSON.stringify(sentinel.state()).length).toBeLessThan(40_000);
  });

  it.each([
    ["invalid_state", "/version", { version: 1 }],
    ["invalid_state", "/detectors/reorg/recent", { detectors: { reorg: {} } }],
    ["state_of_another_node", "/node_id", { node_id: "node-b" }],
    ["state_of_another_node", "/chain", { chain: "digibyte" }],
  ])("refuses to be restored with %s at %s", (code, path, fields) => {
    const state = { ...create().state(), ...fields };
    const restore = () => create({ state });
    expect(restore).toThrow(SentinelError);
    expect(restore).toThrow(expect.objectContaining({ code, path }));
  });
});
