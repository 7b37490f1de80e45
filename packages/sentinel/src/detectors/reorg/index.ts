/** Detector `reorg`: blocks that fell out of a node's active chain (design: layer 1). */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "../detector.js";
import type { Link } from "./fork.js";
import {
  isRecent,
  linkSchema,
  type Losses,
  lossesOf,
  type Lost,
  lostSchema,
  type Refined,
  wasActive,
} from "./lost-branches.js";
import {
  advanceBurst,
  type Burst,
  BURST_SPACINGS,
  burstSchema,
  burstYears,
  NO_BURST,
} from "./reorg-burst.js";
import { linksOf, type RecentChain } from "./recent-chain.js";
import type { WatchedObservation } from "../../observation/observation.js";
import {
  isNotable,
  MAX_SEVERITY,
  severityOfReturnPeriod,
  significant,
} from "../../stats/severity.js";

/** How long a finding stays active, in target spacings: ten minutes of DigiByte. */
export const REORG_HOLD_SPACINGS = 40;

/** Most losing blocks named in the evidence. */
const MAX_LOSING_HASHES = 64;

/** Most losing tips that are kept; beyond them the lowest is dropped. */
const MAX_KNOWN = 4_096;

/** Most findings held at once; beyond them the shallowest is dropped. */
const MAX_HELD = 32;

const heldSchema = z.strictObject({
  finding_id: z.string(),
  fork_height: heightSchema,
  depth: z.int().min(1),
  is_exact: z.boolean(),
  losing_tip: linkSchema,
  losing_hashes: z.array(hash256Schema),
  winning_tip: linkSchema,
  /** When it ends, on the running time `held_ms`. */
  until_ms: z.int(),
});
type Held = z.infer<typeof heldSchema>;

const stateSchema = z.strictObject({
  /** The active chain, ascending, in chunks. */
  recent: z.array(z.array(linkSchema).min(1)),
  /** Losing tips that were found, or there before the first observation. */
  known: z.array(linkSchema),
  has_seen_tips: z.boolean(),
  /** Losses known from headers alone, for the next list of chain tips. */
  linked: z.array(lostSchema),
  /** Lists of chain tips in a row that belonged to another moment than the tip. */
  torn_lists: z.int().min(0),
  held: z.array(heldSchema),
  burst: burstSchema,
});
type ReorgState = z.infer<typeof stateSchema>;

/**
 * Finds a tip that is no longer in the active chain: by the linkage of headers where they are known,
 * and by `getchaintips`, where a branch that was once active shows as `valid-fork` with its depth as
 * `branchlen`. If each block is orphaned with probability r, an honest chain of N blocks a year shows
 * N·r^depth reorganisations of a depth; severity follows from that return period. DigiByte (r = 0.0071):
 * depth 1 some 15,000 a year and 2 some 105, no findings; 3 once in 1.3 years, 0.26; 4 once in 190
 * years, 0.52; 5 0.74; from 6 on critical.
 *
 * Each losing tip is found once, also where headers and chain tips show it one after the other, or where
 * the calls of one poll are of two moments (`lossesOf`); side branches present at first sight are history.
 * A finding stays for
 * 40 spacings (`REORG_HOLD_SPACINGS`), then ends. Repeated reorganisations are a finding of their own,
 * `reorg:repeated`, critical whatever each of them is (`advanceBurst`).
 */
export const reorg: Detector<ReorgState> = defineDetector({
  name: "reorg",
  stateSchema,
  initial: () => ({
    recent: [],
    known: [],
    has_seen_tips: false,
    linked: [],
    torn_lists: 0,
    held: [],
    burst: NO_BURST,
  }),
  reduce(previous, observation, chain) {
    const state = advance(previous, observation, chain, lossesOf(previous, observation));
    return { state, findings: findingsOf(state, observation, chain) };
  },
  // A node that syncs anew has another history: what it shows at first sight afterwards is part of it.
  reduceUnwatched: (state, { syncing }) => ({
    state: syncing
      ? { ...state, recent: [], known: [], has_seen_tips: false, linked: [], torn_lists: 0 }
      : state,
    findings: null,
  }),
});

function advance(
  state: ReorgState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
  losses: Losses,
): ReorgState {
  const { lost, refined, recent, linked, torn_lists } = losses;
  const { times, tip } = observation;
  const holdMs = REORG_HOLD_SPACINGS * chain.spacing_seconds * 1_000;
  const step = {
    lost: lost.map(eventOf),
    refined: refined.map(({ from, to }) => ({ from_hash: from.tip.hash, to: eventOf(to) })),
    times,
    height: tip.height,
    holdMs,
  };
  return {
    recent,
    known: advanceKnown(state, observation, losses),
    has_seen_tips: state.has_seen_tips || losses.tips.length > 0,
    linked,
    torn_lists,
    held: advanceHeld(state, observation, chain, losses),
    burst: advanceBurst(state.burst, step, chain),
  };
}

