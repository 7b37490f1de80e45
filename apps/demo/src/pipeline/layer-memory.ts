/** Remembers the network's view and the defense's state within one millisecond in which neither was changed. */
import type { DefenseNode } from "@dgb-shield/adn";
import type { DefenseState, NetworkView } from "@dgb-shield/contract";
import type { NetworkState } from "@dgb-shield/dqsn";
import type { Moment } from "./own-clock.js";

/** What the network and the defense are at one moment. */
export type Layers = Readonly<{ view: NetworkView; defense: DefenseState }>;

/** The memory, and the network by which it learns of changes. */
export type LayerMemory = Readonly<{
  /** The network; every change of it has to be made here. */
  network: NetworkState;
  /** What was kept at the same moment; undefined where that was another one, or something has changed. */
  of(moment: Moment): Layers | undefined;
  keep(moment: Moment, layers: Layers): void;
}>;

/** Milliseconds of the monotonic clock after which a moment is another one, though the wall clock gives the same time. */
const SAME_MS = 1;

/** Creates a memory of one moment. */
export function createLayerMemory(
  state: NetworkState,
  defense: Pick<DefenseNode, "revision">,
): LayerMemory {
  let last: Readonly<{ moment: Moment; revision: number; layers: Layers }> | undefined;
  const changing =
    <A extends unknown[], T>(change: (...args: A) => T) =>
    (...args: A): T => {
      last = undefined;
      return change(...args);
    };
  return Object.freeze({
    network: Object.freeze({
      ...state,
      ingest: changing(state.ingest),
      mute: changing(state.mute),
      unmute: changing(state.unmute),
      acceptClock: changing(state.acceptClock),
    }),
    of: (moment) =>
      last?.revision === defense.revision() && isSame(last.moment, moment)
        ? last.layers
        : undefined,
    keep(moment, layers) {
      last = { moment, revision: defense.revision(), layers };
    },
  } satisfies LayerMemory);
}

/** Whether both clocks give the same time, to the millisecond, and it counts alike. */
function isSame(a: Moment, b: Moment): boolean {
  const [before, now] = [monotonicOf(a), monotonicOf(b)];
  return (
    before !== undefined &&
    now !== undefined &&
    Math.abs(now - before) < SAME_MS &&
    a.readMs === b.readMs &&
    a.now?.status === b.now?.status &&
    a.now?.time_ms === b.now?.time_ms
  );
}

const monotonicOf = ({ reading, now }: Moment): number | undefined =>
  now === undefined || typeof reading !== "object" ? undefined : reading.monotonic_ms;
