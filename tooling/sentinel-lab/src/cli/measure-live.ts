/** Measures live chains: honest kinds and attacks, part by part. */
import { assessLiveAttack } from "../quality/live-attack.js";
import { assessLiveHonest, MONTH_S } from "../quality/live-honest.js";
import type { LiveReport } from "../quality/live-report.js";
import { type LiveRun, liveRun } from "../quality/live-run.js";
import { tradeOffs } from "../quality/trade-off.js";
import type { Conditions } from "../simulation/live/conditions.js";
import { HONEST_KINDS, type HonestKind } from "../simulation/live/honest-kinds.js";
import { LIVE_ATTACKS, type LiveAttack } from "../simulation/live/live-attacks.js";
import { liveObservations } from "../simulation/live/live-scenario.js";
import { conditionsOf, type SeedSet } from "../simulation/live/sets.js";
import type { Parts } from "./parts.js";
import type { Progress } from "./progress.js";

/** What is measured. */
export type LiveOptions = Readonly<{
  set: SeedSet;
  /** Honest months of each kind. */
  months: number;
  /** Runs of each attack. */
  runs: number;
  /** Names of kinds and attacks; empty: all. */
  only: readonly string[];
}>;

/** Months of one part: each begins with baselines that know nothing, as a new node does. */
const PART_MONTHS = 12;

/** Share of a part, from its begin, in which each block is an observation; after it a poll each minute is. */
const LONG_POLL_SHARE = 1 / 8;

type Part = Readonly<{ name: string; of: string; blocks: number; run: () => LiveRun }>;

/**
 * Measures everything that is not known yet.
 *
 * @returns the report over all parts that are known, and how many are missing
 */
export function measureLive(
  options: LiveOptions,
  parts: Parts,
  progress: Progress,
): { report: LiveReport; missing: number } {
  const isWanted = ({ name }: { name: string }): boolean =>
    options.only.length === 0 || options.only.includes(name);
  const kinds = options.months > 0 ? HONEST_KINDS.filter(isWanted) : [];
  const attacks = options.runs > 0 ? LIVE_ATTACKS.filter(isWanted) : [];
  const planned = [
    ...kinds.flatMap((kind) => honestParts(kind, options)),
    ...attacks.flatMap((attack) => attackParts(attack, options)),
  ];
  const total = planned.reduce((sum, { blocks }) => sum + blocks, 0);
  const runs = new Map<string, LiveRun[]>();
  let [before, missing] = [0, 0];
  for (const { name, of, blocks, run } of planned) {
    progress.move(before / total, name);
    const found = parts.take(name, run);
    if (found === undefined) missing++;
    else runs.set(of, [...(runs.get(of) ?? []), found]);
    before += blocks;
  }
  progress.end();
  return { report: reportOf(options, { kinds, attacks }, runs), missing };
}

function reportOf(
  { set }: LiveOptions,
  { kinds, attacks }: Readonly<{ kinds: HonestKind[]; attacks: LiveAttack[] }>,
  runs: ReadonlyMap<string, LiveRun[]>,
): LiveReport {
  const known = (one: Readonly<{ name: string }>): boolean => runs.has(one.name);
  return {
    version: 1,
    set: set.name,
    honest: kinds.filter(known).map((kind) => assessLiveHonest(kind, runs.get(kind.name) ?? [])),
    attacks: attacks
      .filter(known)
      .map((attack) => assessLiveAttack(attack, runs.get(attack.name) ?? [])),
    trade_offs: tradeOffs(runs, runs),
  };
}

function honestParts(kind: HonestKind, { set, months }: LiveOptions): Part[] {
  const { chain } = kind.conditions;
  const count = Math.ceil(months / PART_MONTHS);
  return Array.from({ length: count }, (_, i) => {
    const seed = set.firstSeed + i;
    const blocks = Math.round(((months / count) * MONTH_S) / chain.spacing_seconds);
    const conditions = watchedBy(kind.conditions, blocks);
    return {
      name: `${kind.name}-${set.name}-${seed}-${blocks}`,
      of: kind.name,
      blocks,
      run: () =>
        liveRun(liveObservations(conditionsOf(conditions, set), { seed, blocks }), { chain }),
    };
  });
}

function watchedBy(conditions: Conditions, blocks: number): Conditions {
  const longPollBlocks = Math.ceil(blocks * LONG_POLL_SHARE);
  return { ...conditions, observing: { ...conditions.observing, longPollBlocks } };
}

function attackParts(attack: LiveAttack, { set, runs }: LiveOptions): Part[] {
  const { conditions, before, after, changes, events, peersFollow } = attack;
  const blocks = before + after;
  return Array.from({ length: runs }, (_, i) => {
    const seed = set.firstSeed + i;
    const options = { seed, blocks, changes, events, peersFollow };
    return {
      name: `${attack.name}-${set.name}-${seed}-${blocks}`,
      of: attack.name,
      blocks,
      run: () =>
        liveRun(liveObservations(conditionsOf(conditions, set), options), {
          chain: conditions.chain,
        }),
    };
  });
}
