/** The node of a simulation: turns events of its chain into observations. */
import type { BlockHeader, ChainTip, LabelledObservation, Observation } from "@dgb-shield/sentinel";
import type { ChainEvent } from "./events.js";
import type { Random } from "./random.js";
import { createNodeConditions, type NodeConditions } from "./node-conditions.js";

/** How the node is watched. */
export type WatchOptions = Readonly<{
  node_id: string;
  /** Source of what surrounds the node: its mempool, its peers, signatures. */
  random: Random;
  /** Blocks until the end. */
  blocks: number;
  /** Longest time between two polls, in milliseconds; default one minute. */
  pollMs?: number;
}>;

const POLL_MS = 60_000;

/** Side branches that the node still shows: the newest. */
const MAX_SIDES = 32;

/**
 * Makes an observation at each event, and once a minute between events.
 *
 * @param events in the order of their times, the first with a block
 * @returns observations labelled as the events are; a poll has that of the event that ends the wait
 */
export function* watch(
  events: Iterable<ChainEvent>,
  { node_id, random, blocks: most, pollMs = POLL_MS }: WatchOptions,
): Generator<LabelledObservation> {
  const conditions = createNodeConditions(random);
  let last: Observation | undefined;
  let sides: ChainTip[] = [];
  let count = 0;
  for (const event of events) {
    if (last !== undefined) yield* polls(last, event, { pollMs, conditions });
    if (event.side !== undefined) sides = [event.side, ...sides].slice(0, MAX_SIDES);
    const tip = event.blocks.at(-1) ?? last?.tip;
    if (!tip) throw new RangeError("the first event has no block");
    const seen = conditions(event.atMs, tip.height, event.blocks.length > 0);
    last = observationOf(node_id, event, tip, sides, seen);
    yield { label: event.label, observation: last };
    count += event.blocks.length;
    if (count >= most) return;
  }
}

type Polling = Readonly<{
  pollMs: number;
  conditions: ReturnType<typeof createNodeConditions>;
}>;

function* polls(
  { node_id, tip, tips, at_ms: fromMs }: Observation,
  { label, atMs: untilMs }: ChainEvent,
  { pollMs, conditions }: Polling,
): Generator<LabelledObservation> {
  const height = tip?.height ?? 0;
  for (let at_ms = fromMs + pollMs; at_ms < untilMs; at_ms += pollMs) {
    const quiet = { node_id, at_ms, syncing: false, reachable: true, tip, blocks: [], tips };
    yield { label, observation: { ...quiet, ...conditions(at_ms, height, false) } };
  }
}

function observationOf(
  node_id: string,
  { atMs, blocks, difficulties }: ChainEvent,
  tip: BlockHeader,
  sides: readonly ChainTip[],
  seen: NodeConditions,
): Observation {
  const active: ChainTip = { hash: tip.hash, height: tip.height, branchlen: 0, status: "active" };
  return {
    node_id,
    at_ms: atMs,
    syncing: false,
    reachable: true,
    tip,
    blocks: [...blocks],
    tips: [active, ...sides],
    ...(difficulties !== undefined && { difficulties }),
    ...seen,
  };
}
