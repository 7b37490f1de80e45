import {
  defenseEventSchema,
  type DqsnResponse,
  type Finding,
  type NetworkView,
  type SentinelReport,
} from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { eventsFromDqsn, eventsFromNetwork, eventsFromSentinel } from "../../src/index.js";
import { node, T } from "../support/events.js";

const NOW = T + 1_000_000;
const TTL = { event_ttl_ms: 5_000 };

const finding = (change: Partial<Finding> = {}): Finding => ({
  finding_id: "f-1",
  detector: "block_stall",
  severity: 0.7,
  summary: "no block for 4 minutes",
  height: 1,
  detected_at_ms: NOW - 100,
  latched: false,
  evidence: {},
  ...change,
});
const report = (change: Partial<SentinelReport> = {}): SentinelReport => ({
  node_id: "node-1",
  chain: "digibyte",
  observed_at_ms: NOW,
  clock: "trusted",
  status: "WATCHING",
  tip: null,
  level: "normal",
  score: 0,
  findings: [],
  detectors: ["block_stall"],
  ...change,
});

describe("eventsFromSentinel", () => {
  it("makes one local event of each finding", () => {
    const findings = [finding(), finding({ finding_id: "f-2", severity: 0.3 })];
    const events = eventsFromSentinel(report({ findings, level: "high", score: 0.7 }), NOW, TTL);
    expect(events).toHaveLength(2);
    expect(defenseEventSchema.parse(events[0])).toEqual({
      event_id: "sentinel:node-1:f-1",
      type: "sentinel_alert",
      severity: 0.7,
      source: "sentinel",
      observed_at_ms: NOW - 100,
      expires_at_ms: NOW + 5_000,
      local: true,
      summary: "block_stall: no block for 4 minutes",
    });
  });

  it("latches what is latched", () => {
    const findings = [finding({ latched: true, detector: "retired_algorithm", severity: 1 })];
    const [event] = eventsFromSentinel(report({ findings, level: "critical", score: 1 }), NOW);
    expect(event).toMatchObject({ expires_at_ms: null, severity: 1 });
  });

  it("gives long ids and texts that still fit, the same each time", () => {
    const findings = [finding({ finding_id: "x".repeat(128), summary: "y".repeat(512) })];
    const [event] = eventsFromSentinel(report({ findings }), NOW);
    expect(defenseEventSchema.parse(event).event_id).toMatch(/^sentinel:[0-9a-f]{64}$/);
    expect(eventsFromSentinel(report({ findings }), NOW + 1)[0]?.event_id).toBe(event?.event_id);
  });

  it.each([
    ["critical", 0.1, 0.9],
    ["high", 0, 0.6],
    ["normal", 0.8, 0.8],
  ] as const)("does not lose level %s at score %d: severity %d", (level, score, severity) => {
    const events = eventsFromSentinel(report({ level, score }), NOW);
    expect(events).toMatchObject([{ type: "sentinel_level", severity, local: true }]);
  });

  it.each([
    ["syncing", { status: "SYNCING" }],
    ["unreachable", { status: "UNREACHABLE" }],
    ["not heard from lately", { observed_at_ms: NOW - 5_001 }],
  ] as const)("is elevated when the node is %s", (_title, change) => {
    const events = eventsFromSentinel(report(change), NOW, TTL);
    expect(events).toMatchObject([{ type: "node_unwatched", severity: 0.25, local: true }]);
  });

  it("makes nothing of a quiet report", () => {
    expect(eventsFromSentinel(report({ score: 0.1 }), NOW, TTL)).toEqual([]);
  });

  it("stays released by the operator, report after report, until the finding is detected anew", () => {
    const findings = [finding({ latched: true, severity: 1 })];
    const first = report({ findings, level: "critical", score: 1 });
    const defended = node();
    const [event] = defended.apply(eventsFromSentinel(first, NOW), NOW).events;
    const { event_id } = event!;
    defended.override({ kind: "release", event_id, operator: "ann", reason: "r" }, NOW + 1);
    const again = { ...first, observed_at_ms: NOW + 2 };
    expect(defended.apply(eventsFromSentinel(again, NOW + 2), NOW + 2).lockdown).toBe("NONE");
    const anew = { ...again, findings: [{ ...findings[0]!, detected_at_ms: NOW + 3 }] };
    expect(defended.apply(eventsFromSentinel(anew, NOW + 3), NOW + 3).lockdown).toBe("FULL");
  });
});

