/** Events of the testnet: what each layer does, in the order in which it is seen. */
import type { JsonObject } from "@dgb-shield/contract";

/** Where an event comes from. */
export const EVENT_SOURCES = [
  "testnet",
  "attack",
  "node",
  "sentinel",
  "adn",
  "service",
  "payment",
  "gateway",
] as const;
/**
 * `testnet`: start and end. `attack`: a step of an attack, or its outcome. `node`: tips. `sentinel`: findings. `adn`: lockdown.
 * `service`: answer to "may I pay out now". `payment`: through the service's API. `gateway`: through the gateway.
 */
export type EventSource = (typeof EVENT_SOURCES)[number];

/** One event. */
export type TestnetEvent = Readonly<{
  at_ms: number;
  source: EventSource;
  /** Whether something is wrong or was refused. */
  is_alarm: boolean;
  text: string;
  data: JsonObject;
}>;

/** The events of a running testnet. */
export type TestnetEvents = Readonly<{
  add(source: EventSource, text: string, data?: JsonObject, isAlarm?: boolean): void;
  /** Calls back for each event from now on; returns how to end that. */
  subscribe(listener: (event: TestnetEvent) => void): () => void;
}>;

/**
 * Creates the events.
 *
 * @param clock milliseconds since 1970
 */
export function createEvents(clock: () => number): TestnetEvents {
  const listeners = new Set<(event: TestnetEvent) => void>();
  return Object.freeze({
    add(source, text, data = {}, is_alarm = false) {
      const event = Object.freeze({ at_ms: clock(), source, is_alarm, text, data });
      for (const listener of [...listeners]) listener(event);
    },
    subscribe(listener) {
      const own = (event: TestnetEvent): void => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  } satisfies TestnetEvents);
}
