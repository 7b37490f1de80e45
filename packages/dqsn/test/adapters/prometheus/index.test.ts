import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMetrics, type MetricsOptions } from "../../../src/adapters/prometheus/index.js";
import { hasPromtool } from "@dgb-shield/testkit/services";
import type { ConsumerStats } from "../../../src/adapters/nats/index.js";
import { tapNetwork } from "../../../src/adapters/watch/index.js";
import { createDqsn, createNetworkState } from "../../../src/index.js";
import { request, signal } from "../../support/envelopes.js";
import { report } from "../../support/signals.js";

const NOW = 1_782_664_805_000;
const ROOT = join(import.meta.dirname, "../../../../..");
const MONITORING = join(ROOT, "packages/dqsn/monitoring");
const read = (file: string) => readFileSync(join(MONITORING, file), "utf8");
const PROMTOOL = hasPromtool();

const CONSUMER: ConsumerStats = {
  connected: true,
  clockSkewMs: -20_000,
  failed: 0,
  position: 7,
  pending: 2,
  accepted: 5,
  malformed: 1,
  unauthorized: 0,
  refused: 1,
  restarts: 0,
};

function metricsOf(over: Partial<MetricsOptions> = {}) {
  const registry = new Registry();
  const live = createNetworkState();
  const metrics = createMetrics({
    registry,
    network: live,
    clock: () => NOW,
    stream: () => ({
      clients: 3,
      events: 4,
      cutOff: 1,
      turnedAway: 2,
      bufferedBytes: 7,
      historyBytes: 8,
    }),
    publisher: () => ({
      connected: true,
      closed: false,
      buffered: 1,
      bufferedBytes: 300,
      collisions: 3,
      setAside: 1,
      published: 9,
      duplicates: 0,
      dropped: 5,
      failures: 2,
    }),
    consumer: () => CONSUMER,
    ...over,
  });
  return { registry, metrics, network: tapNetwork(live, [metrics.onIngest]) };
}

