/** Detector `rival_chain`: a chain that this node does not follow (design: layer 1). */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "../detector.js";
import type { WatchedObservation } from "../../observation/observation.js";
import { advanceBranches, branchFindings, branchSchema } from "./branches.js";
import { headerFindings, peerFindings } from "./lag-findings.js";
import {
  advanceInvalid,
  invalidFindings,
  invalidTipSchema,
  withoutFollowed,
  withoutInvalid,
} from "./invalid-tips.js";
import { advanceLag, lagSchema } from "./lag.js";
import type { Link, ListStep } from "./list.js";
import { statementOf } from "./peers-ahead.js";
import { warningFindings, warningSchema, warningsOf } from "./warnings.js";

/** Most tips that the node had and lost that are kept; the oldest is dropped first. */
const MAX_OWN = 16;

const linkSchema = z.strictObject({ hash: hash256Schema, height: heightSchema });

const stateSchema = z.strictObject({
  /** The tip of the last observation, and tips of before that no later block was seen to stand on. */
  last_tip: linkSchema.nullable(),
  own: z.array(linkSchema),
  /** Height of the active tip of the last list; null before the first. */
  list_height: heightSchema.nullable(),
  invalid: z.array(invalidTipSchema),
  branches: z.array(branchSchema),
  /** How long headers have been ahead, and whether the node was away since they were last given. */
  headers: lagSchema,
  headers_away: z.boolean(),
  /** The same for what its peers state, and how many network groups state it. */
  peers: lagSchema,
  peers_away: z.boolean(),
  groups: z.int().min(0),
  ahead: z.int().min(0),
  warnings: z.array(warningSchema),
});
/** State of the detector. */
export type RivalState = z.infer<typeof stateSchema>;

/**
 * Finds a chain that this node does not follow, whichever of its answers shows it. N blocks a year, r the chain's
 * stale rate; DigiByte's N = 2,103,840, r = 0.0071.
 *
 * - **A tip called `invalid`** that may have been above the node's own: 0.99, latched until an operator
 *   acknowledges it. No honest chain has one: each costs the proof of work of a block and earns nothing. The node
 *   refuses all that follows on it, so that it never shows whether others do, and its own next block
 *   proves nothing. One at or below the tip of the list before was not about to be followed: 0.25 for 40 spacings.
 *   What the node itself had as its tip was called invalid by an operator's order: 0.99 when a later list still has
 *   it at the height of the active tip or above, or four spacings later in any case, until a list calls it invalid no
 *   more or the node follows it again; before that it is a matter of `reorg`.
 * - **Better headers without their blocks** (`best_header_height` above the tip) for t seconds: blocks follow
 *   their headers after 20 s in the mean, exponentially distributed (an assumption), so that N·exp(−t/20) a year are
 *   later. DigiByte: 0.25 after 291 s, 0.60 after 429 s, 0.90 after 568 s. A node that catches up is not behind
 *   (`advanceLag`).
 * - **A living branch** of d blocks beside c of the active chain: N·r^min(d, c) a year, as of reorganisations, and
 *   that ·exp(−t/(2 spacings)) when it has been as long as the active one for t: an honest chain decides such a race with
 *   one of the next blocks. It is therefore critical from 6 blocks on DigiByte, sooner while it stays as long. Branches that do
 *   not grow and are shorter are the remains of ordinary races and are left out, so that fewer than N·r³ a
 *   year, once in 1.3 years on DigiByte, are findings. It ends with a list 40 spacings after it last grew.
 * - **Peers ahead**: k of n network groups of the peers that the node chose (at least 3, a majority) state heights 6
 *   above its tip for ten minutes, and it is not catching up: 8,766·Binomial(≥ k; n, 0.05) a year. Statements cost
 *   nothing, so at most `high`. Eight of eight are 0.90 by the rate, cut to below it; five of eight 0.35.
 * - **Warnings of the node** (rules that are unknown to it, peers that do not agree): 0.25 each while they last. It is
 *   0.99 where the node states that an invalid chain is longer than its own.
 *
 * `getchaintips` is called rarely: what a list showed stays until the next one. A list is judged by its own active
 * tip, so that it may be of another moment than the rest of the observation.
 */
export const rivalChain: Detector<RivalState> = defineDetector({
  name: "rival_chain",
  stateSchema,
  initial: () => ({
    last_tip: null,
    own: [],
    list_height: null,
    invalid: [],
    branches: [],
    headers: null,
    headers_away: false,
    peers: null,
    peers_away: false,
    groups: 0,
    ahead: 0,
    warnings: [],
  }),
  reduce(previous, observation, chain) {
    const state = advance(previous, observation, chain);
    return { state, findings: findingsOf(state, observation, chain) };
  },
  reduceUnwatched: (state, { tip }) => {
    const away = { ...state, headers_away: true, peers_away: true };
    const { last_tip } = state;
    if (tip === null || tip.hash === last_tip?.hash) return { state: away, findings: null };
    return { state: { ...away, ...tipsAfter(state, tip, tip.previous_hash) }, findings: null };
  },
  acknowledge: (state, findingId) => ({
    ...state,
    invalid: withoutInvalid(state.invalid, findingId),
  }),
});

