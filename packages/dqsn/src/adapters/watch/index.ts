/** Takes the view at intervals and calls listeners with changes and with results of `ingest` (design section 4.2: exporters). */
import type { NetworkView, TimeReading } from "@dgb-shield/contract";
import type { IngestResult, NetworkState } from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { delayMs, ownOptions } from "../shared/options.js";
import { type Clock, systemClock, takeView, wallMsOf } from "../shared/clock.js";

/** A change of level, score or trust in the clock, or the first look, which has no `previous`. */
export type Change = Readonly<{ previous?: NetworkView; view: NetworkView }>;

/**
 * Receives a change, as a copy of its own. A listener that throws, or whose promise rejects, disturbs
 * neither the watch nor other listeners.
 */
export type ChangeListener = (change: Change) => void;

/**
 * Receives a copy of the answer to every `ingest`, and the wall clock of its reading in milliseconds. A
 * listener that throws, or whose promise rejects, disturbs neither the network nor other listeners.
 */
export type IngestListener = (result: IngestResult, nowMs: number) => void;

/** Options of `createWatch`. */
export type WatchOptions = Readonly<{
  network: Pick<NetworkState, "view">;
  listeners: readonly ChangeListener[];
  /** The time; the system's clocks by default. */
  clock?: Clock;
  /** Milliseconds between two looks (1,000). */
  intervalMs?: number;
}>;

/** Counters of a watch. */
export type WatchStats = Readonly<{
  looks: number;
  changes: number;
  /** Looks that gave no view, because the clock gave no time. */
  failedLooks: number;
  /** Calls of a listener that threw. */
  failedListeners: number;
}>;

/** A running watch. */
export type Watch = Readonly<{
  /** Takes the view now, beside the interval. Never throws. */
  look: () => void;
  stats: () => WatchStats;
  /** Stops the interval. */
  close: () => void;
}>;

/**
 * Takes the view at once and at intervals, and calls listeners when its level, its score or the trust in
 * its clock has changed. Keeps no more than the last view; the interval keeps no process alive.
 *
 * @param options see `WatchOptions`
 * @throws TypeError when `intervalMs` is not an integer that a timer can wait
 * @example
 * const watch = createWatch({ network, listeners: [({ view }) => page(view.level)] });
 */
export function createWatch(options: WatchOptions): Watch {
  const own = ownOptions(options);
  const { network, clock = systemClock } = own;
  const listeners = [...own.listeners];
  const intervalMs = delayMs("intervalMs", own.intervalMs, 1_000);
  const counts = { looks: 0, changes: 0, failedLooks: 0, failedListeners: 0 };
  let previous: NetworkView | undefined;

  function look(): void {
    counts.looks++;
    const view = takeView({ network, clock });
    if (view === undefined) {
      counts.failedLooks++;
      return;
    }
    if (previous !== undefined && isSame(previous, view)) return;
    const change = previous === undefined ? { view } : { previous, view };
    previous = view;
    counts.changes++;
    for (const listener of listeners) notify(listener, change);
  }

  function notify(listener: ChangeListener, change: Change): void {
    counts.failedListeners++;
    guarded(() => {
      const result: unknown = listener(structuredClone(change));
      counts.failedListeners--;
      return result;
    });
  }

  look();
  const timer = setInterval(look, intervalMs);
  timer.unref();
  return Object.freeze({
    look,
    stats: () => ({ ...counts }),
    close: () => {
      clearInterval(timer);
    },
  });
}

const isSame = (a: NetworkView, b: NetworkView): boolean =>
  a.level === b.level && a.score === b.score && a.clock === b.clock;

/**
 * Wraps a network so that listeners receive the result of each `ingest`. Listeners change no result.
 *
 * @example const network = tapNetwork(createNetworkState(), [metrics.onIngest, log.onIngest]);
 */
export function tapNetwork(
  network: NetworkState,
  listeners: readonly IngestListener[],
): NetworkState {
  const all = [...listeners];
  return Object.freeze({
    ...network,
    ingest: (signal: unknown, reading: TimeReading) => {
      const result = network.ingest(signal, reading);
      const nowMs = wallMsOf(reading);
      for (const listener of all) guarded(() => listener({ ...result }, nowMs));
      return result;
    },
  });
}
