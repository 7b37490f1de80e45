/** Emits events to sinks, best effort, without ever delaying the caller (design, section 9; QWG technical document, sections 3 and 4). */
import { type EventSink, type ShieldEvent, shieldEventSchema } from "@dgb-shield/contract";
import { type BridgeOptions, checkTimeout, parseConfig } from "./config.js";
import { ignoreErrors } from "./internal/with-timeout.js";
import { SinkQueue } from "./internal/sink-queue.js";
import { type Entry, entryOf } from "./internal/freeze-event.js";
import { copyEvent } from "./internal/copy-event.js";
import { createProtection } from "./personal-data.js";
import type { BridgeSink, Timers } from "./ports.js";
import type { BridgeStats } from "./stats.js";

/** A bridge: hand it to the layers as their `events`. */
export interface AdaptiveBridge extends EventSink {
  /**
   * Queues an event for every sink. Never throws, never waits and never runs a sink, whatever it is
   * given; what it cannot take is counted. What is delivered is the event as it was read in this
   * call: a later change is not seen.
   */
  emit(event: ShieldEvent): void;
  /** Counters of every sink, as of now. */
  stats(): BridgeStats;
  /**
   * Waits until all that was emitted before has been delivered or dropped.
   *
   * @param timeoutMs 0 to 2^31−1 milliseconds; a whole number
   * @returns false when the time was up first; nothing is dropped by that
   * @throws BridgeError `invalid_timeout` (as a rejection)
   */
  flush(timeoutMs: number): Promise<boolean>;
  /**
   * Takes no more events, delivers what is queued for at most `closeTimeoutMs`, counts the rest as
   * `closed`, and closes the sinks. Never rejects; a second call waits for the first.
   */
  close(): Promise<void>;
}

/**
 * Creates a bridge with one bounded queue for each sink, so that a dead sink starves no other. A
 * full queue drops its oldest event. Sinks get no personal data in clear, unless the options allow it.
 *
 * @param options sinks, timers and bounds; see `BRIDGE_DEFAULTS`
 * @throws BridgeError `invalid_config` with the path of the first offence
 * @example createAdaptiveBridge({ sinks: [createJsonlSink({ path })], timers: nodeTimers })
 */
export function createAdaptiveBridge(options: BridgeOptions): AdaptiveBridge {
  const { limits, timers, sinks, personalData, salt, onSetAside } = parseConfig(options);
  const protect = createProtection(personalData, salt);
  const queues = sinks.map((sink) => new SinkQueue(sink, timers, { limits, protect, onSetAside }));
  let closing: Promise<void> | undefined;
  return Object.freeze({
    emit(event: ShieldEvent): void {
      const entry = accept(event);
      for (const queue of queues) queue.offer(entry);
    },
    stats: () => Object.freeze({ sinks: Object.freeze(queues.map((queue) => queue.stats())) }),
    async flush(timeoutMs: number): Promise<boolean> {
      checkTimeout(timeoutMs);
      return settledWithin(queues, timeoutMs, timers);
    },
    close: () => (closing ??= closeQueues(queues, limits.closeTimeoutMs, timers)),
  });
}

/** Makes the queue entry of an event; null when it is malformed, or throws when it is read. */
function accept(event: unknown): Entry | null {
  try {
    const fields = fieldsOf(event);
    // [DROP malformed] a wrong or unknown field, or an `extra` that is not plain JSON
    if (fields === null) return null;
    const parsed = shieldEventSchema.safeParse(fields);
    return parsed.success ? entryOf(copyEvent(parsed.data)) : null;
  } catch {
    return null;
  }
}

const REQUIRED = ["event_id", "layer", "action", "severity", "fingerprint", "extra"] as const;
const FIELDS: ReadonlySet<string> = new Set([...REQUIRED, "user_id"]);

/** Reads the own members of an event, each once; null for anything else. Inherited members are no part of an event. */
function fieldsOf(event: unknown): object | null {
  if (typeof event !== "object" || event === null) return null;
  const keys = Object.keys(event);
  const hasUser = keys.includes("user_id");
  if (keys.length !== REQUIRED.length + (hasUser ? 1 : 0)) return null;
  for (const key of keys) if (!FIELDS.has(key)) return null;
  const { event_id, layer, action, severity, fingerprint, extra } = event as ShieldEvent;
  const user_id = hasUser ? (event as ShieldEvent).user_id : undefined;
  return { event_id, layer, action, severity, fingerprint, user_id, extra };
}

function settledWithin(
  queues: readonly SinkQueue[],
  timeoutMs: number,
  timers: Timers,
): Promise<boolean> {
  const pending = new Set(queues.filter((queue) => !queue.isSettled));
  if (pending.size === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (inTime: boolean) => {
      ignoreErrors(cancel);
      stops.forEach((stop) => stop());
      resolve(inTime);
    };
    const cancel = timers.after(timeoutMs, () => finish(false));
    const stops = [...pending].map((queue) =>
      queue.watch(() => {
        pending.delete(queue);
        if (pending.size === 0) finish(true);
      }),
    );
  });
}

async function closeQueues(
  queues: readonly SinkQueue[],
  timeoutMs: number,
  timers: Timers,
): Promise<void> {
  for (const queue of queues) queue.stopAccepting();
  await settledWithin(queues, timeoutMs, timers).catch(() => false);
  await Promise.all(queues.map((queue) => queue.end()));
}

/**
 * Makes a sink of a function (QWG technical document, section 5.4: `adaptive_sink`). It runs in the caller's process:
 * exceptions are contained, but a function that never returns or calls `process.exit` is not; run such code by `./worker`.
 *
 * @param name label of its counters, `^[a-z][a-z0-9_]{0,63}$`
 * @param write takes a batch, oldest event first; see `BridgeSink.write`
 * @example createFunctionSink("core", (batch) => core.learn(batch.map(toThreatPacket)))
 */
export const createFunctionSink = (name: string, write: BridgeSink["write"]): BridgeSink =>
  Object.freeze({ name, write });
