/** The node of a simulation: turns what happens to its chain into what it says when it is asked. */
import type { BlockHeader, ChainTip, Observation } from "../observation.js";
import type { LabelledObservation } from "../recording/labelled.js";
import type { ChainEvent } from "./events.js";
import { poisson, type Random } from "./random.js";

/** How the node is watched. */
export type WatchOptions = Readonly<{
  node_id: string;
  /** Source of the mempool's size. */
  random: Random;
  /** Blocks until the end. */
  blocks: number;
  /** Longest time between two polls, in milliseconds; default one minute. */
  pollMs?: number;
}>;

const POLL_MS = 60_000;

/** Side branches that the node still shows: the newest. */
const MAX_SIDES = 32;

/** Transactions that come between two observations, on average, and the size of one. */
const MEAN_TRANSACTIONS = 12;
const TRANSACTION_BYTES = 400;

/**
 * What the node says: at each event, and once a minute while nothing happens.
 *
 * @param events in the order of their times, the first with a block
 * @returns observations labelled as the events are; a poll between two has the label of the one before
 */
export function* watch(
  events: Iterable<ChainEvent>,
  options: WatchOptions,
): Generator<LabelledObservation> {
  const { blocks: most, pollMs = POLL_MS } = options;
  let last: LabelledObservation | undefined;
  let sides: ChainTip[] = [];
  let count = 0;
  for (const event of events) {
    if (last !== undefined) yield* polls(last, event.atMs, pollMs);
    if (event.side !== undefined) sides = [event.side, ...sides].slice(0, MAX_SIDES);
    const tip = event.blocks.at(-1) ?? last?.observation.tip;
    if (!tip) throw new RangeError("the first event has no block");
    last = { label: event.label, observation: observationOf(options, event, tip, sides) };
    yield last;
    count += event.blocks.length;
    if (count >= most) return;
  }
}

function* polls(
  { label, observation }: LabelledObservation,
  untilMs: number,
  pollMs: number,
): Generator<LabelledObservation> {
  const quiet = { ...observation, blocks: [] };
  for (let at_ms = observation.at_ms + pollMs; at_ms < untilMs; at_ms += pollMs) {
    yield { label, observation: { ...quiet, at_ms } };
  }
}

function observationOf(
  { node_id, random }: WatchOptions,
  { atMs, blocks }: ChainEvent,
  tip: BlockHeader,
  sides: readonly ChainTip[],
): Observation {
  const count = poisson(random, MEAN_TRANSACTIONS);
  const active: ChainTip = { hash: tip.hash, height: tip.height, branchlen: 0, status: "active" };
  return {
    node_id,
    at_ms: atMs,
    syncing: false,
    reachable: true,
    tip,
    blocks: [...blocks],
    tips: [active, ...sides],
    mempool: { count, bytes: count * TRANSACTION_BYTES },
  };
}
