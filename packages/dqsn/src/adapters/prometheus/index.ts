/** Prometheus metrics of the network view and of its exporters (design section 4.2: exporters). */
import { ADVISORY_LEVELS, CHANNELS, ENVELOPE_DECISIONS } from "@dgb-shield/contract";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import {
  type Dqsn,
  INGEST_ERROR_CODES,
  type NetworkState,
  REQUEST_ERROR_CODES,
} from "../../index.js";
import { guarded } from "../shared/guarded.js";
import type { ConsumerStats, PublisherStats } from "../nats/stats.js";
import { ownOptions } from "../shared/options.js";
import type { EventStreamStats } from "../sse/index.js";
import { type Clock, systemClock, takeView } from "../shared/clock.js";
import type { IngestListener } from "../watch/index.js";

/** Options of `createMetrics`. */
export type MetricsOptions = Readonly<{
  registry: Registry;
  network: Pick<NetworkState, "view">;
  /** The time; the system's clocks by default. */
  clock?: Clock;
  /** Seconds of a clock that never steps back, to time evaluations. */
  monotonic?: () => number;
  /** `stats` of an event stream of `./sse`. */
  stream?: () => EventStreamStats;
  /** `stats` of a publisher of `./nats`. */
  publisher?: () => PublisherStats;
  /** `stats` of a consumer of `./nats`. */
  consumer?: () => ConsumerStats;
}>;

/** The inputs of the metrics. */
export type Metrics = Readonly<{
  /** For `tapNetwork`. */
  onIngest: IngestListener;
  /** The same evaluator, its evaluations counted and timed. */
  instrument: (dqsn: Dqsn) => Dqsn;
}>;

const EVALUATION_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];

/**
 * Registers the metrics `shield_dqsn_*` in a registry of prom-client. The view is taken when the
 * metrics are scraped; where that fails, `shield_dqsn_picture_available` is 0 and the level UNKNOWN.
 * Every label has a closed set of values, none of them from a signal. Statistics that cannot be read leave their
 * metrics as they were.
 *
 * @param given see `MetricsOptions`
 * @throws Error of prom-client when the registry has these metrics already
 * @example
 * const metrics = createMetrics({ registry: new Registry(), network });
 */
export function createMetrics(given: MetricsOptions): Metrics {
  const options = ownOptions(given);
  registerView(options);
  registerStream(options);
  registerPublisher(options);
  registerConsumer(options);
  const onIngest = registerSignals(options);
  return Object.freeze({ onIngest, instrument: instrumentation(options) });
}

function registerView({ registry, network, clock = systemClock }: MetricsOptions): void {
  // Registered first, because metrics are collected in this order and it sets the others.
  new Gauge({
    name: "shield_dqsn_picture_available",
    help: "1 when the view could be taken, 0 when the clock gave no time",
    registers: [registry],
    collect() {
      const view = takeView({ network, clock });
      this.set(view === undefined ? 0 : 1);
      const inForce = view?.level ?? "UNKNOWN";
      for (const name of ADVISORY_LEVELS) level.set({ level: name }, name === inForce ? 1 : 0);
      trusted.set(Number(view?.clock === "trusted"));
      if (view === undefined) return;
      score.set(view.score);
      for (const channel of CHANNELS) {
        channelScore.set({ channel }, view.channels[channel].score);
        channelSignals.set({ channel }, view.channels[channel].signals);
      }
      live.set(view.live_operators);
      critical.set(view.critical_operators_count);
      silent.set(view.silent_reporters_count);
      quorum.set(view.quorum);
      asOf.set(view.as_of_ms / 1_000);
    },
  });
  const gauge = gaugesOf(registry);
  const level = gauge("level", "1 for the level in force, 0 for the others", ["level"]);
  const score = gauge("score_ratio", "Score of the network, 0 to 1");
  const channelScore = gauge("channel_score_ratio", "Score of a channel, 0 to 1", ["channel"]);
  const channelSignals = gauge("channel_signals", "Live signals of a channel", ["channel"]);
  const live = gauge("live_operators", "Operators with a live signal");
  const critical = gauge("critical_operators", "Operators at or above 0.60");
  const silent = gauge("silent_reporters", "Expected nodes without a live signal");
  const trusted = gauge("clock_trusted", "1 while the clock of the view is trusted");
  const quorum = gauge("quorum_operators", "Critical operators needed for CRITICAL_GLOBAL");
  const asOf = gauge("picture_timestamp_seconds", "Time of the view");
}

const KNOWN_CODES: ReadonlySet<string> = new Set([...REQUEST_ERROR_CODES, ...INGEST_ERROR_CODES]);

function registerSignals({ registry }: MetricsOptions): IngestListener {
  const accepted = new Counter({
    name: "shield_dqsn_signals_accepted_total",
    help: "Signals taken in",
    registers: [registry],
  });
  const ahead = new Counter({
    name: "shield_dqsn_signals_ahead_total",
    help: "Signals taken in whose date is further ahead of the clock than max_future_ms",
    registers: [registry],
  });
  const refused = new Counter({
    name: "shield_dqsn_signals_refused_total",
    help: "Signals refused, by code",
    labelNames: ["code"],
    registers: [registry],
  });
  const last = gaugesOf(registry)(
    "last_signal_timestamp_seconds",
    "Time at which the last signal was taken in, 0 before the first",
  );
  return (result, nowMs) => {
    if (!result.accepted) {
      refused.inc({ code: KNOWN_CODES.has(result.code) ? result.code : "OTHER" });
      return;
    }
    accepted.inc();
    if (Object.hasOwn(result, "ahead_ms")) ahead.inc();
    last.set(nowMs / 1_000);
  };
}

