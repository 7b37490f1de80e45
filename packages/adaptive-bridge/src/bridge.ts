/** The bridge: emits events to sinks, best effort, never in the way (QWG technical document, sections 3 and 4). */
import { type EventSink, type ShieldEvent, shieldEventSchema } from "@dgb-shield/contract";
import { type BridgeOptions, checkTimeout, parseBridgeOptions } from "./config.js";
import { ignoreErrors } from "./internal/with-timeout.js";
import { Lane } from "./internal/sink-queue.js";
import { type Entry, entryOf } from "./internal/freeze-event.js";
import { snapshot } from "./internal/copy-event.js";
import { createProtection } from "./personal-data.js";
import type { Timers } from "./ports.js";
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
   * Takes no more events, delivers what is queued for at most `close_timeout_ms`, counts the rest as
   * `closed`, and closes the sinks. Never rejects; a second call waits for the first.
   */
  close(): Promise<void>;
}

/**
 * Creates a bridge with one bounded queue for each sink, so that a dead sink starves no other. A
 * full queue drops its oldest event. Sinks get no personal data in clear, unless the options say so.
 *
 * @param options sinks, timers and bounds; see `BRIDGE_DEFAULTS`
 * @throws BridgeError `invalid_config` with the path of the first offence
 * @example createAdaptiveBridge({ sinks: [createJsonlSink({ path })], timers: nodeTimers })
 */
export function createAdaptiveBridge(options: BridgeOptions): AdaptiveBridge {
  const { limits, timers, sinks, personal_data, salt, onSetAside } = parseBridgeOptions(options);
  const protect = createProtection(personal_data, salt);
  const lanes = sinks.map((sink) => new Lane(sink, timers, { limits, protect, onSetAside }));
  let closing: Promise<void> | undefined;
  return Object.freeze({
    emit(event: ShieldEvent): void {
      const entry = accept(event);
      for (const lane of lanes) lane.offer(entry);
    },
    stats: () => Object.freeze({ sinks: Object.freeze(lanes.map((lane) => lane.stats())) }),
    async flush(timeoutMs: number): Promise<boolean> {
      checkTimeout(timeoutMs);
      return settledWithin(lanes, timeoutMs, timers);
    },
    close: () => (closing ??= closeLanes(lanes, limits.close_timeout_ms, timers)),
  });
}

/** The event as an entry of the queues; null when it is malformed, or throws when it is looked at. */
function accept(event: unknown): Entry | null {
  try {
    const fields = fieldsOf(event);
    if (fields === null) return null;
    const parsed = shieldEventSchema.safeParse(fields);
    return parsed.success ? entryOf(snapshot(parsed.data)) : null;
  } catch {
    return null;
  }
}

const REQUIRED = ["event_id", "layer", "action", "severity", "fingerprint", "extra"] as const;
const FIELDS: ReadonlySet<string> = new Set([...REQUIRED, "user_id"]);

/** The own members of an event, each read once; null for anything else. What a prototype has is no part of an event. */
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
  lanes: readonly Lane[],
  timeoutMs: number,
  timers: Timers,
): Promise<boolean> {
  const pending = new Set(lanes.filter((lane) => !lane.isSettled));
  if (pending.size === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (inTime: boolean) => {
      ignoreErrors(cancel);
      stops.forEach((stop) => stop());
      resolve(inTime);
    };
    const cancel = timers.after(timeoutMs, () => finish(false));
    const stops = [...pending].map((lane) =>
      lane.watch(() => {
        pending.delete(lane);
        if (pending.size === 0) finish(true);
      }),
    );
  });
}

async function closeLanes(
  lanes: readonly Lane[],
  timeoutMs: number,
  timers: Timers,
): Promise<void> {
  for (const lane of lanes) lane.seal();
  await settledWithin(lanes, timeoutMs, timers).catch(() => false);
  await Promise.all(lanes.map((lane) => lane.end()));
}