function advanceHeld(
  { held, recent }: ReorgState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
  { lost, refined }: Losses,
): Held[] {
  // The common case: nothing is held, and nothing is lost.
  if (held.length === 0 && lost.length === 0 && refined.length === 0) return held;
  const { held_ms } = observation.times;
  const untilMs = held_ms + REORG_HOLD_SPACINGS * chain.spacing_seconds * 1_000;
  const worse = refined.filter((one) => !isHeld(held, one)).map(({ to }) => to);
  // [FINDING reorg] an honest chain loses a branch of this depth at most once a year
  const notable = [...lost, ...worse].filter(({ depth }) =>
    isNotable(severityOfDepth(depth, chain)),
  );
  const begun = deepest(notable).map((branch) => hold(branch, recent, observation, untilMs));
  const running = held
    .filter(({ until_ms }) => until_ms > held_ms)
    .map((one) => refinedHeld(one, refined));
  return begun.length === 0 ? running : deepest(merged(running, begun));
}

const eventOf = ({ tip, depth }: Lost) => ({ tip_hash: tip.hash, depth });

const isHeld = (held: readonly Held[], { from }: Refined): boolean =>
  held.some(({ losing_tip }) => losing_tip.hash === from.tip.hash);

/** A held finding of which a list of chain tips shows more: it keeps its id and its end. */
function refinedHeld(held: Held, refined: readonly Refined[]): Held {
  const to = refined.find(({ from }) => from.tip.hash === held.losing_tip.hash)?.to;
  if (to === undefined) return held;
  const { tip, fork_height, depth } = to;
  return {
    ...held,
    fork_height,
    depth: Math.max(depth, held.depth),
    is_exact: true,
    losing_tip: tip,
  };
}

function hold(
  { tip, fork_height, depth, is_exact }: Lost,
  recent: RecentChain,
  observation: WatchedObservation,
  untilMs: number,
): Held {
  const losing = linksOf(recent).filter(
    ({ height }) => height > fork_height && height <= tip.height,
  );
  return {
    finding_id: `reorg:${fork_height}:${tip.hash.slice(-16)}`,
    fork_height,
    depth,
    is_exact,
    losing_tip: linkOf(tip),
    losing_hashes: losing.slice(-MAX_LOSING_HASHES).map(({ hash }) => hash),
    winning_tip: linkOf(observation.tip),
    until_ms: untilMs,
  };
}

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

/** A tip that is lost again from the same fork replaces its first loss. */
const merged = (running: readonly Held[], begun: readonly Held[]): Held[] => [
  ...new Map([...running, ...begun].map((one) => [one.finding_id, one])).values(),
];

function deepest<T extends { depth: number }>(held: T[]): T[] {
  if (held.length <= MAX_HELD) return held;
  return held.toSorted((a, b) => b.depth - a.depth).slice(0, MAX_HELD);
}

function findingsOf(
  { held, burst }: ReorgState,
  { tip, at_ms, times }: Timed<WatchedObservation>,
  chain: ChainParameters,
): DetectorFinding[] {
  // Dated for a reader: running times differ from the wall clock where that was wrong.
  const dated = (until_ms: number): number => at_ms + until_ms - times.held_ms;
  const each = held.map(({ finding_id, until_ms, ...facts }) => ({
    finding_id,
    severity: severityOfDepth(facts.depth, chain),
    summary: `${facts.depth} block(s) above height ${facts.fork_height} fell out of the active chain`,
    height: tip.height,
    latched: false,
    evidence: {
      ...facts,
      expected_per_year: significant(perYear(facts.depth, chain)),
      until_ms: dated(until_ms),
    },
  }));
  const { tripped } = burst;
  if (tripped === null) return each;
  const until_ms = dated(tripped.until_ms);
  return [...each, repeatedFinding({ ...tripped, until_ms }, chain)];
}

function repeatedFinding(
  { height, count, least_depth, until_ms }: NonNullable<Burst["tripped"]>,
  chain: ChainParameters,
): DetectorFinding {
  const window_seconds = BURST_SPACINGS * chain.spacing_seconds;
  return {
    finding_id: `reorg:repeated:${height}`,
    severity: MAX_SEVERITY,
    summary: `${count} reorganisations of ${least_depth} block(s) or more within ${window_seconds} s`,
    height,
    latched: false,
    evidence: {
      count,
      least_depth,
      window_seconds,
      false_alarm_years: significant(burstYears(least_depth, count, chain)),
      until_ms,
    },
  };
}

const perYear = (depth: number, chain: ChainParameters): number =>
  blocksPerYear(chain) * chain.stale_rate ** depth;

const severityOfDepth = (depth: number, chain: ChainParameters): number =>
  severityOfReturnPeriod(1 / perYear(depth, chain));

const linkOf = ({ hash, height }: Link): Link => ({ hash, height });
