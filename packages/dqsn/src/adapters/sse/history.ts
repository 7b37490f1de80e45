/** The last changes, and which of them somebody missed (design section 4.2). */
import type { NetworkView } from "@dgb-shield/contract";
import { eventText } from "./text.js";

/** A bounded list of past changes. */
export type History = Readonly<{
  /** Adds a change and returns its event. */
  add: (view: NetworkView) => string;
  /** The events after `id`; undefined when they are not all here. */
  since: (id: string) => string[] | undefined;
  lastId: () => string;
}>;

/**
 * @param capacity events kept
 * @param epoch tells the ids of this process from those of an earlier one
 */
export function createHistory(capacity: number, epoch: number): History {
  let events: string[] = [];
  let count = 0;
  const idOf = (number: number): string => `${epoch}-${number}`;

  return {
    add: (view) => {
      count++;
      const text = eventText({ event: "change", id: idOf(count), data: view });
      events.push(text);
      // Cut in halves, so that adding stays cheap.
      if (events.length >= 2 * capacity) events = events.slice(-capacity);
      return text;
    },
    since: (id) => {
      const [, of, number] = /^(\d{1,16})-(\d{1,16})$/.exec(id) ?? [];
      const missed = count - Number(number);
      if (Number(of) !== epoch || missed < 0 || missed > Math.min(capacity, events.length)) {
        return undefined;
      }
      return missed === 0 ? [] : events.slice(-missed);
    },
    lastId: () => idOf(count),
  };
}