describe("createMetrics", () => {
  it("shows the view, what came in and what was evaluated", async () => {
    const { registry, metrics, network } = metricsOf();
    network.ingest(report({ severity: 0.9 }), NOW);
    network.ingest({}, NOW);
    metrics.instrument(createDqsn()).evaluate(request([signal()]));
    const text = await registry.metrics();
    for (const line of [
      'shield_dqsn_level{level="CRITICAL_LOCAL"} 1',
      'shield_dqsn_level{level="NORMAL"} 0',
      "shield_dqsn_score_ratio 0.59",
      'shield_dqsn_channel_signals{channel="consensus"} 1',
      "shield_dqsn_live_operators 1",
      "shield_dqsn_picture_available 1",
      `shield_dqsn_picture_timestamp_seconds ${NOW / 1_000}`,
      `shield_dqsn_last_signal_timestamp_seconds ${NOW / 1_000}`,
      "shield_dqsn_signals_accepted_total 1",
      'shield_dqsn_signals_refused_total{code="DQSN_ERROR_SIGNAL_INVALID"} 1',
      'shield_dqsn_evaluations_total{decision="ALLOW"} 1',
      "shield_dqsn_evaluation_duration_seconds_count 1",
      "shield_dqsn_publisher_dropped_total 5",
      "shield_dqsn_publisher_collisions_total 3",
      "shield_dqsn_publisher_set_aside_total 1",
      "shield_dqsn_consumer_clock_skew_seconds -20",
      "shield_dqsn_clock_trusted 1",
      "shield_dqsn_stream_cut_off_total 1",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect((await registry.metrics()).split("\n")).toContain(
      "shield_dqsn_publisher_dropped_total 5",
    );
  });

  it("shows UNKNOWN and no view when the clock gives no time", async () => {
    const { registry } = metricsOf({ clock: () => NaN });
    const lines = (await registry.metrics()).split("\n");
    expect(lines).toContain("shield_dqsn_picture_available 0");
    expect(lines).toContain('shield_dqsn_level{level="UNKNOWN"} 1');
  });

  it("changes no decision when its own clock breaks", () => {
    const monotonic = () => {
      throw new Error("down");
    };
    const { metrics } = metricsOf({ monotonic });
    const dqsn = createDqsn();
    const asked = request([signal()]);
    expect(metrics.instrument(dqsn).evaluate(asked)).toEqual(dqsn.evaluate(asked));
  });

  it("serves the rest when statistics cannot be read, and shows an unmeasured skew as NaN", async () => {
    const down = () => {
      throw new Error("down");
    };
    const unmeasured = { ...CONSUMER, clockSkewMs: undefined };
    const { registry } = metricsOf({ stream: down, consumer: () => unmeasured });
    const lines = (await registry.metrics()).split("\n");
    expect(lines).toContain("shield_dqsn_publisher_dropped_total 5");
    expect(lines.some((line) => /^shield_dqsn_consumer_clock_skew_seconds nan$/i.test(line))).toBe(
      true,
    );
  });

  it("shows an untrusted clock", async () => {
    const view = { ...createNetworkState().view(NOW), clock: "behind" } as const;
    const { registry } = metricsOf({ network: { view: () => view } });
    expect((await registry.metrics()).split("\n")).toContain("shield_dqsn_clock_trusted 0");
  });

  it("counts an unknown code as `OTHER`", async () => {
    const { registry, metrics } = metricsOf();
    for (let i = 0; i < 100; i++) {
      metrics.onIngest({ accepted: false, code: `node-${i}`, path: "" } as never, NOW);
    }
    expect((await registry.metrics()).split("\n")).toContain(
      'shield_dqsn_signals_refused_total{code="OTHER"} 100',
    );
  });

  it("has as many series after 10,000 nodes as after one", async () => {
    const { registry, network } = metricsOf();
    const seriesOf = async () =>
      (await registry.metrics()).split("\n").filter((line) => !line.startsWith("#")).length;
    network.ingest(report(), NOW);
    const before = await seriesOf();
    for (let i = 0; i < 10_000; i++)
      network.ingest(report({ node_id: `n-${i}`, operator: `o-${i}`, type: `t${i % 50}` }), NOW);
    expect(await seriesOf()).toBe(before);
  });
});

describe("monitoring", () => {
  it("uses only metrics that the exporter has", async () => {
    const { registry } = metricsOf();
    const known = new Set(registry.getMetricsAsArray().map(({ name }) => name));
    for (const file of ["rules.yaml", "rules.test.yaml", "grafana-dashboard.json"]) {
      const used = new Set(read(file).match(/shield_dqsn_\w+/g));
      expect(used.size).toBeGreaterThan(5);
      for (const name of used) expect(known).toContain(name.replace(/_bucket$/, ""));
    }
  });

  it("has a runbook for every rule, and a test", () => {
    const rules = parse(read("rules.yaml")).groups.flatMap(
      (group: { rules: unknown[] }) => group.rules,
    );
    const tests = read("rules.test.yaml");
    expect(rules.length).toBeGreaterThan(10);
    for (const { alert, annotations } of rules) {
      expect(existsSync(join(ROOT, annotations.runbook_url)), annotations.runbook_url).toBe(true);
      expect(tests).toContain(`alertname: ${alert}`);
    }
  });

  it.skipIf(!PROMTOOL)("passes promtool check metrics, check rules and test rules", async () => {
    const { registry, metrics, network } = metricsOf();
    network.ingest({}, NOW);
    metrics.instrument(createDqsn()).evaluate({});
    const run = (args: string[], input = "") => {
      const { status, stdout, stderr } = spawnSync("promtool", args, {
        cwd: MONITORING,
        input,
        encoding: "utf8",
      });
      expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
      return stdout + stderr;
    };
    expect(run(["check", "metrics"], await registry.metrics())).toBe("");
    run(["check", "rules", "rules.yaml"]);
    run(["test", "rules", "rules.test.yaml"]);
  });
});
