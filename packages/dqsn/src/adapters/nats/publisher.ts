/** Publishes v2 signals to JetStream: buffered within bounds, each stored once (design section 4.2: exporters). */
import { randomUUID } from "node:crypto";
import { checkTimeMs, idSchema } from "@dgb-shield/contract";
import type { JetStreamClient, PubAck } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type AcceptedSignal, type RejectedSignal, signalToEnvelope } from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { bound, delayMs, ownOptions } from "../shared/options.js";
import { type Clock, systemClock, wallMsOf } from "../shared/clock.js";
import { createOutbox, type LostSignal, type Outgoing } from "./outbox.js";
import { longerPauseMs, MIN_PAUSE_MS, pause } from "./back-off.js";
import { isAboutMessage, isAnswer } from "./publish-errors.js";
import type { PublisherStats } from "./stats.js";

/** Options of `createSignalPublisher`. */
export type SignalPublisherOptions = Readonly<{
  /** A connection with `maxReconnectAttempts: -1`; else it gives up for good after a while. */
  connection: NatsConnection;
  /** `jetstream(connection)` of @nats-io/jetstream. */
  jetstream: JetStreamClient;
  /** A subject of the stream, without wildcards. */
  subject: string;
  /** Identifier of this publisher: first half of every message id. */
  publisherId: string;
  /**
   * Second half of a message id; `randomUUID` of node:crypto by default. It must be unguessable: the stream
   * drops every message under an id that it has, so that a guessed id suppresses a signal.
   */
  createToken?: () => string;
  /** The time; the system's clocks by default. */
  clock?: Clock;
  /** Signals that may wait, those on their way included (10,000). */
  maxBuffered?: number;
  /** Bytes of these signals, 256 more charged for each (16,777,216). */
  maxBufferedBytes?: number;
  /** Signals on their way at once (256). */
  maxInFlight?: number;
  /** Milliseconds to wait for an acknowledgement (5,000). */
  ackTimeoutMs?: number;
  /** Tries after which a signal that the stream refuses, while it takes others, is set aside (5). */
  maxTries?: number;
  /** Receives every signal that will not be stored: dropped because the buffer was full, or refused. */
  onLost?: (lost: LostSignal) => void;
}>;

/**
 * Answer of `publish`. Accepted is buffered, not yet stored; `dropped` names the messages, the oldest
 * ones, that made room for it.
 */
export type PublishResult =
  Readonly<{ accepted: true; message_id: string; dropped?: readonly string[] }> | RejectedSignal;

/** A publisher. */
export type SignalPublisher = Readonly<{
  /**
   * Buffers a signal for the stream. Never waits, never throws. Without `observed_at` it gets the time
   * of this call, so that an old signal does not look new after an outage.
   */
  publish: (signal: unknown) => PublishResult;
  stats: () => PublisherStats;
  /** Resolves to true when nothing waits any more, to false after `timeoutMs`. */
  flush: (timeoutMs: number) => Promise<boolean>;
  /** Stops; buffered signals stay unsent. The connection stays the caller's. */
  close: () => void;
}>;

const FLUSH_POLL_MS = 5;

/**
 * Creates a publisher. Every message carries the id `<publisherId>:<token>`, under which the stream stores it
 * once within its duplicate window, however often it is sent. A first try that is answered as a
 * duplicate was not stored, because its id was taken: it is counted, and sent again under another id. While the
 * server is gone signals wait; when the buffer is full the oldest is dropped, because the latest signal of a
 * slot counts. A signal that the stream refuses while it takes others is set aside after `maxTries`.
 *
 * @throws TypeError when `publisherId` is no identifier or a bound is not an integer from 1
 */
