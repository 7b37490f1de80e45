/** Makes the defense's events of the network's view for each reading of the evidence (design, section 10). */
import { eventsFromNetwork, type NetworkEventOptions } from "@dgb-shield/adn";
import type { DefenseEvent, NetworkView, TimeReading } from "@dgb-shield/contract";

/** Gives the events of a view at a reading that is a time. */
export type NetworkEvents = (
  view: NetworkView,
  reading: TimeReading,
  options: () => NetworkEventOptions,
) => readonly DefenseEvent[];

/**
 * Creates the function. It remembers the last view without an event: one that differs from it in its time alone has none
 * either. Whether there is an event does not depend on the time or the options, so every other view is read whole.
 */
export function createNetworkEvents(): NetworkEvents {
  let calm: string | undefined;
  return (view, reading, options) => {
    const text = JSON.stringify({ ...view, as_of_ms: 0 });
    if (text === calm && isTime(view.as_of_ms)) return [];
    const events = eventsFromNetwork(view, reading, options());
    calm = events.length === 0 ? text : undefined;
    return events;
  };
}

const isTime = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= 0;
