/** Detector `reorg`: blocks that fell out of a node's active chain (design: layer 1). */
import { hash256Schema, heightSchema, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "../chains/parameters.js";
import type { Detector, DetectorFinding } from "../detector.js";
import { type Fork, forkOf, type Link } from "../internal/fork.js";
import {
  advanceBurst,
  type Burst,
  BURST_SPACINGS,
  burstSchema,
  burstYears,
  NO_BURST,
} from "../internal/reorg-burst.js";
import {
  linksOf,
  newestOf,
  type RecentChain,
  upTo,
  withHeaders,
} from "../internal/recent-chain.js";
import {
  type BlockHeader,
  type ChainTip,
  headersOf,
  type WatchedObservation,
} from "../observation.js";
import { isNotable, MAX_SEVERITY, severityOfReturnPeriod, significant } from "../severity.js";

/** How long a finding stays active, in target spacings: ten minutes of DigiByte. */
export const REORG_HOLD_SPACINGS = 40;

/** Side branches that end further below the tip are history. */
const HISTORY_BLOCKS = 1_000;

/** Most losing blocks named in the evidence. */
const MAX_LOSING_HASHES = 64;

/** Most losing tips that are remembered; beyond them the lowest is forgotten. */
const MAX_KNOWN = 4_096;

/** Most findings held at once; beyond them the shallowest is dropped. */
const MAX_HELD = 32;

const linkSchema = z.strictObject({ hash: hash256Schema, height: heightSchema });

const heldSchema = z.strictObject({
  fork_height: heightSchema,
  depth: z.int().min(1),
  is_exact: z.boolean(),
  losing_tip: linkSchema,
  losing_hashes: z.array(hash256Schema),
  winning_tip: linkSchema,
  until_ms: timeMsSchema,
});
type Held = z.infer<typeof heldSchema>;

const stateSchema = z.strictObject({
  /** The active chain, ascending, in chunks. */
  recent: z.array(z.array(linkSchema).min(1)),
  /** Losing tips that were found, or there before anybody looked. */
  known: z.array(linkSchema),
  has_seen_tips: z.boolean(),
  held: z.array(heldSchema),
  burst: burstSchema,
});
type ReorgState = z.infer<typeof stateSchema>;

/** A branch that lost: its tip and where it parts from the active chain. */
type Lost = Fork & { tip: Link };

/**
 * Finds a tip that is no longer in the active chain: by the linkage of headers where they are known,
 * and by `getchaintips`, where a branch that was once active shows as `valid-fork` with its depth as
 * `branchlen`. If each block is orphaned with probability r, an honest chain of N blocks a year shows
 * N·r^depth reorganisations of a depth; severity follows from how seldom that is. DigiByte (r = 0.0071):
 * depth 1 some 15,000 a year and 2 some 105, no findings; 3 once in 1.3 years, 0.26; 4 once in 190
 * years, 0.52; 5 0.74; from 6 on critical.
 *
 * Each losing tip is found once; side branches present at first sight are history. A finding stays for
 * 40 spacings (`REORG_HOLD_SPACINGS`), then ends. Repeated reorganisations are a finding of their own,
 * `reorg:repeated`, critical whatever each of them is (`advanceBurst`).
 */
export const reorg: Detector<ReorgState> = {
  name: "reorg",
  stateSchema,
  initial: () => ({ recent: [], known: [], has_seen_tips: false, held: [], burst: NO_BURST }),
  reduce(previous, observation, chain) {
    const lost = lostBranches(previous, observation);
    const state = advance(previous, observation, chain, lost);
    return { state, findings: findingsOf(state, observation, chain) };
  },
  // A node that syncs anew has another history: what it shows at first sight afterwards is part of it.
  reduceUnwatched: (state, { syncing }) => ({
    state: syncing ? { ...state, recent: [], known: [], has_seen_tips: false } : state,
    findings: null,
  }),
};

function lostBranches(state: ReorgState, observation: WatchedObservation): Lost[] {
  const oldTip = newestOf(state.recent);
  if (oldTip === undefined) return [];
  const listed = observation.tips.length === 0 ? [] : lostTips(state, observation, oldTip);
  const fresh = headersOf(observation);
  const linked = standsOn(oldTip, fresh) ? null : forkOf(linksOf(state.recent), fresh);
  const isListed = listed.some(
    ({ tip, fork_height }) => tip.hash === oldTip.hash || fork_height === linked?.fork_height,
  );
  return linked === null || isListed ? listed : [...listed, { ...linked, tip: oldTip }];
}

/** The common case, told at once: the new blocks go on from the tip, or there is none. */
const standsOn = (oldTip: Link, fresh: readonly BlockHeader[]): boolean =>
  fresh[0]?.previous_hash === oldTip.hash || fresh.at(-1)?.hash === oldTip.hash;

function lostTips(state: ReorgState, { tips, tip }: WatchedObservation, oldTip: Link): Lost[] {
  const known = new Set(state.known.map(({ hash }) => hash));
  return tips
    .filter((side) => side.status !== "active" && side.branchlen > 0 && !known.has(side.hash))
    .filter((side) => side.hash === oldTip.hash || (state.has_seen_tips && wasActive(side, tip)))
    .map(({ hash, height, branchlen }) => ({
      tip: { hash, height },
      fork_height: Math.max(0, height - branchlen),
      depth: branchlen,
      is_exact: true,
    }));
}

/** A branch is fully validated only when it is, or was, the active one. */
const wasActive = ({ status, height }: ChainTip, tip: Link): boolean =>
  status === "valid-fork" && isRecent(height, tip);

const isRecent = (height: number, tip: Link): boolean => height > tip.height - HISTORY_BLOCKS;

function advance(
  state: ReorgState,
  observation: WatchedObservation,
  chain: ChainParameters,
  lost: readonly Lost[],
): ReorgState {
  const { tips, at_ms } = observation;
  const holdMs = REORG_HOLD_SPACINGS * chain.spacing_seconds * 1_000;
  const running = state.held.filter(({ until_ms }) => until_ms > at_ms);
  const begun = deepest(lost.filter(({ depth }) => isNotable(severityOfDepth(depth, chain)))).map(
    (branch) => hold(branch, state.recent, observation, at_ms + holdMs),
  );
  const depths = lost.map(({ depth }) => depth);
  const { height } = observation.tip;
  return {
    recent: advanceRecent(state.recent, observation, lost),
    known: advanceKnown(state, observation, lost),
    has_seen_tips: state.has_seen_tips || tips.length > 0,
    held: begun.length === 0 ? running : deepest(merged(running, begun)),
    burst: advanceBurst(state.burst, { depths, at_ms, height, holdMs }, chain),
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
    fork_height,
    depth,
    is_exact,
    losing_tip: tip,
    losing_hashes: losing.slice(-MAX_LOSING_HASHES).map(({ hash }) => hash),
    winning_tip: linkOf(observation.tip),
    until_ms: untilMs,
  };
}

function advanceRecent(
  recent: RecentChain,
  observation: WatchedObservation,
  lost: readonly Lost[],
): RecentChain {
  if (newestOf(recent)?.hash === observation.tip.hash) return recent;
  const fresh = headersOf(observation);
  const lowest = fresh[0]?.height ?? 0;
  const shared = lost.reduce((height, fork) => Math.min(height, fork.fork_height), lowest - 1);
  return withHeaders(upTo(recent, shared), fresh);
}

function advanceKnown(
  { known, has_seen_tips }: ReorgState,
  { tips, tip }: WatchedObservation,
  lost: readonly Lost[],
): Link[] {
  const isHistory = !has_seen_tips && tips.length > 0;
  if (lost.length === 0 && !isHistory) {
    return known.every((link) => isRelevant(link, tip))
      ? known
      : known.filter((link) => isRelevant(link, tip));
  }
  const history = isHistory ? tips.filter((side) => wasActive(side, tip)) : [];
  const all = [...known, ...history.map(linkOf), ...lost.map((branch) => branch.tip)];
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
function merged(running: readonly Held[], begun: readonly Held[]): Held[] {
  const key = ({ fork_height, losing_tip }: Held): string => `${fork_height}:${losing_tip.hash}`;
  return [...new Map([...running, ...begun].map((one) => [key(one), one])).values()];
}

function deepest<T extends { depth: number }>(held: T[]): T[] {
  if (held.length <= MAX_HELD) return held;
  return held.toSorted((a, b) => b.depth - a.depth).slice(0, MAX_HELD);
}

function findingsOf(
  { held, burst }: ReorgState,
  { tip }: WatchedObservation,
  chain: ChainParameters,
): DetectorFinding[] {
  const each = held.map(({ until_ms, ...facts }) => ({
    finding_id: `reorg:${facts.fork_height}:${facts.losing_tip.hash.slice(-16)}`,
    severity: severityOfDepth(facts.depth, chain),
    summary: `${facts.depth} block(s) above height ${facts.fork_height} fell out of the active chain`,
    height: tip.height,
    latched: false,
    evidence: { ...facts, expected_per_year: significant(perYear(facts.depth, chain)), until_ms },
  }));
  return burst.tripped === null ? each : [...each, repeatedFinding(burst.tripped, chain)];
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
