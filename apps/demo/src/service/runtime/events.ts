/** Keeps the latest events of the service in order, for readers that come back (design, section 10). */
import type { JsonObject } from "@dgb-shield/contract";
import type { ServiceEvent } from "../service.js";

/** Bytes of JSON text that are kept at most. */
const MAX_BYTES = 8 * 1_048_576;

/** The events of one process. */
export type EventLog = Readonly<{
  add(type: string, data: JsonObject): void;
  after(seq: number): readonly ServiceEvent[];
  subscribe(listener: (event: ServiceEvent) => void): () => void;
}>;

/**
 * Creates a log that keeps the newest events, up to 8 MiB of them. Exceptions of listeners are ignored.
 *
 * @param clock milliseconds since 1970; the sequence begins there, so that a number of an earlier process is never a later event of this one
 */
export function createEventLog(clock: () => number): EventLog {
  const kept: { event: ServiceEvent; bytes: number }[] = [];
  const listeners = new Set<(event: ServiceEvent) => void>();
  let bytes = 0;
  let seq = Math.max(0, Math.floor(clock())) * 1_000;
  return Object.freeze({
    add(type, data) {
      const event: ServiceEvent = Object.freeze({ seq: ++seq, at_ms: clock(), type, data });
      const size = Buffer.byteLength(JSON.stringify(event));
      kept.push({ event, bytes: size });
      bytes += size;
      while (bytes > MAX_BYTES && kept.length > 1) bytes -= kept.shift()?.bytes ?? 0;
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch {
          // A listener never stands in the way of what it listens to.
        }
      }
    },
    after: (last) => kept.filter(({ event }) => event.seq > last).map(({ event }) => event),
    subscribe(listener) {
      const own = (event: ServiceEvent): void => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  } satisfies EventLog);
}
