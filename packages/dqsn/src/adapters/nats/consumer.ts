/** Consumes signals from JetStream into a network state, and goes on after any failure (design section 4.2). */
import {
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type OrderedConsumerOptions,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { LiveNetwork } from "../../index.js";
import { guarded } from "../guarded.js";
import { applyMessage, type SubjectAuthorize } from "./message.js";
import { pause } from "./pause.js";
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
  stream: string;
  /** Subjects of the stream to read; absent, all. */
  subject?: string;
  network: Pick<LiveNetwork, "ingest">;
  /** Whether the sender on a subject may speak for the signal's node; NATS permissions bind senders to subjects. */
  authorize: SubjectAuthorize;
  /** Where to go on: the position stored together with the snapshot that `network` was restored from. */
  position?: StreamPosition;
  /**
   * Milliseconds of the stream that are read again without a position: `ttl_ms` + `hold_ms` of the
   * network + `maxFutureMs`; 365,000 for the defaults. Older messages have expired.
   */
  replayMs?: number;
  /**
   * How far a signal may be ahead of its storage (5,000); below `max_future_ms` of the network by as
   * much as the reader's clock may be behind the server's.
   */
  maxFutureMs?: number;
  /** Milliseconds since 1970-01-01T00:00:00Z; the system's clock by default. */
  clock?: () => number;
}>;

/** A running consumer. */
export type SignalConsumer = Readonly<{
  /**
   * Up to where everything has been applied; undefined before the first contact. Read in the same turn
   * as `network.snapshot()`, the two belong together.
   */
  position: () => StreamPosition | undefined;
  stats: () => ConsumerStats;
  /** Stops reading. The connection stays the caller's. */
  close: () => Promise<void>;
}>;

const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;

/**
 * Starts a consumer. It keeps nothing on the server: it reads in order from `position`, or from
 * `replayMs` before now, and begins anew after its last applied message when anything fails. Reading a
 * message twice changes nothing. A message that is no signal is counted and skipped.
 */
export function createSignalConsumer(options: SignalConsumerOptions): SignalConsumer {
  const { jetstream, stream, network, authorize, clock = Date.now } = options;
  const { replayMs = 365_000, maxFutureMs = 5_000 } = options;
  const target = { network, authorize, maxFutureMs, clock };
  const counts = { accepted: 0, malformed: 0, unauthorized: 0, refused: 0, restarts: 0 };
  let position = options.position;
  let pending = 0;
  let connected = false;
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;
  let messages: ConsumerMessages | undefined;

  async function read(): Promise<void> {
    const manager = await jetstream.jetstreamManager(false);
    const info = await manager.streams.info(stream);
    const start = startOf(info, { position, replayMs, nowMs: clock() });
    position = start.position;
    const filter = options.subject === undefined ? {} : { filter_subjects: options.subject };
    const consumer = await jetstream.consumers.get(stream, { ...filter, ...start.delivery });
    messages = await consumer.consume({ max_messages: 1_000, abort_on_missing_resource: true });
    if (isStopped()) await messages.close();
    connected = true;
    for await (const message of messages) {
      const { subject, data, info: at } = message;
      const storedAtMs = Math.floor(at.timestampNanos / 1_000_000);
      counts[applyMessage({ subject, data, storedAtMs }, target)]++;
      position = { ...start.position, sequence: at.streamSequence };
      pending = at.pending;
    }
  }

  async function run(): Promise<void> {
    let pauseMs = MIN_PAUSE_MS;
    while (!isStopped()) {
      const before = position?.sequence;
      await read().catch(() => undefined);
      connected = false;
      if (isStopped()) return;
      counts.restarts++;
      pauseMs = position?.sequence === before ? Math.min(2 * pauseMs, MAX_PAUSE_MS) : MIN_PAUSE_MS;
      await pause(pauseMs);
    }
  }

  const running = run();
  return Object.freeze({
    position: () => position,
    stats: () => ({ ...counts, connected, pending, position: position?.sequence ?? 0 }),
    close: async () => {
      stopping.abort();
      await messages?.close();
      await running;
    },
  });
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
