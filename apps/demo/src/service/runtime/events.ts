/** Hands on the events of the moment: the status, the layers, and that something was recorded (design, section 10). */
import type { JsonObject } from "@dgb-shield/contract";

/** An event of the moment; `seq` is of this process alone. */
export type MomentEvent = Readonly<{ seq: number; at_ms: number; type: string; data: JsonObject }>;

/** What a listener is called back with. */
export type EventListener = Readonly<{
  onEvent?: (event: MomentEvent) => void;
  /** The ledger may have new records. */
  onRecorded?: () => void;
}>;

/** The events of one process. Nothing is kept. */
export type EventLog = Readonly<{
  add(type: string, data: JsonObject): void;
  /** Notes that something was recorded. */
  recorded(): void;
  subscribe(listener: EventListener): () => void;
}>;

/**
 * Creates the hub of a process's events. Exceptions of listeners are ignored.
 *
 * @param clock milliseconds since 1970; the sequence begins there, so that a number of an earlier process is never a later event of this one
 */
export function createEventLog(clock: () => number): EventLog {
  const listeners = new Set<EventListener>();
  let seq = Math.max(0, Math.floor(clock())) * 1_000;
  function each(call: (listener: EventListener) => void): void {
    for (const listener of [...listeners]) {
      try {
        call(listener);
      } catch {
        // A listener never stands in the way of what it listens to.
      }
    }
  }
  return Object.freeze({
    add(type, data) {
      const event: MomentEvent = Object.freeze({ seq: ++seq, at_ms: clock(), type, data });
      each(({ onEvent }) => onEvent?.(event));
    },
    recorded: () => each(({ onRecorded }) => onRecorded?.()),
    subscribe(listener) {
      const own: EventListener = { ...listener };
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  } satisfies EventLog);
}
