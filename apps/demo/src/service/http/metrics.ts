/** Prometheus metrics of the service: `shield_service_*`, each label of a closed set, no ids. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { type PaymentAnswer, SERVICE_STATES, type Service } from "../service.js";
import { ROUTE_IDS, type RouteId } from "./access.js";
import { PROBLEM_CODES, type ProblemCode } from "./problems.js";
import { registerAudit } from "./audit-metrics.js";
import type { StreamStats } from "./events/event-stream.js";

/** Inputs of the metrics. */
export type HttpMetrics = Readonly<{
  onAnswer(route: RouteId | "other", status: number, seconds: number): void;
  onProblem(code: ProblemCode): void;
  onDecision(answer: Pick<PaymentAnswer, "final" | "enforced">): void;
  /** Bytes of a body that was read. */
  onBody(bytes: number): void;
}>;

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const STATUSES = ["2xx", "4xx", "5xx", "other"] as const;

/**
 * Registers the metrics.
 *
 * @throws Error of prom-client where the registry has them already
 */
export function createHttpMetrics(
  registry: Registry,
  service: Service,
  stream: () => StreamStats,
): HttpMetrics {
  registerState(registry, service);
  registerRole(registry, service);
  registerDelivery(registry, service);
  registerWebhooks(registry, service);
  registerStream(registry, stream);
  registerAudit(registry, service);
  const registers = [registry];
  const requests = new Counter({
    name: "shield_service_requests_total",
    help: "Requests that were answered, by route and class of status",
    labelNames: ["route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "shield_service_request_duration_seconds",
    help: "Time from a request's headers to the end of its answer",
    labelNames: ["route"],
    buckets: BUCKETS,
    registers,
  });
  const problems = new Counter({
    name: "shield_service_problems_total",
    help: "Requests that were answered with a problem, by its code",
    labelNames: ["code"],
    registers,
  });
  const decisions = new Counter({
    name: "shield_service_decisions_total",
    help: "Decisions that were answered",
    labelNames: ["final", "enforced"],
    registers,
  });
  const bodies = new Counter({
    name: "shield_service_request_body_bytes_total",
    help: "Bytes of bodies that were read",
    registers,
  });
  for (const route of [...ROUTE_IDS, "other"]) requests.inc({ route, status: "2xx" }, 0);
  for (const code of PROBLEM_CODES) problems.inc({ code }, 0);
  for (const final of ["ALLOW", "REFUSED"]) {
    for (const enforced of ["true", "false"]) decisions.inc({ final, enforced }, 0);
  }
  return Object.freeze({
    onAnswer(route, status, took) {
      requests.inc({ route, status: classOf(status) });
      // A stream lasts as long as its reader wants.
      if (route !== "GET /v1/events") seconds.observe({ route }, took);
    },
    onProblem: (code) => problems.inc({ code }),
    onDecision: ({ final, enforced }) => decisions.inc({ final, enforced: String(enforced) }),
    onBody: (bytes) => bodies.inc(bytes),
  } satisfies HttpMetrics);
}

const classOf = (status: number): (typeof STATUSES)[number] =>
  STATUSES.find((name) => name === `${Math.floor(status / 100)}xx`) ?? "other";

function registerState(registry: Registry, service: Service): void {
  new Gauge({
    name: "shield_service_state",
    help: "1 for the state of the service, 0 for the others; all 0 where it cannot be read",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      const found = await service.status().catch(() => undefined);
      for (const state of SERVICE_STATES) this.set({ state }, found?.state === state ? 1 : 0);
    },
  });
}

function registerRole(registry: Registry, service: Service): void {
  const registers = [registry];
  new Gauge({
    name: "shield_service_watches",
    help: "1 where this process watches the nodes, 0 where it decides on what another one watches",
    registers,
    collect() {
      this.set(service.role().watches ? 1 : 0);
    },
  });
  new Gauge({
    name: "shield_service_evidence_age_seconds",
    help: "Age of the evidence of the process that watches; NaN where this one does, or there is none",
    registers,
    collect() {
      const { evidence_age_ms: age } = service.role();
      this.set(age === null ? NaN : age / 1_000);
    },
  });
}

function registerDelivery(registry: Registry, service: Service): void {
  if (service.delivery() === null) return;
  const registers = [registry];
  new Gauge({
    name: "shield_service_events_pending",
    help: "Events that wait for NATS",
    registers,
    collect() {
      this.set(service.delivery()?.pending ?? 0);
    },
  });
  new Gauge({
    name: "shield_service_events_published_seq",
    help: "Number of the last record of the ledger whose events NATS has taken; NaN where another process publishes",
    registers,
    collect() {
      this.set(service.delivery()?.published_seq ?? NaN);
    },
  });
  const counts = [
    ["delivered", "Events that NATS has taken"],
    ["dropped", "Events that NATS refuses, or that were damaged on the disk"],
  ] as const;
  for (const [what, help] of counts) {
    new Counter({
      name: `shield_service_events_${what}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(service.delivery()?.[what] ?? 0);
      },
    });
  }
}

function registerWebhooks(registry: Registry, service: Service): void {
  if (service.webhooks().length === 0) return;
  const registers = [registry];
  const shared = { labelNames: ["webhook"], registers };
  new Gauge({
    name: "shield_service_webhook_waiting_seconds",
    help: "How long the event that a receiver does not take has waited since it happened; 0 where none waits",
    ...shared,
    collect() {
      for (const { name, waiting_ms } of service.webhooks())
        this.set({ webhook: name }, waiting_ms / 1_000);
    },
  });
  new Gauge({
    name: "shield_service_webhook_delivered_seq",
    help: "Number of the last record that was handled; NaN where another process delivers",
    ...shared,
    collect() {
      for (const { name, delivered_seq } of service.webhooks())
        this.set({ webhook: name }, delivered_seq ?? NaN);
    },
  });
  const counts = [
    ["delivered", "Events that the receiver has taken"],
    ["failures", "Tries that failed"],
    ["missed", "Records that were pruned before they were delivered"],
  ] as const;
  for (const [what, help] of counts) {
    new Counter({
      name: `shield_service_webhook_${what}_total`,
      help,
      ...shared,
      collect() {
        this.reset();
        for (const one of service.webhooks()) this.inc({ webhook: one.name }, one[what]);
      },
    });
  }
}

function registerStream(registry: Registry, stream: () => StreamStats): void {
  const registers = [registry];
  const gauge = (name: string, help: string, of: (stats: StreamStats) => number) =>
    new Gauge({
      name: `shield_service_${name}`,
      help,
      registers,
      collect() {
        this.set(of(stream()));
      },
    });
  gauge("event_clients", "Readers of the event stream", ({ clients }) => clients);
  gauge(
    "event_buffered_bytes",
    "Bytes that wait for readers",
    ({ buffered_bytes }) => buffered_bytes,
  );
  new Counter({
    name: "shield_service_event_clients_cut_off_total",
    help: "Readers cut off because they read too slowly",
    registers,
    collect() {
      this.reset();
      this.inc(stream().cut_off);
    },
  });
}
