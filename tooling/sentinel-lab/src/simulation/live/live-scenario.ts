/** Makes scenarios of live chains: honest ones of a kind, and attacked ones. */
import type { LabelledObservation } from "@dgb-shield/sentinel";
import type { ChainEvent } from "../events.js";
import { honestChain } from "../honest-chain.js";
import type { MiningOptions } from "../mining.js";
import { createRandom, type Random } from "../random.js";
import type { Conditions } from "./conditions.js";
import { createLiveMining, type LiveMining, type MiningChanges } from "./live-mining.js";
import { liveWatch } from "./live-watch.js";

const LIVE_NODE = "live-node";

/** Makes the events of a chain; default: an honest chain. */
export type LiveEvents = (
  options: MiningOptions & Readonly<{ mining: LiveMining }>,
) => Iterable<ChainEvent>;

/** The observations of a live chain by its seed. */
export function liveObservations(
  conditions: Conditions,
  options: Readonly<{
    seed: number;
    blocks: number;
    changes?: MiningChanges;
    events?: LiveEvents;
    peersFollow?: number;
  }>,
): Generator<LabelledObservation> {
  const { seed, blocks, changes, events = honestChain, peersFollow = 0 } = options;
  const random = createRandom(seed);
  const mining = createLiveMining(conditions, random, changes);
  const { startMs, startHeight, staleRate } = conditions;
  const chain = { ...conditions.chain, stale_rate: staleRate };
  const course = events({ chain, random, startMs, startHeight, mining });
  return liveWatch(course, {
    node_id: LIVE_NODE,
    conditions,
    mining,
    random: surroundings(seed),
    blocks,
    peersFollow,
  });
}

/** A source of its own for what surrounds the node, so that a chain is the same however it is watched. */
const surroundings = (seed: number): Random => createRandom((seed ^ 0x5eed5eed) >>> 0);
