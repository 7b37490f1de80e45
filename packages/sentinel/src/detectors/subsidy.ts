/** Detector `subsidy`: a block that creates more than it may (design: layer 1). */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding } from "./detector.js";
import type { BlockDetail } from "../observation/observation.js";
import { MAX_SEVERITY } from "../stats/severity.js";
import { counted } from "../internal/counted.js";

/** Blocks over which the most that was claimed is taken, and as many before them. */
const WINDOW_BLOCKS = 2_880;

/** Blocks that must have been seen before anything is compared with them. */
const MIN_BLOCKS = 240;

/** Of these, how many must have claimed the most: by then it is the subsidy, and not one miner's mistake. */
const MIN_AT_MOST = 24;

/** Halvings after which nothing is left: Bitcoin Core's. */
const MAX_HALVINGS = 64;

/** Most episodes that are kept; beyond them the oldest acknowledged one is dropped. */
const MAX_EPISODES = 16;

const episodeSchema = z.strictObject({
  finding_id: z.string(),
  first_height: heightSchema,
  first_hash: hash256Schema,
  /** What the first block claimed beside its fees, and the most that it may. */
  claimed: z.int(),
  allowed: z.int().min(0),
  last_height: heightSchema,
  blocks: z.int().min(1),
  acknowledged: z.boolean(),
});
type Episode = z.infer<typeof episodeSchema>;

/** The most that blocks of a stretch claimed beside their fees, and how many claimed as much. */
const stretchSchema = z.strictObject({
  blocks: z.int().min(0),
  most: z.int(),
  at_most: z.int().min(0),
});
type Stretch = z.infer<typeof stretchSchema>;

const stateSchema = z.strictObject({
  last_hash: hash256Schema.nullable(),
  now: stretchSchema,
  before: stretchSchema,
  episodes: z.array(episodeSchema),
});
type SubsidyState = z.infer<typeof stateSchema>;

const NO_BLOCKS: Stretch = Object.freeze({ blocks: 0, most: 0, at_most: 0 });

/**
 * Finds a coinbase that pays more than subsidy and fees. Where the chain's table has the schedule, it is compared
 * with that. Elsewhere with what other blocks claimed: a subsidy may only fall, so that no block may claim more
 * beside its fees than the subsidy of any block before it, which is the most that was claimed in the last 2,880
 * to 5,760 blocks, once 240 were seen and 24 claimed exactly that. Less may be claimed, and when the
 * subsidy falls (DigiByte: 1 % a month) the most of the blocks before stands for a while: the rule is late then by
 * 1 %, and never early.
 *
 * False alarms: none on the schedule. By comparison one would take 24 blocks that claim too little by the same
 * amount and none among 240 that claims all. 0.99, at the first block; latched until an operator acknowledges
 * it, also where the block is reorganised away: the node took it for valid.
 */
export const subsidy: Detector<SubsidyState> = defineDetector({
  name: "subsidy",
  stateSchema,
  initial: () => ({ last_hash: null, now: NO_BLOCKS, before: NO_BLOCKS, episodes: [] }),
  reduce(previous, { details = [] }, chain) {
    let state = previous;
    for (const detail of details) {
      if (detail.hash !== state.last_hash) state = withBlock(state, detail, chain);
    }
    return { state, findings: state.episodes.map(findingOf) };
  },
  hasEvidence: ({ details }) => details !== undefined,
  acknowledge: (state, findingId) => ({
    ...state,
    episodes: state.episodes.map((episode) =>
      episode.finding_id === findingId ? { ...episode, acknowledged: true } : episode,
    ),
  }),
});

function withBlock(state: SubsidyState, detail: BlockDetail, chain: ChainParameters): SubsidyState {
  const claimed = detail.coinbase_value - detail.fees;
  const allowed = allowedAt(state, detail.height, chain);
  const last_hash = detail.hash;
  // [FINDING subsidy] a block creates more than the subsidy
  if (allowed !== undefined && claimed > allowed) {
    const episodes = withOffence(state.episodes, { detail, claimed, allowed });
    return { ...state, last_hash, episodes };
  }
  const { now, before, episodes } = state;
  // Field by field: a spread costs more than all the rest, at each block.
  return now.blocks < WINDOW_BLOCKS
    ? { last_hash, now: withClaim(now, claimed), before, episodes }
    : { last_hash, now: withClaim(NO_BLOCKS, claimed), before: now, episodes };
}

/** The most that a block may claim beside its fees; undefined where that is not known yet. */
function allowedAt(
  { now, before }: SubsidyState,
  height: number,
  { subsidy: schedule }: ChainParameters,
): number | undefined {
  if (schedule !== undefined) {
    const halvings = Math.floor(height / schedule.halving_blocks);
    return halvings >= MAX_HALVINGS ? 0 : Math.floor(schedule.initial / 2 ** halvings);
  }
  const most = Math.max(now.most, before.most);
  const atMost =
    (now.most === most ? now.at_most : 0) + (before.most === most ? before.at_most : 0);
  return now.blocks + before.blocks < MIN_BLOCKS || atMost < MIN_AT_MOST ? undefined : most;
}

function withClaim({ blocks, most, at_most }: Stretch, claimed: number): Stretch {
  const isMore = blocks === 0 || claimed > most;
  return {
    blocks: blocks + 1,
    most: isMore ? claimed : most,
    at_most: isMore ? 1 : at_most + (claimed === most ? 1 : 0),
  };
}

type Offence = Readonly<{ detail: BlockDetail; claimed: number; allowed: number }>;

function withOffence(episodes: Episode[], { detail, claimed, allowed }: Offence): Episode[] {
  const { height, hash } = detail;
  const open = episodes.findIndex(({ acknowledged }) => !acknowledged);
  if (open !== -1) {
    return episodes.map((episode, i) =>
      i === open ? { ...episode, last_height: height, blocks: episode.blocks + 1 } : episode,
    );
  }
  const id = `subsidy:${height}`;
  // After a reorganisation the same height can offend twice; the second must not pass for the first.
  const isTaken = episodes.some(({ finding_id }) => finding_id === id);
  const episode = {
    finding_id: isTaken ? `${id}:${hash.slice(-16)}` : id,
    first_height: height,
    first_hash: hash,
    claimed,
    allowed,
    last_height: height,
    blocks: 1,
    acknowledged: false,
  };
  return [...episodes, episode].slice(-MAX_EPISODES);
}

function findingOf({ finding_id, ...episode }: Episode): DetectorFinding {
  const { first_height, first_hash, claimed, allowed, last_height, blocks } = episode;
  return {
    finding_id,
    severity: MAX_SEVERITY,
    summary: `the block at height ${first_height} claims ${claimed} beside its fees, of which ${allowed} are the most that it may; ${counted(blocks, "such block")} so far`,
    height: first_height,
    latched: true,
    evidence: { first_height, first_hash, claimed, allowed, last_height, blocks },
  };
}
