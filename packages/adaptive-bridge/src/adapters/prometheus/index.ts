/** Exports the counters of a bridge, an outbox and resilient sinks for Prometheus (design, section 9). */
import { Counter, Gauge, type Registry } from "prom-client";
import type { AdaptiveBridge } from "../../bridge.js";
import { ownOf } from "../../internal/own.js";
import type { Outbox } from "../outbox/index.js";
import type { ResilientSink } from "../resilient/index.js";

/** What `observeBridge` takes. */
export type BridgeMetricsOptions = Readonly<{
  /** The registry that the caller serves. */
  registry: Registry;
  bridge: Pick<AdaptiveBridge, "stats">;
  outbox?: Pick<Outbox, "stats">;
  /** For the state of their circuits. */
  resilient?: readonly Pick<ResilientSink, "name" | "circuit">[];
}>;

type Sample = Readonly<{ labels: Record<string, string>; value: number }>;

/**
 * Registers metrics that are read when the registry is: nothing is added to `emit`.
 *
 * @throws an error of prom-client where the registry has metrics of these names already
 * @example observeBridge({ registry, bridge })
 */
export function observeBridge(options: BridgeMetricsOptions): void {
  const { registry, bridge, outbox, resilient } = ownOf(options) as BridgeMetricsOptions;
  observeQueues(registry, bridge);
  if (outbox !== undefined) observeOutbox(registry, outbox);
  if (resilient !== undefined) {
    gauge(registry, {
      name: "circuit_open",
      help: "1 while a sink's circuit is not closed.",
      labels: ["sink"],
      read: () =>
        resilient.map(({ name, circuit }) => sample({ sink: name }, circuit === "closed" ? 0 : 1)),
    });
  }
}

function observeQueues(registry: Registry, bridge: Pick<AdaptiveBridge, "stats">): void {
  const sinks = () => bridge.stats().sinks;
  counter(registry, {
    name: "emitted_total",
    help: "Events that were emitted.",
    labels: ["sink"],
    read: () => sinks().map(({ name, emitted }) => sample({ sink: name }, emitted)),
  });
  counter(registry, {
    name: "delivered_total",
    help: "Events that a sink confirmed.",
    labels: ["sink"],
    read: () => sinks().map(({ name, delivered }) => sample({ sink: name }, delivered)),
  });
  counter(registry, {
    name: "dropped_total",
    help: "Events that did not reach a sink.",
    labels: ["sink", "reason"],
    read: () => sinks().flatMap(({ name, dropped }) => byReason(name, dropped)),
  });
  gauge(registry, {
    name: "queued_events",
    help: "Events that wait for a sink in memory.",
    labels: ["sink"],
    read: () => sinks().map(({ name, queued }) => sample({ sink: name }, queued)),
  });
}

function observeOutbox(registry: Registry, outbox: Pick<Outbox, "stats">): void {
  const stats = () => outbox.stats();
  counter(registry, {
    name: "outbox_stored_total",
    help: "Events that were flushed to the disk.",
    labels: [],
    read: () => [sample({}, stats().stored)],
  });
  gauge(registry, {
    name: "outbox_size_bytes",
    help: "Bytes of the outbox on the disk.",
    labels: [],
    read: () => [sample({}, stats().bytes)],
  });
  counter(registry, {
    name: "outbox_delivered_total",
    help: "Events a sink confirmed.",
    labels: ["sink"],
    read: () => stats().sinks.map(({ name, delivered }) => sample({ sink: name }, delivered)),
  });
  counter(registry, {
    name: "outbox_dropped_total",
    help: "Events a sink never had.",
    labels: ["sink", "reason"],
    read: () => stats().sinks.flatMap(({ name, dropped }) => byReason(name, dropped)),
  });
  gauge(registry, {
    name: "outbox_pending_events",
    help: "Events on the disk for a sink.",
    labels: ["sink"],
    read: () => stats().sinks.map(({ name, pending }) => sample({ sink: name }, pending)),
  });
}

const sample = (labels: Record<string, string>, value: number): Sample => ({ labels, value });

const byReason = (sink: string, dropped: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(dropped).map(([reason, value]) => sample({ sink, reason }, value));

type Metric = Readonly<{
  name: string;
  help: string;
  labels: string[];
  read: () => readonly Sample[];
}>;

function counter(registry: Registry, { name, help, labels, read }: Metric): void {
  new Counter({
    name: `shield_bridge_${name}`,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.inc(labels, value);
    },
  });
}

function gauge(registry: Registry, { name, help, labels, read }: Metric): void {
  new Gauge({
    name: `shield_bridge_${name}`,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      for (const { labels, value } of read()) this.set(labels, value);
    },
  });
}