function instrumentation({ registry, monotonic = seconds }: MetricsOptions): Metrics["instrument"] {
  const decisions = new Counter({
    name: "shield_dqsn_evaluations_total",
    help: "Evaluations, by decision",
    labelNames: ["decision"],
    registers: [registry],
  });
  for (const decision of ENVELOPE_DECISIONS) decisions.inc({ decision }, 0);
  const duration = new Histogram({
    name: "shield_dqsn_evaluation_duration_seconds",
    help: "Duration of an evaluation",
    buckets: EVALUATION_BUCKETS,
    registers: [registry],
  });
  return (dqsn) => {
    const timed =
      <T>(evaluate: (input: T) => ReturnType<Dqsn["evaluate"]>) =>
      (input: T) => {
        const start = guarded(monotonic);
        const response = evaluate(input);
        guarded(() => {
          const { decision } = response;
          if (ENVELOPE_DECISIONS.includes(decision)) decisions.inc({ decision });
          if (start !== undefined) duration.observe(monotonic() - start);
        });
        return response;
      };
    return Object.freeze({
      ...dqsn,
      evaluate: timed(dqsn.evaluate),
      evaluateText: timed(dqsn.evaluateText),
    });
  };
}

const seconds = (): number => performance.now() / 1_000;

function registerStream({ registry, stream }: MetricsOptions): void {
  if (stream === undefined) return;
  const { gauge, counter } = mirrors(registry, stream);
  gauge("stream_clients", "Clients of the event stream", (stats) => stats.clients);
  counter("stream_events_total", "Changes sent to the event stream", (stats) => stats.events);
  counter("stream_cut_off_total", "Slow clients cut off", (stats) => stats.cutOff);
  gauge("stream_buffered_bytes", "Bytes that wait for clients", (stats) => stats.bufferedBytes);
  gauge("stream_history_bytes", "Bytes of past changes", (stats) => stats.historyBytes);
  counter("stream_turned_away_total", "Clients beyond the bound", (stats) => stats.turnedAway);
}

function registerPublisher({ registry, publisher }: MetricsOptions): void {
  if (publisher === undefined) return;
  const { gauge, counter } = mirrors(registry, publisher);
  gauge("publisher_connected", "1 while connected", (stats) => Number(stats.connected));
  gauge("publisher_buffered_signals", "Signals not yet stored", (stats) => stats.buffered);
  gauge(
    "publisher_buffered_bytes",
    "Bytes of signals not yet stored",
    (stats) => stats.bufferedBytes,
  );
  counter(
    "publisher_collisions_total",
    "First tries answered as duplicates: their ids were taken",
    (stats) => stats.collisions,
  );
  counter(
    "publisher_set_aside_total",
    "Signals that the stream refuses, set aside",
    (stats) => stats.setAside,
  );
  counter("publisher_published_total", "Signals stored by the stream", (stats) => stats.published);
  counter("publisher_dropped_total", "Signals dropped, buffer full", (stats) => stats.dropped);
  counter("publisher_failures_total", "Failed tries to publish", (stats) => stats.failures);
}

function registerConsumer({ registry, consumer }: MetricsOptions): void {
  if (consumer === undefined) return;
  const { gauge, counter } = mirrors(registry, consumer);
  gauge("consumer_connected", "1 while reading", (stats) => Number(stats.connected));
  gauge(
    "consumer_clock_skew_seconds",
    "Own clock minus that of the stream's server, NaN while unknown",
    (stats) => (stats.clockSkewMs ?? NaN) / 1_000,
  );
  gauge(
    "consumer_pending_messages",
    "Messages of the stream not read yet",
    (stats) => stats.pending,
  );
  gauge(
    "consumer_position",
    "Sequence up to which the stream has been read",
    (stats) => stats.position,
  );
  counter("consumer_accepted_total", "Messages taken in", (stats) => stats.accepted);
  counter("consumer_malformed_total", "Messages that are no signal", (stats) => stats.malformed);
  counter(
    "consumer_unauthorized_total",
    "Signals their sender may not send",
    (stats) => stats.unauthorized,
  );
  counter(
    "consumer_refused_total",
    "Signals that the network state refused",
    (stats) => stats.refused,
  );
  counter(
    "consumer_failed_total",
    "Messages skipped because they could not be applied",
    (stats) => stats.failed,
  );
  counter("consumer_restarts_total", "Times that reading began anew", (stats) => stats.restarts);
}

const gaugesOf =
  (registry: Registry) =>
  (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `shield_dqsn_${name}`, help, labelNames, registers: [registry] });

/** Metrics that mirror the statistics of an exporter when they are scraped. */
function mirrors<Stats>(registry: Registry, read: () => Stats) {
  return {
    gauge: (name: string, help: string, of: (stats: Stats) => number) =>
      new Gauge({
        name: `shield_dqsn_${name}`,
        help,
        registers: [registry],
        collect() {
          guarded(() => {
            this.set(of(read()));
          });
        },
      }),
    counter: (name: string, help: string, of: (stats: Stats) => number) =>
      new Counter({
        name: `shield_dqsn_${name}`,
        help,
        registers: [registry],
        collect() {
          guarded(() => {
            const total = of(read());
            this.reset();
            this.inc(total);
          });
        },
      }),
  };
}
