/** Follows the stream of events over any number of connections: each resumes behind the last event that was taken. */
import type { EventSourceMessage } from "eventsource-parser";
import { ClientError } from "../client-error.js";
import type { ClientSettings } from "../settings.js";
import { readConnection } from "./connection.js";
import { createStateReporter } from "./state-reporter.js";
import type { EventsOptions, ServiceEvent, StreamReset } from "./types.js";

/** Wait before the next connection where the service names none, in milliseconds. */
const RETRY_MS = 2_000;

/** What a stream remembers between its connections. */
type Memory = { lastId: string | null; retryMs: number; failures: number };

/**
 * Follows the events until the signal is aborted.
 *
 * @throws ClientError for a refusal that lasts; what `onEvent` and `onReset` throw
 */
export async function followEvents(
  options: EventsOptions,
  settings: ClientSettings,
): Promise<void> {
  const { signal, silenceMs = 45_000, lastEventId } = options;
  if (!Number.isInteger(silenceMs) || silenceMs < 1 || silenceMs > 600_000) {
    throw new ClientError("invalid_option", "silenceMs is an integer from 1 to 600000.");
  }
  const { now, random, sleep } = settings.platform;
  const report = createStateReporter(now, options.onState);
  const memory: Memory = { lastId: idOf(lastEventId), retryMs: RETRY_MS, failures: 0 };
  const isEnded = (): boolean => signal.aborted;
  while (!isEnded()) {
    const error = await readConnection(
      {
        ...{ lastId: memory.lastId, silenceMs, signal },
        onMessage: (message) => take(message, options, memory, report.connected),
        onRetry: (ms) => (memory.retryMs = Math.min(ms, settings.maxWaitMs)),
      },
      settings,
    );
    if (isEnded()) break;
    const isFinal = isLasting(error);
    const waitMs = isFinal ? null : waitOf(error, memory, settings.maxWaitMs, random());
    report.disconnected(error, waitMs === null ? null : now() + waitMs);
    if (waitMs === null) throw error;
    memory.failures++;
    await sleep(waitMs, signal).catch(() => undefined);
  }
  report.disconnected(null, null);
}

async function take(
  { event, id, data }: EventSourceMessage,
  { onEvent, onReset }: EventsOptions,
  memory: Memory,
  connected: () => void,
): Promise<void> {
  if (event === "reset") await onReset?.({ kind: "gap" });
  if (event === "epoch") await onReset?.(epochIn(data));
  if (event === "reset" || event === "resumed" || event === "epoch") {
    memory.failures = 0;
    connected();
  } else if (event !== "heartbeat") {
    await onEvent(readEvent(event, id, data));
  }
  // Only what was taken is behind the reader.
  if (id !== undefined && id !== "") memory.lastId = id;
}

/** Reads what ended; where that cannot be read, anything may have been missed. */
function epochIn(data: string): StreamReset {
  const { epoch, from_seq } = objectIn(data) ?? {};
  return typeof epoch === "number" && typeof from_seq === "number"
    ? { kind: "epoch", epoch, from_seq }
    : { kind: "gap" };
}

/** Reads an event; what cannot be read is given with its text, rather than left out. */
function readEvent(type = "message", id: string | undefined, data: string): ServiceEvent {
  const event = objectIn(data);
  const { seq, at_ms, data: facts } = event ?? {};
  return Object.freeze({
    id: id ?? null,
    seq: typeof seq === "number" ? seq : null,
    type,
    at_ms: typeof at_ms === "number" ? at_ms : 0,
    data: isObject(facts) ? facts : { text: data },
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function idOf(id: string | undefined): string | null {
  if (id === undefined || id === "") return null;
  if (/^[\x21-\x7e]{1,256}$/.test(id)) return id;
  throw new ClientError("invalid_option", "lastEventId is not the id of an event.");
}

/** A refusal of the key or the address: another try meets the same. */
const isLasting = ({ status }: ClientError): boolean =>
  status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;

/** A doubling wait with jitter, from what the service asks for. */
function waitOf(error: ClientError, memory: Memory, maxMs: number, random: number): number {
  const longest = Math.min(maxMs, memory.retryMs * 2 ** Math.min(memory.failures, 10));
  return Math.max(error.retry_after_ms ?? 0, Math.round(longest * (0.5 + random / 2)));
}