function advance(
  previous: RivalState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): RivalState {
  const { tip, blocks, tips, warnings, restarted } = observation;
  const onto = (blocks[0] ?? tip).previous_hash;
  let state = previous;
  if (tip.hash !== previous.last_tip?.hash) {
    const { last_tip, own } = tipsAfter(previous, tip, onto);
    const invalid =
      previous.invalid.length === 0
        ? previous.invalid
        : withoutFollowed(previous.invalid, [...blocks, tip]);
    state = withTip(previous, { last_tip, own, invalid });
  }
  if (restarted === true) state = { ...state, headers_away: true, peers_away: true };
  if (tips.length > 0) state = withList(state, observation, chain);
  if (observation.best_header_height !== undefined) state = withHeaders(state, observation, chain);
  if (observation.peers !== undefined) state = withPeers(state, observation, chain);
  return warnings === undefined ? state : { ...state, warnings: warningsOf(warnings) };
}

/** Field by field: an object that is spread and added to costs more than all the rest, at each block. */
const withTip = (
  state: RivalState,
  { last_tip, own, invalid }: Pick<RivalState, "last_tip" | "own" | "invalid">,
): RivalState => ({
  last_tip,
  own,
  list_height: state.list_height,
  invalid,
  branches: state.branches,
  headers: state.headers,
  headers_away: state.headers_away,
  peers: state.peers,
  peers_away: state.peers_away,
  groups: state.groups,
  ahead: state.ahead,
  warnings: state.warnings,
});

/** The last tip after another one came, which stands on it where `onto` is its hash. */
function tipsAfter(
  { last_tip, own }: RivalState,
  { hash, height }: Link,
  onto: string,
): Pick<RivalState, "last_tip" | "own"> {
  const isOn = last_tip === null || onto === last_tip.hash;
  return {
    last_tip: { hash, height },
    own: isOn ? own : [...own, last_tip].slice(-MAX_OWN),
  };
}

function withList(
  state: RivalState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): RivalState {
  const { tips, tip, times } = observation;
  const entry = tips.find(({ status }) => status === "active") ?? tip;
  const work = "chainwork" in entry ? entry.chainwork : undefined;
  const chainwork = work ?? (entry.hash === tip.hash ? observation.chainwork : undefined);
  const active = { hash: entry.hash, height: entry.height, chainwork };
  const step: ListStep = { tips, active, last_height: state.list_height, own: state.own, times };
  return {
    ...state,
    list_height: active.height,
    invalid: advanceInvalid(state.invalid, step, chain),
    branches: advanceBranches(state.branches, step, chain),
  };
}

function withHeaders(
  state: RivalState,
  { tip, times, best_header_height = 0 }: Timed<WatchedObservation>,
  chain: ChainParameters,
): RivalState {
  // The common case: nothing is ahead.
  if (best_header_height <= tip.height && state.headers === null && !state.headers_away)
    return state;
  const step = {
    height: tip.height,
    goal: best_header_height,
    most_ms: times.most_ms,
    was_away: state.headers_away,
  };
  return { ...state, headers: advanceLag(state.headers, step, chain), headers_away: false };
}

function withPeers(
  state: RivalState,
  { tip, times, peers = [] }: Timed<WatchedObservation>,
  chain: ChainParameters,
): RivalState {
  const { groups, ahead, goal } = statementOf(peers, tip.height);
  const step = {
    height: tip.height,
    goal,
    most_ms: times.most_ms,
    was_away: state.peers_away,
  };
  const lag = advanceLag(state.peers, step, chain);
  const { peers: before, peers_away, groups: known, ahead: counted } = state;
  // The common case: as many groups as before, and none of them matters.
  const isSame = lag === null && before === null && groups === known && ahead === counted;
  if (isSame && !peers_away) return state;
  return { ...state, peers: lag, peers_away: false, groups, ahead };
}

function findingsOf(
  { invalid, branches, headers, peers, groups, ahead, warnings }: RivalState,
  { tip: { height } }: WatchedObservation,
  chain: ChainParameters,
): DetectorFinding[] {
  const isFollowed = headers === null && peers === null && warnings.length === 0;
  const isAlone = invalid.length === 0 && branches.every(({ reported }) => reported === null);
  // The common case: there is no other chain.
  if (isFollowed && isAlone) return [];
  return [
    ...invalidFindings(invalid, height),
    ...branchFindings(branches, height, chain),
    ...headerFindings(headers, height, chain),
    ...peerFindings(peers, { groups, ahead, goal: null }, height),
    ...warningFindings(warnings, height),
  ];
}
