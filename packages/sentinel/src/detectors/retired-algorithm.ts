/** Detector `retired_algorithm`: a block mined by an algorithm that is not active (design: layer 1). */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { algorithmBits, algorithmOf, type ChainParameters, isActiveAt } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding } from "./detector.js";
import { type BlockHeader, headersOf, type Observation } from "../observation/observation.js";
import { MAX_SEVERITY } from "../stats/severity.js";
import { counted } from "../internal/counted.js";

/** Most episodes kept, of which 16 can be open; beyond them the oldest acknowledged one is dropped. */
const MAX_EPISODES = 32;

const episodeSchema = z.strictObject({
  finding_id: z.string(),
  algorithm: z.string(),
  bits: z.int(),
  first_height: heightSchema,
  first_hash: hash256Schema,
  last_height: heightSchema,
  blocks: z.int().min(1),
  acknowledged: z.boolean(),
});
type Episode = z.infer<typeof episodeSchema>;

const stateSchema = z.strictObject({
  last_hash: hash256Schema.nullable(),
  episodes: z.array(episodeSchema),
  /** Such blocks among those that a syncing node has back-filled. */
  history: z
    .strictObject({ first_height: heightSchema, last_height: heightSchema, blocks: z.int().min(1) })
    .nullable(),
});
type RetiredState = z.infer<typeof stateSchema>;

/**
 * Finds blocks whose algorithm bits are not active at their height, or not known at all. An honest
 * chain has none, so there are no false alarms: 0.99, critical, at the first such block. The finding is
 * latched: it stays, and counts blocks of those bits, until an operator acknowledges it; the next such block is
 * a new one. While an operator tolerates the algorithm (`tolerate`) it is active here up to the order's height.
 * Those that a syncing node back-fills are history: one finding of severity 0, while it syncs.
 * It does not run on a chain without algorithms. (DigiByte, 28 June 2026: Groestl at 23,751,096.)
 */
export const retiredAlgorithm: Detector<RetiredState> = defineDetector({
  name: "retired_algorithm",
  stateSchema,
  initial: () => ({ last_hash: null, episodes: [], history: null }),
  reduce(previous, observation, chain) {
    // What an operator tolerates now is over.
    let episodes =
      previous.episodes.length === 0
        ? previous.episodes
        : previous.episodes.filter((one) => !isActive(chain, one.bits, one.first_height));
    for (const header of headersOf(observation)) {
      // [FINDING retired_algorithm] the block's algorithm is unknown, or not active at its height
      if (header.hash === previous.last_hash || isAllowed(chain, header)) continue;
      episodes = withBlock(episodes, header, chain);
    }
    const state = { last_hash: observation.tip.hash, episodes, history: null };
    return { state, findings: episodes.map(findingOf) };
  },
  reduceUnwatched(previous, observation, chain) {
    if (!observation.syncing || !observation.reachable) return { state: previous, findings: null };
    const history = withHistory(previous.history, observation, chain);
    if (history === null) return { state: previous, findings: null };
    const findings = [...previous.episodes.map(findingOf), historyFinding(history)];
    return { state: { ...previous, history }, findings };
  },
  acknowledge: (state, findingId) => ({
    ...state,
    episodes: state.episodes.map((episode) =>
      episode.finding_id === findingId ? { ...episode, acknowledged: true } : episode,
    ),
  }),
  appliesTo: (chain) => chain.algorithms.length > 0,
});

const isAllowed = (chain: ChainParameters, { version, height }: BlockHeader): boolean =>
  isActive(chain, algorithmBits(version), height);

function isActive({ algorithms }: ChainParameters, bits: number, height: number): boolean {
  for (const algorithm of algorithms) {
    if (algorithm.bits === bits) return isActiveAt(algorithm, height);
  }
  return false;
}

function withBlock(episodes: Episode[], header: BlockHeader, chain: ChainParameters): Episode[] {
  const bits = algorithmBits(header.version);
  const open = episodes.findIndex((one) => !one.acknowledged && one.bits === bits);
  if (open === -1) return bounded([...episodes, begin(episodes, header, chain)]);
  return episodes.map((episode, i) =>
    i === open ? { ...episode, last_height: header.height, blocks: episode.blocks + 1 } : episode,
  );
}

function begin(episodes: Episode[], header: BlockHeader, chain: ChainParameters): Episode {
  const id = `retired_algorithm:${header.height}`;
  // After a reorganisation the same height can offend twice; the second must not pass for the first.
  const isTaken = episodes.some(({ finding_id }) => finding_id === id);
  return {
    finding_id: isTaken ? `${id}:${header.hash.slice(-16)}` : id,
    algorithm: algorithmOf(chain, header.version)?.name ?? "unknown",
    bits: algorithmBits(header.version),
    first_height: header.height,
    first_hash: header.hash,
    last_height: header.height,
    blocks: 1,
    acknowledged: false,
  };
}

function bounded(episodes: Episode[]): Episode[] {
  if (episodes.length <= MAX_EPISODES) return episodes;
  const over = episodes.findIndex(({ acknowledged }) => acknowledged);
  return episodes.filter((_, i) => i !== over);
}

function findingOf(episode: Episode): DetectorFinding {
  const { finding_id, algorithm, bits, first_height, first_hash, last_height, blocks } = episode;
  return {
    finding_id,
    severity: MAX_SEVERITY,
    summary: `${algorithm} (bits ${bits}) is not active at height ${first_height}; ${counted(blocks, "such block")} so far`,
    height: first_height,
    latched: true,
    evidence: { algorithm, bits, first_height, first_hash, last_height, blocks },
  };
}

function withHistory(
  history: RetiredState["history"],
  { blocks }: Observation,
  chain: ChainParameters,
): RetiredState["history"] {
  const offending = blocks.filter((header) => !isAllowed(chain, header));
  const [first] = offending;
  if (first === undefined) return history;
  return {
    first_height: history?.first_height ?? first.height,
    last_height: offending.at(-1)?.height ?? first.height,
    blocks: (history?.blocks ?? 0) + offending.length,
  };
}

const historyFinding = (history: NonNullable<RetiredState["history"]>): DetectorFinding => ({
  finding_id: `retired_algorithm:history:${history.first_height}`,
  severity: 0,
  summary: `${counted(history.blocks, "back-filled block")} of an algorithm that was not active at their height`,
  height: history.last_height,
  latched: false,
  evidence: { historic: true, ...history },
});