export function createSignalPublisher(options: SignalPublisherOptions): SignalPublisher {
  const own = ownOptions(options);
  const { connection, jetstream, subject, publisherId, createToken = randomUUID } = own;
  const { clock = systemClock, onLost } = own;
  const maxInFlight = bound("maxInFlight", own.maxInFlight, 256);
  const ackTimeoutMs = delayMs("ackTimeoutMs", own.ackTimeoutMs, 5_000);
  const maxTries = bound("maxTries", own.maxTries, 5);
  if (!idSchema.safeParse(publisherId).success) {
    throw new TypeError("publisherId is not an identifier");
  }

  const counts = {
    published: 0,
    duplicates: 0,
    collisions: 0,
    dropped: 0,
    setAside: 0,
    failures: 0,
  };
  const outbox = createOutbox({
    maxSignals: bound("maxBuffered", own.maxBuffered, 10_000),
    maxBytes: bound("maxBufferedBytes", own.maxBufferedBytes, 16_777_216),
  });
  let inFlight = 0;
  let pauseMs = MIN_PAUSE_MS;
  let isPaused = false;
  let isStopped = false;
  let isConnected = !connection.isClosed();
  let isAnswered = true;

  async function watchConnection(): Promise<void> {
    for await (const { type } of connection.status()) {
      if (isStopped) return;
      if (type === "disconnect") isConnected = false;
      if (type === "reconnect") {
        isConnected = true;
        pump();
      }
    }
    isConnected = false;
  }

  const newId = (): string => `${publisherId}:${tokenOf(guarded(createToken))}`;

  /** Sends nothing while disconnected: the client library would keep it all in memory. */
  function pump(): void {
    for (const entry of outbox.entries()) {
      if (isStopped || isPaused || !isConnected || inFlight >= maxInFlight) return;
      if (!entry.isInFlight) void send(entry);
    }
  }

  async function send(entry: Outgoing): Promise<void> {
    const isFirstTry = entry.tries === 0;
    entry.isInFlight = true;
    entry.tries++;
    inFlight++;
    try {
      const ack = await jetstream.publish(subject, entry.bytes, {
        msgID: entry.id,
        timeout: ackTimeoutMs,
      });
      isAnswered = true;
      onAck(entry, ack, isFirstTry);
    } catch (error) {
      isAnswered = isAnswer(error);
      onFailure(entry, error);
    } finally {
      entry.isInFlight = false;
      inFlight--;
      pump();
    }
  }

  function onAck(entry: Outgoing, { duplicate }: PubAck, isFirstTry: boolean): void {
    // The id was taken before it was first sent: the stream has dropped this signal.
    if (duplicate && isFirstTry) {
      counts.collisions++;
      counts.failures++;
      entry.id = newId();
      entry.tries = 0;
      void backOff();
      return;
    }
    pauseMs = MIN_PAUSE_MS;
    if (!outbox.remove(entry)) return;
    counts.published++;
    if (duplicate) counts.duplicates++;
  }

  /** Counts a refusal against a signal only where the stream has stored another one since its last refusal. */
  function onFailure(entry: Outgoing, error: unknown): void {
    counts.failures++;
    void backOff();
    if (!isAnswer(error)) return;
    const tookOthers = entry.publishedAtRefusal !== counts.published;
    if (entry.refusals === 0 || tookOthers || isAboutMessage(error)) entry.refusals++;
    entry.publishedAtRefusal = counts.published;
    if (entry.refusals < maxTries || !outbox.remove(entry)) return;
    counts.setAside++;
    report(entry, "refused");
  }

  function report({ id, bytes }: Outgoing, reason: LostSignal["reason"]): void {
    if (onLost === undefined) return;
    guarded(() => onLost({ message_id: id, reason, text: new TextDecoder().decode(bytes) }));
  }

  async function backOff(): Promise<void> {
    if (isPaused) return;
    isPaused = true;
    await pause(pauseMs);
    pauseMs = longerPauseMs(pauseMs);
    isPaused = false;
    pump();
  }

  function publish(signal: unknown): PublishResult {
    const checked = dated(signal, clock);
    if (!checked.accepted) return checked;
    const entry = outbox.add(newId(), new TextEncoder().encode(checked.canonical));
    const { id: message_id } = entry.added;
    counts.dropped += entry.dropped.length;
    for (const dropped of entry.dropped) report(dropped, "buffer_full");
    pump();
    const names = entry.dropped.map(({ id }) => id);
    return { accepted: true, message_id, ...(names.length === 0 ? {} : { dropped: names }) };
  }

  async function flush(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (outbox.size() > 0 && !isStopped && performance.now() < end) await pause(FLUSH_POLL_MS);
    return outbox.size() === 0;
  }

  void watchConnection().catch(() => {
    isConnected = false;
  });
  return Object.freeze({
    publish,
    stats: () => ({
      ...counts,
      connected: isConnected && isAnswered && !connection.isClosed(),
      closed: connection.isClosed(),
      buffered: outbox.size(),
      bufferedBytes: outbox.bytes(),
    }),
    flush,
    close: () => {
      isStopped = true;
    },
  });
}

/** Most characters of a token, so that an id stays a header of reasonable size. */
const MAX_TOKEN = 128;

const tokenOf = (token: unknown): string =>
  typeof token === "string" && token.length >= 1 && token.length <= MAX_TOKEN
    ? token
    : randomUUID();

/** Checks a signal and dates it: with its own date, or with now. */
function dated(signal: unknown, clock: Clock): AcceptedSignal | RejectedSignal {
  const checked = signalToEnvelope(signal);
  if (!checked.accepted || Object.hasOwn(checked.signal, "observed_at")) return checked;
  const observed_at = wallMsOf(guarded(clock));
  // Without a time the signal would look new whenever it is stored.
  if (checkTimeMs(observed_at) !== undefined) {
    return { accepted: false, code: "DQSN_ERROR_CLOCK_INVALID", path: "" };
  }
  return signalToEnvelope({ ...checked.signal, observed_at });
}
