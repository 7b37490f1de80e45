import type { DefenseEvent, Finding } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import type { Overview } from "../../../src/pipeline/index.js";
import { incidentsOf } from "../../../src/service/runtime/incidents.js";

const findingOf = (detector: string, severity: number, fields: Partial<Finding> = {}): Finding => ({
  ...{ finding_id: `${detector}:1`, detector, severity, summary: `${detector} found` },
  ...{ detected_at_ms: 1_000, height: 1, latched: false, evidence: {}, ...fields },
});

const eventOf = (type: string, fields: Partial<DefenseEvent> = {}): DefenseEvent => ({
  ...{ event_id: `${type}-id`, type, severity: 0.9, source: "sentinel", local: true },
  ...{ observed_at_ms: 2_000, expires_at_ms: 90_000, summary: `${type} happened`, ...fields },
});

const overviewOf = (
  findings: readonly Finding[],
  events: readonly DefenseEvent[],
  together: readonly Finding[] = [],
): Overview =>
  ({
    reports: [{ node_id: "a", findings }],
    together: { findings: together },
    defense: { events },
  }) as unknown as Overview;

describe("incidentsOf", () => {
  it("is empty where nothing is wrong", () => {
    expect(incidentsOf(overviewOf([], []))).toEqual([]);
  });

  it("puts a finding and what it caused in the defense into one incident", () => {
    const stall = findingOf("block_stall", 0.7);
    const alert = eventOf("sentinel_alert", { summary: "block_stall: no block" });
    expect(incidentsOf(overviewOf([stall], [alert]))).toMatchObject([
      {
        ...{ incident_id: "block_stall-1000", cause: "block_stall", severity: 0.9 },
        ...{ findings: [{ node_id: "a" }], defense_events: ["sentinel_alert-id"], latched: false },
      },
    ]);
  });

  it("gives what the network's view makes of a finding to the worst incident", () => {
    const [split, slow] = [findingOf("rule_split", 0.95), findingOf("block_stall", 0.3)];
    const echo = eventOf("dqsn_critical", { source: "dqsn", severity: 1 });
    const found = incidentsOf(overviewOf([slow], [echo], [split]));
    expect(found.map(({ cause }) => cause)).toEqual(["rule_split", "block_stall"]);
    expect(found[0]).toMatchObject({ severity: 1, defense_events: ["dqsn_critical-id"] });
  });

  it("has an incident of its own for what other sites report alone", () => {
    const echo = eventOf("network_advisory", { source: "dqsn" });
    expect(incidentsOf(overviewOf([], [echo]))).toMatchObject([
      { cause: "network_advisory", incident_id: "network_advisory-2000" },
    ]);
  });

  it("names a lost state by the type by which it is released", () => {
    const lost = eventOf("state_missing", { source: "pipeline", expires_at_ms: null });
    expect(incidentsOf(overviewOf([], [lost]))).toMatchObject([
      { cause: "state_missing", latched: true },
    ]);
  });
});
