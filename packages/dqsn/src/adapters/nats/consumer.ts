/** Consumes signals from JetStream into a network state, and goes on after any failure (design section 4.2: exporters). */
import {
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type OrderedConsumerOptions,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { NetworkState } from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { bound, delayMs, ownOptions } from "../shared/options.js";
import { type Clock, systemClock, wallMsOf } from "../shared/clock.js";
import { createClockSkew } from "./clock-skew.js";
import { createLiveness } from "./liveness.js";
import { applyMessage, type StoredSignal, type SubjectAuthorize } from "./message.js";
import { longerPauseMs, MIN_PAUSE_MS, pause } from "./back-off.js";
import type { ConsumerStats } from "./stats.js";

/** A place in a stream. Another stream of the same name has another `stream_created`. */
export type StreamPosition = Readonly<{
  stream: string;
  stream_created: string;
  /** The last sequence that has been applied. */
  sequence: number;
}>;

/** Options of `createSignalConsumer`. */
export type SignalConsumerOptions = Readonly<{
  /** `jetstream(connection)` of @nats-io/jetstream. */
  jetstream: JetStreamClient;
  /** Its connection: with it a lost server shows at once, without it by probes. */
  connection?: NatsConnection;
  stream: string;
  /** Subjects of the stream to read; absent, all. */
  subject?: string;
  network: Pick<NetworkState, "ingest" | "view">;
  /**
   * Whether the sender on a subject may report as the signal's node, operator and source (`speaksAs`
   * checks all three); NATS permissions bind senders to subjects.
   */
  authorize: SubjectAuthorize;
  /** The position to go on from: stored together with the snapshot that `network` was restored from. */
  position?: StreamPosition;
  /**
   * Milliseconds of the stream that are read again without a position: `ttl_ms` + `hold_ms` of the
   * network + `maxFutureMs`; 365,000 for the defaults. Older messages have expired.
   */
  replayMs?: number;
  /** How far a signal may be dated ahead of its storage (5,000). */
  maxFutureMs?: number;
  /** Milliseconds between two probes of the server (2,000): `connected` is false at most two of them after it is gone. */
  probeMs?: number;
  /** The time; the system's clocks by default. */
  clock?: Clock;
}>;

/** A running consumer. */
export type SignalConsumer = Readonly<{
  /**
   * The position up to which every message has been applied; undefined before the first contact. Read in the
   * same turn as `network.snapshot()`, the two belong together.
   */
  position: () => StreamPosition | undefined;
  stats: () => ConsumerStats;
  /** Stops reading. The connection stays the caller's. */
  close: () => Promise<void>;
}>;

/** Tries of a message whose application fails. */
const MAX_TRIES = 3;
/** Bytes that may be on their way from the server; messages of a stream without a maximum size have up to 1 MiB. */
const MAX_FETCHED_BYTES = 8 * 1_048_576;

/**
 * Starts a consumer. It keeps nothing on the server: it reads in order from `position`, or from
 * `replayMs` before now, and begins anew after its last applied message when anything fails. Reading a
 * message twice changes nothing. A message that is no signal is counted and skipped, and so is one that
 * cannot be applied after three tries.
 *
 * @param options see `SignalConsumerOptions`
 * @throws TypeError when a bound is not an integer from 1
 */
export function createSignalConsumer(options: SignalConsumerOptions): SignalConsumer {
  const own = ownOptions(options);
  const { jetstream, stream, network, authorize, connection, clock = systemClock } = own;
  const replayMs = bound("replayMs", own.replayMs, 365_000);
  const maxFutureMs = own.maxFutureMs === 0 ? 0 : bound("maxFutureMs", own.maxFutureMs, 5_000);
  const counts = {
    accepted: 0,
    malformed: 0,
    unauthorized: 0,
    refused: 0,
    failed: 0,
    restarts: 0,
  };
  const target = { network, authorize, maxFutureMs, clock };
  const skew = createClockSkew();
  let position = own.position;
  let pending = 0;
  let isReading = false;
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;
  let messages: ConsumerMessages | undefined;

  /** Reads the stream's state, and compares the clocks where the server gives its time (from 2.10 on). */
  async function lookUp(): Promise<StreamInfo> {
    const manager = await jetstream.jetstreamManager(false);
    const before = wallMsOf(guarded(clock));
    const info = await manager.streams.info(stream);
    const between = (before + wallMsOf(guarded(clock))) / 2;
    if (info.ts !== undefined) skew.add(between - Date.parse(info.ts), performance.now());
    return info;
  }

  /** Compares the clocks by a message, unless it has waited; one from the own clock's future always counts. */
  function compareClocks(storedAtMs: number): void {
    const skewMs = wallMsOf(guarded(clock)) - storedAtMs;
    if (pending === 0 || skewMs < 0) skew.add(skewMs, performance.now());
  }

  async function take(message: StoredSignal): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const applied = guarded(() => applyMessage(message, target));
      if (applied !== undefined) {
        counts[applied]++;
        return;
      }
      await pause(MIN_PAUSE_MS);
    }
    counts.failed++;
  }

  async function read(): Promise<void> {
    const info = await lookUp();
    const start = startOf(info, { position, replayMs, nowMs: wallMsOf(guarded(clock)) });
    position = start.position;
    const filter = own.subject === undefined ? {} : { filter_subjects: own.subject };
    const consumer = await jetstream.consumers.get(stream, { ...filter, ...start.delivery });
    messages = await consumer.consume({
      max_messages: fetchedMessages(info),
      abort_on_missing_resource: true,
    });
    if (isStopped()) await messages.close();
    isReading = true;
    liveness.noteAnswer();
    for await (const message of messages) {
      const { subject, data, info: at } = message;
      const storedAtMs = Math.floor(at.timestampNanos / 1_000_000);
      pending = at.pending;
      liveness.noteAnswer();
      compareClocks(storedAtMs);
      await take({ subject, data, storedAtMs });
      position = { ...start.position, sequence: at.streamSequence };
    }
  }

  async function run(): Promise<void> {
    let pauseMs = MIN_PAUSE_MS;
    while (!isStopped()) {
      const before = position?.sequence;
      await read().catch(() => undefined);
      isReading = false;
      if (isStopped()) return;
      counts.restarts++;
      pauseMs = position?.sequence === before ? longerPauseMs(pauseMs) : MIN_PAUSE_MS;
      await pause(pauseMs);
    }
  }

  const liveness = createLiveness({
    probe: lookUp,
    probeMs: delayMs("probeMs", own.probeMs, 2_000),
    connection,
  });
  const running = run();
  return Object.freeze({
    position: () => (position === undefined ? undefined : { ...position }),
    stats: () => ({
      ...counts,
      connected: isReading && liveness.isAlive(),
      clockSkewMs: skew.valueAt(performance.now()),
      pending,
      position: position?.sequence ?? 0,
    }),
    close: async () => {
      stopping.abort();
      liveness.close();
      await messages?.close();
      await running;
    },
  });
}

/** Messages to fetch ahead, so that they stay within bytes whatever the stream carries. */
function fetchedMessages({ config }: StreamInfo): number {
  const largest = config.max_msg_size > 0 ? config.max_msg_size : 1_048_576;
  return Math.min(1_000, Math.max(64, Math.floor(MAX_FETCHED_BYTES / largest)));
}

type From = Readonly<{ position: StreamPosition | undefined; replayMs: number; nowMs: number }>;
type Start = Readonly<{ position: StreamPosition; delivery: Partial<OrderedConsumerOptions> }>;

/** After the position, if the stream is the one it names and still reaches it; else by time. */
function startOf({ config, created, state }: StreamInfo, from: From): Start {
  const { position } = from;
  const here = { stream: config.name, stream_created: created };
  const isHere =
    position?.stream === here.stream &&
    position.stream_created === created &&
    position.sequence > 0 &&
    position.sequence <= state.last_seq;
  if (isHere) {
    return {
      position,
      delivery: {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: position.sequence + 1,
      },
    };
  }
  const since = guarded(() => new Date(Math.max(0, from.nowMs - from.replayMs)).toISOString());
  const byTime =
    since === undefined
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since };
  return { position: { ...here, sequence: 0 }, delivery: byTime };
}