const response = (decision: DqsnResponse["decision"], score: number): DqsnResponse => ({
  contract_version: 3,
  component: "dqsn",
  request_id: "r-1",
  context_hash: "00".repeat(32),
  decision,
  risk: { score, tier: "LOW" },
  reason_codes: [`DQSN_${decision}`],
  evidence: {},
  meta: { fail_closed: true },
});

describe("eventsFromDqsn", () => {
  it.each([
    ["ERROR", 0.1, "dqsn_critical", 1],
    ["BLOCK", 0.1, "dqsn_critical", 1],
    ["WARN", 0.4, "dqsn_warning", 0.4],
    ["WARN", 0, "dqsn_warning", 0.25],
    ["ALLOW", 0.7, "dqsn_warning", 0.7],
  ] as const)("makes of %s at risk %d a %s of %d", (decision, score, type, severity) => {
    const [event] = eventsFromDqsn(response(decision, score), NOW, TTL);
    expect(defenseEventSchema.parse(event)).toMatchObject({
      event_id: expect.stringMatching(/^dqsn:[0-9a-f]{64}$/) as string,
      type,
      severity,
      local: false,
      expires_at_ms: NOW + 5_000,
    });
  });

  it("takes the tier where it is worse than the score", () => {
    const grave = { ...response("WARN", 0.3), risk: { score: 0.3, tier: "CRITICAL" as const } };
    expect(eventsFromDqsn(grave, NOW)[0]?.severity).toBe(0.9);
  });

  it("makes nothing of a quiet ALLOW", () => {
    expect(eventsFromDqsn(response("ALLOW", 0.2), NOW)).toEqual([]);
  });
});

const channel = { score: 0, signals: 0 };
const view = (level: NetworkView["level"], score: number): NetworkView => ({
  as_of_ms: NOW,
  level,
  score,
  channels: { consensus: channel, mempool: channel, wallet: channel, infra: channel },
  clock: "trusted",
  live_operators: 0,
  critical_operators: [],
  critical_operators_count: 0,
  silent_reporters: [],
  silent_reporters_count: 0,
  quorum: 2,
  digest: "00".repeat(32),
});

describe("eventsFromNetwork", () => {
  it.each([
    ["NORMAL", 0.3, 0.3],
    ["UNKNOWN", 0, 0.25],
    ["ELEVATED", 0.4, 0.4],
    ["CRITICAL_LOCAL", 0.59, 0.25],
    ["CRITICAL_GLOBAL", 0.6, 0.9],
    ["CRITICAL_GLOBAL", 0.95, 0.95],
  ] as const)("makes of %s at %d a severity of %d", (level, score, severity) => {
    const [event] = eventsFromNetwork(view(level, score), NOW, TTL);
    expect(defenseEventSchema.parse(event)).toMatchObject({
      event_id: expect.stringMatching(/^network_advisory:[0-9a-f]{64}$/) as string,
      severity,
      local: false,
      expires_at_ms: NOW + 5_000,
    });
  });

  it("makes nothing of a quiet network", () => {
    expect(eventsFromNetwork(view("NORMAL", 0.2), NOW)).toEqual([]);
  });

  it("locks the node down through a storm, and silence after it releases by expiry and hold", () => {
    const defended = node();
    for (let nowMs = T; nowMs <= T + 10_000; nowMs += 1_000) {
      defended.apply(
        eventsFromNetwork({ ...view("CRITICAL_GLOBAL", 0.9), as_of_ms: nowMs }, nowMs, TTL),
        nowMs,
      );
    }
    // the last one at 10,000 counts for 5,000 and its hold of 1,000
    expect(defended.state(T + 15_999).lockdown).toBe("FULL");
    expect(defended.state(T + 16_000).lockdown).toBe("NONE");
  });
});

describe("every maker", () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("hostile");
      },
    },
  );
  it.each<[title: string, input: unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["an empty object", {}],
    ["a text", "x"],
    ["an array", []],
    ["a hostile proxy", hostile],
  ])("makes a critical event of %s", (_title, input) => {
    for (const make of [eventsFromSentinel, eventsFromDqsn, eventsFromNetwork]) {
      const events = make(input as never, NOW);
      expect(events).toMatchObject([{ type: "malformed_event", severity: 1, local: false }]);
      defenseEventSchema.parse(events[0]);
    }
  });
});
