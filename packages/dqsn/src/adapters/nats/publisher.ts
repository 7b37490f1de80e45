/** Publishes v2 signals to JetStream: buffered within a bound, each stored once (design section 4.2). */
import { canonicalize, idSchema } from "@dgb-shield/contract";
import type { JetStreamClient } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type RefusedSignal, signalToEnvelope } from "../../index.js";
import { pause } from "./pause.js";
import type { PublisherStats } from "./stats.js";

/** Options of `createSignalPublisher`. */
export type SignalPublisherOptions = Readonly<{
  /** A connection with `maxReconnectAttempts: -1`; else it gives up for good after a while. */
  connection: NatsConnection;
  /** `jetstream(connection)` of @nats-io/jetstream. */
  jetstream: JetStreamClient;
  /** A subject of the stream, without wildcards. */
  subject: string;
  /** Who publishes: first half of every message id. */
  reporter: string;
  /**
   * Above every sequence that this reporter used within the stream's duplicate window; by default the
   * time in microseconds, which stays above while fewer than 1,000 signals a millisecond are published
   * and the clock does not step back.
   */
  firstSequence?: number;
  /** Milliseconds since 1970-01-01T00:00:00Z; the system's clock by default. */
  clock?: () => number;
  /** Signals that may wait, those on their way included (10,000; at most 8,000 bytes each). */
  maxBuffered?: number;
  /** Signals on their way at once (256). */
  maxInFlight?: number;
  /** Milliseconds to wait for an acknowledgement (5,000). */
  ackTimeoutMs?: number;
}>;

/** What `publish` answers: accepted is buffered, not yet stored. */
export type PublishResult = Readonly<{ accepted: true; message_id: string }> | RefusedSignal;

/** A publisher. */
export type SignalPublisher = Readonly<{
  /**
   * Buffers a signal for the stream. Never waits, never throws. Without `observed_at` it gets the time
   * of this call, so that an old report does not look new after an outage.
   */
  publish: (signal: unknown) => PublishResult;
  stats: () => PublisherStats;
  /** Resolves to true when everything is stored, to false after `timeoutMs`. */
  flush: (timeoutMs: number) => Promise<boolean>;
  /** Stops; what is buffered stays unsent. The connection stays the caller's. */
  close: () => void;
}>;

type Entry = { readonly id: string; readonly data: string; inFlight: boolean };

const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;
const FLUSH_POLL_MS = 5;

/**
 * Creates a publisher. Every message carries the id `<reporter>:<sequence>`, under which the stream
 * stores it once within its duplicate window, however often it is sent. While the server is gone signals
 * wait; when the buffer is full the oldest that is not on its way is dropped and counted, because the
 * latest report is the one that counts.
 *
 * @throws TypeError when `reporter` is no identifier
 */
export function createSignalPublisher(options: SignalPublisherOptions): SignalPublisher {
  const { connection, jetstream, subject, reporter, clock = Date.now } = options;
  const { maxBuffered = 10_000, ackTimeoutMs = 5_000 } = options;
  const maxInFlight = Math.min(options.maxInFlight ?? 256, maxBuffered);
  if (!idSchema.safeParse(reporter).success) throw new TypeError("reporter is not an identifier");

  const waiting = new Set<Entry>();
  const counts = { published: 0, duplicates: 0, dropped: 0, failures: 0 };
  let sequence = options.firstSequence ?? clock() * 1_000;
  let inFlight = 0;
  let pauseMs = MIN_PAUSE_MS;
  let paused = false;
  let stopped = false;
  let connected = !connection.isClosed();

  async function watchConnection(): Promise<void> {
    for await (const { type } of connection.status()) {
      if (stopped) return;
      if (type === "disconnect") connected = false;
      if (type === "reconnect") {
        connected = true;
        pump();
      }
    }
    connected = false;
  }

  /** Sends nothing while disconnected: the client library would keep it all in memory. */
  function pump(): void {
    if (stopped || paused || !connected || inFlight >= maxInFlight) return;
    for (const entry of waiting) {
      if (inFlight >= maxInFlight) return;
      if (!entry.inFlight) void send(entry);
    }
  }

  async function send(entry: Entry): Promise<void> {
    entry.inFlight = true;
    inFlight++;
    try {
      const ack = await jetstream.publish(subject, entry.data, {
        msgID: entry.id,
        timeout: ackTimeoutMs,
      });
      waiting.delete(entry);
      counts.published++;
      if (ack.duplicate) counts.duplicates++;
      pauseMs = MIN_PAUSE_MS;
    } catch {
      counts.failures++;
      void backOff();
    } finally {
      entry.inFlight = false;
      inFlight--;
      pump();
    }
  }

  async function backOff(): Promise<void> {
    if (paused) return;
    paused = true;
    await pause(pauseMs);
    pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    paused = false;
    pump();
  }

  function makeRoom(): void {
    if (waiting.size < maxBuffered) return;
    counts.dropped++;
    for (const entry of waiting) {
      if (!entry.inFlight) {
        waiting.delete(entry);
        return;
      }
    }
  }

  function publish(signal: unknown): PublishResult {
    const checked = signalToEnvelope(signal);
    if (!checked.accepted) return checked;
    const dated = signalToEnvelope({ observed_at: clock(), ...checked.signal });
    if (!dated.accepted) return dated;
    makeRoom();
    const id = `${reporter}:${sequence++}`;
    if (waiting.size < maxBuffered) {
      waiting.add({ id, data: canonicalize(dated.signal), inFlight: false });
    }
    pump();
    return { accepted: true, message_id: id };
  }

  async function flush(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (waiting.size > 0 && performance.now() < end) await pause(FLUSH_POLL_MS);
    return waiting.size === 0;
  }

  void watchConnection().catch(() => {
    connected = false;
  });
  return Object.freeze({
    publish,
    stats: () => ({
      ...counts,
      connected,
      closed: connection.isClosed(),
      buffered: waiting.size,
    }),
    flush,
    close: () => {
      stopped = true;
    },
  });
}
