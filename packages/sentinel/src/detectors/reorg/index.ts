/** Detector `reorg`: blocks that fell out of a node's active chain (design: layer 1). */
import type { ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type Timed } from "../detector.js";
import type { Observation, WatchedObservation } from "../../observation/observation.js";
import { findingsOf } from "./findings.js";
import type { Link } from "./fork.js";
import { advanceHeld, linkOf, REORG_HOLD_SPACINGS } from "./held.js";
import { isRecent, type Losses, lossesOf, wasActive } from "./lost-branches.js";
import { newestOf } from "./recent-chain.js";
import { advanceBurst, type BurstStep } from "./reorg-burst.js";
import {
  initialReorgState,
  type ReorgState,
  reorgStateSchema,
  upgradedReorg,
} from "./reorg-state.js";
import { advanceShare, staleRateOf } from "./stale-rate.js";
import type { Lost } from "./walk.js";

export { REORG_HOLD_SPACINGS } from "./held.js";

/** Most losing tips that are kept; beyond them the lowest is dropped. */
const MAX_KNOWN = 256;

/**
 * Finds a tip that is no longer in the active chain: by the linkage of headers where they are known, by what
 * the node states of its last tip (`last_tip`), and by `getchaintips`, where a branch that was once active
 * shows as `valid-fork` with its depth as `branchlen`. If each block is orphaned with probability r, an honest
 * chain of N blocks a year shows N·r^depth reorganisations of a depth; severity follows from that return
 * period. DigiByte (r = 0.0071): depth 1 some 15,000 a year and 2 some 105, no findings; 3 once in 1.3 years,
 * 0.26; 4 once in 190 years, 0.52; 5 0.74; from 6 on critical. r is the chain's, or what the node's own losses
 * of the last weeks show where that is more, up to three times as much (`staleRateOf`).
 *
 * Each losing tip is found once, also where headers and chain tips show it one after the other, or where
 * the calls of one poll are of two moments (`lossesOf`). Side branches present at first sight are history, but
 * nothing is that the node was seen on: its chain is kept while it is silent, loads or syncs, and what it lost
 * meanwhile is reported as soon as it shows, while it still syncs too. Only an earlier block of its own chain is
 * no loss of a node that starts: it has yet to come back to where it was. A finding stays for 40 spacings
 * (`REORG_HOLD_SPACINGS`), then ends. It names the transactions that are in no new block, where the source has
 * read both branches (`dropped`). Repeated reorganisations are a finding of their own,
 * `reorg:repeated`, critical whatever each of them is (`advanceBurst`).
 */
export const reorg: Detector<ReorgState> = defineDetector({
  name: "reorg",
  stateSchema: reorgStateSchema,
  initial: initialReorgState,
  upgrade: upgradedReorg,
  reduce(previous, observation, chain) {
    const before = observation.restarted === true ? { ...previous, is_resuming: true } : previous;
    const state = advance(before, observation, { chain, is_watched: true });
    return { state, findings: findingsOf(state, observation, chain) };
  },
  reduceUnwatched(previous, observation, chain) {
    const before = { ...previous, is_resuming: true };
    if (!observation.reachable || !hasTip(observation)) return { state: before, findings: null };
    const advanced = advance(before, observation, { chain, is_watched: false });
    const state = { ...advanced, is_resuming: true };
    return { state, findings: findingsOf(state, observation, chain) };
  },
});

const hasTip = (observation: Timed<Observation>): observation is Timed<WatchedObservation> =>
  observation.tip !== null;

type Setting = Readonly<{ chain: ChainParameters; is_watched: boolean }>;

function advance(
  state: ReorgState,
  observation: Timed<WatchedObservation>,
  { chain, is_watched }: Setting,
): ReorgState {
  const losses = lossesOf(state, observation);
  const { recent, pending, is_resuming, linked, torn_lists } = losses;
  const loss_share = is_watched
    ? shareAfter(state, observation, { losses, chain })
    : state.loss_share;
  const staleRate = staleRateOf(loss_share, chain);
  const step = { observation, losses, recent: state.recent, staleRate, is_watched };
  const burst = advanceBurst(state.burst, burstStep(step, chain), chain);
  return {
    recent,
    pending,
    is_resuming,
    known: advanceKnown(state, observation, losses),
    has_seen_tips: state.has_seen_tips || losses.tips.length > 0,
    linked,
    torn_lists,
    held: advanceHeld(state.held, step, chain),
    burst:
      is_watched || burst.tripped !== null ? burst : { ...burst, tripped: state.burst.tripped },
    loss_share,
  };
}

/** The share of lost branches, among all blocks that the chain gained: what was not seen makes it smaller. */
function shareAfter(
  { loss_share, recent }: ReorgState,
  observation: WatchedObservation,
  { losses, chain }: Readonly<{ losses: Losses; chain: ChainParameters }>,
): ReorgState["loss_share"] {
  const newest = newestOf(recent);
  const blocks = newest === undefined ? 0 : observation.tip.height - newest.height;
  return advanceShare(loss_share, { blocks, lost: losses.lost.length }, chain);
}

function burstStep(
  {
    observation: { times, tip },
    losses: { lost, refined },
    staleRate,
  }: Readonly<{ observation: Timed<WatchedObservation>; losses: Losses; staleRate: number }>,
  chain: ChainParameters,
): BurstStep {
  return {
    lost: lost.map(eventOf),
    refined: refined.map(({ from, to }) => ({ from_hash: from.tip.hash, to: eventOf(to) })),
    times,
    height: tip.height,
    holdMs: REORG_HOLD_SPACINGS * chain.spacing_seconds * 1_000,
    staleRate,
  };
}

const eventOf = ({ tip, depth }: Lost) => ({ tip_hash: tip.hash, depth });

function advanceKnown(
  { known, has_seen_tips }: ReorgState,
  { tip }: WatchedObservation,
  { lost, refined, tips }: Losses,
): Link[] {
  const isHistory = !has_seen_tips && tips.length > 0;
  if (lost.length === 0 && refined.length === 0 && !isHistory) {
    return known.every((link) => isRelevant(link, tip))
      ? known
      : known.filter((link) => isRelevant(link, tip));
  }
  const history = isHistory ? tips.filter((side) => wasActive(side, tip)) : [];
  const all = [
    ...known,
    ...[...history, ...lost.map((one) => one.tip), ...refined.map(({ to }) => to.tip)].map(linkOf),
  ];
  const byHash = new Map(all.map((link) => [link.hash, link]));
  return highest([...byHash.values()].filter((link) => isRelevant(link, tip)));
}

const isRelevant = ({ hash, height }: Link, tip: Link): boolean =>
  hash !== tip.hash && isRecent(height, tip);

function highest(known: Link[]): Link[] {
  if (known.length <= MAX_KNOWN) return known;
  return known.toSorted((a, b) => b.height - a.height).slice(0, MAX_KNOWN);
}
