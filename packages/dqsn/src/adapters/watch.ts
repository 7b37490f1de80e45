/** What all exporters rest on: looking at the picture at intervals, and listening to what comes in (design section 4.2). */
import type { NetworkView } from "@dgb-shield/contract";
import type { IngestResult, LiveNetwork } from "../index.js";
import { guarded } from "./guarded.js";

/** A change of level or score, or the first look, which has no `previous`. */
export type Change = Readonly<{ previous?: NetworkView; view: NetworkView }>;

/** What is told of changes. A listener that throws disturbs nobody. */
export type ChangeListener = (change: Change) => void;

/** What is told of every `ingest`: its answer and its `nowMs`. A listener that throws disturbs nobody. */
export type IngestListener = (result: IngestResult, nowMs: number) => void;

/** Options of `createWatch`. */
export type WatchOptions = Readonly<{
  network: Pick<LiveNetwork, "view">;
  listeners: readonly ChangeListener[];
  /** Milliseconds since 1970-01-01T00:00:00Z; the system's clock by default. */
  clock?: () => number;
  /** Milliseconds between two looks (1,000). */
  intervalMs?: number;
}>;

/** What a watch has done so far. */
export type WatchStats = Readonly<{
  looks: number;
  changes: number;
  /** Looks that gave no view, because the clock told no time. */
  failedLooks: number;
  /** Calls of a listener that threw. */
  failedListeners: number;
}>;

/** A running watch. */
export type Watch = Readonly<{
  /** Looks now, beside the interval. Never throws. */
  look: () => void;
  stats: () => WatchStats;
  /** Stops looking. */
  close: () => void;
}>;

/**
 * Looks at a picture at once and at intervals, and tells listeners when its level or score has
 * changed. The interval keeps no process alive.
 *
 * @example
 * const watch = createWatch({ network, listeners: [({ view }) => page(view.level)] });
 */
export function createWatch(options: WatchOptions): Watch {
  const { network, listeners, clock = Date.now, intervalMs = 1_000 } = options;
  const counts = { looks: 0, changes: 0, failedLooks: 0, failedListeners: 0 };
  let previous: NetworkView | undefined;

  function look(): void {
    counts.looks++;
    const view = guarded(() => network.view(clock()));
    if (view === undefined) {
      counts.failedLooks++;
      return;
    }
    if (previous?.level === view.level && previous.score === view.score) return;
    const change = previous === undefined ? { view } : { previous, view };
    previous = view;
    counts.changes++;
    for (const listener of listeners) tell(listener, change);
  }

  function tell(listener: ChangeListener, change: Change): void {
    const told = guarded(() => (listener(change), true));
    if (told === undefined) counts.failedListeners++;
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

/**
 * The same picture, which tells listeners what each `ingest` answered. Listeners change no answer.
 *
 * @example const network = tapNetwork(createNetworkState(), [metrics.onIngest, log.onIngest]);
 */
export function tapNetwork(
  network: LiveNetwork,
  listeners: readonly IngestListener[],
): LiveNetwork {
  return Object.freeze({
    ...network,
    ingest: (signal: unknown, nowMs: number) => {
      const result = network.ingest(signal, nowMs);
      for (const listener of listeners) guarded(() => listener(result, nowMs));
      return result;
    },
  });
}
