/** The findings of a fleet: what only several nodes together show. */
import { SCALE } from "@dgb-shield/contract";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import type { DetectorFinding } from "../detectors/detector.js";
import { isBelow, softwareOf } from "../detectors/software-version.js";
import { isNotable, MAX_SEVERITY, severityOfReturnPeriod, significant } from "../stats/severity.js";
import { type Branch, rejects, type Split } from "./branches.js";
import { type NodeView, tipOf } from "./node-view.js";
import { counted } from "../internal/counted.js";

/** A finding and its name. */
export type FleetFinding = DetectorFinding & { detector: string };

/** Why nodes differ on what is valid. */
export const SPLIT_CAUSES = Object.freeze([
  "invalid_block",
  "retired_algorithm",
  "versions",
] as const);
export type SplitCause = (typeof SPLIT_CAUSES)[number];

/** A split that is going on. */
export type Episode = Readonly<{
  /** Its id: where the branches part, and the end of the other branch at first sight. */
  key: string;
  fork_height: number | null;
  /** When it began, on the fleet's running time. */
  since_ms: number;
  /** Why nodes differ on what is valid, once that was seen: it holds until they follow one chain again. */
  cause: SplitCause | null;
}>;

/** Time that a block takes to reach every node, in seconds: an assumption, far above what is measured. */
const PROPAGATION_SECONDS = 20;

/** Tips and nodes that the evidence of a finding names. */
const MAX_NAMED = 32;

/** How long two branches of different versions must stand apart to differ in rules, as a return period in years. */
const RULES_YEARS = 1_000;

const named = (nodes: readonly NodeView[]) =>
  nodes.slice(0, MAX_NAMED).map(({ node_id, software }) => ({ node_id, software }));

const sideOf = ({ tip, chainwork, nodes }: Branch, length: number) => ({
  ...{ tip_hash: tip.hash, tip_height: tip.height, length, chainwork },
  nodes: named(nodes),
});

/**
 * `tip_divergence`: nodes on different branches. Ordinary stale blocks part nodes as well: of N blocks a year,
 * N·r^d are branches of d blocks, and one that begins lasts longer than t seconds with about
 * exp(−t/(spacing + 20)), since the next block decides. Once one branch is longer, all nodes take it as soon as it has
 * reached them: k more blocks come before that with the probability (20/(spacing + 20))^k. Severity is the worst of what
 * the three return periods give. DigiByte: three blocks each 0.26; one block each 0.25 after 337 s. Litecoin: two
 * against six 0.27.
 */
export function divergenceOf(
  split: Split,
  episode: Episode,
  nowMs: number,
  chain: ChainParameters,
): FleetFinding[] {
  const { main, other, fork_height, main_length, other_length } = split;
  const depth = Math.min(main_length, other_length);
  const seconds = Math.max(0, nowMs - episode.since_ms) / 1_000;
  const perYear = blocksPerYear(chain);
  const byDepth = 1 / (perYear * chain.stale_rate ** depth);
  const lasting = Math.exp(-seconds / (chain.spacing_seconds + PROPAGATION_SECONDS));
  const byTime = 1 / (perYear * chain.stale_rate * lasting);
  const years = Math.max(byDepth, byTime, yearsOfLead(split, perYear, chain));
  const severity = severityOfReturnPeriod(years);
  // [FINDING tip_divergence] an honest chain parts its nodes so deep, so far or so long at most once a year
  if (!isNotable(severity)) return [];
  const place = fork_height === null ? "below what is known" : `above height ${fork_height}`;
  return [
    {
      detector: "tip_divergence",
      finding_id: `tip_divergence:${episode.key}`,
      severity,
      summary: `${counted(other.nodes.length, "node")} ${other.nodes.length === 1 ? "follows" : "follow"} another branch ${place}: ${counted(other_length, "block")} against ${main_length}, for ${Math.floor(seconds)} s`,
      height: main.tip.height,
      latched: false,
      evidence: {
        fork_height,
        main: sideOf(main, main_length),
        other: sideOf(other, other_length),
        seconds: Math.floor(seconds),
        false_alarm_years: significant(years),
      },
    },
  ];
}

/** Return period of a branch that is so many blocks longer before it reaches the other nodes; 0 while they catch up. */
function yearsOfLead(
  { main, other, main_length, other_length }: Split,
  perYear: number,
  { spacing_seconds, stale_rate }: ChainParameters,
): number {
  const isKeepingUp = other.nodes.some((node) => node.is_watched && !node.is_catching_up);
  const lead = main.tip.height - other.tip.height;
  if (!isKeepingUp || other_length === 0 || lead !== main_length - other_length) return 0;
  const more = PROPAGATION_SECONDS / (PROPAGATION_SECONDS + spacing_seconds);
  return 1 / (perYear * stale_rate * more ** Math.max(0, lead));
}

/**
 * A node that stays behind on the same branch though others have gone on: with n nodes a block is still missing
 * at one of them after t seconds about n·N·exp(−t/20) times a year. DigiByte, three nodes: 0.25 after 313 s.
 */
export function laggingOf(
  branch: Branch,
  count: number,
  nowMs: number,
  chain: ChainParameters,
): FleetFinding[] {
  return branch.nodes.flatMap((node) => {
    const tip = tipOf(node);
    const missing = branch.tip.height - (tip?.height ?? 0);
    const next = branch.leader.moved_ms;
    if (missing === 0 || node.is_catching_up || !node.is_watched) return [];
    // From when it stopped, but not from before others had more.
    const seconds =
      Math.max(0, Math.min(nowMs - node.moved_ms, nowMs - next + gapMs(missing, chain))) / 1_000;
    const perYear = count * blocksPerYear(chain) * Math.exp(-seconds / PROPAGATION_SECONDS);
    const severity = severityOfReturnPeriod(1 / perYear);
    // [FINDING node_behind] a block takes so long to reach a node at most once a year
    if (!isNotable(severity)) return [];
    return [
      {
        detector: "node_behind",
        finding_id: `node_behind:${node.node_id}:${tip?.height ?? 0}`,
        severity,
        summary: `${node.node_id} stays ${counted(missing, "block")} behind the other nodes for ${Math.floor(seconds)} s`,
        height: branch.tip.height,
        latched: false,
        evidence: {
          ...{ node_id: node.node_id, software: node.software, missing },
          ...{ tip_height: tip?.height ?? 0, seconds: Math.floor(seconds) },
        },
      },
    ];
  });
}

/** About how long ago the first of so many blocks was found. */
const gapMs = (blocks: number, chain: ChainParameters): number =>
  (blocks - 1) * chain.spacing_seconds * 1_000;

/**
 * `rule_split`: nodes that differ on what is valid. Certain where a node calls a block invalid that another one
 * follows, or where one side has a block of a retired algorithm that the other does not follow. Where the
 * versions part exactly as the branches do, it is taken to be so once an honest split of the same versions
 * would last so long less than once in 1,000 years. Critical.
 */
export function ruleSplitOf(split: Split, episode: Episode): FleetFinding[] {
  const { main, other, fork_height } = split;
  const { cause } = episode;
  // [FINDING rule_split] nodes differ on which blocks are valid
  if (cause === null) return [];
  const isByVersion = partsVersions(main, other);
  const versions = isByVersion
    ? `${versionsOf(main)} accept what ${versionsOf(other)} do not, or the other way round`
    : "their versions do not tell them apart";
  return [
    {
      detector: "rule_split",
      finding_id: `rule_split:${episode.key}`,
      severity: MAX_SEVERITY,
      summary: `nodes differ on what is valid above height ${fork_height ?? "(unknown)"}: ${versions}`,
      height: main.tip.height,
      latched: false,
      evidence: {
        ...{ cause, fork_height, differ_by_version: isByVersion },
        main: sideOf(main, split.main_length),
        other: sideOf(other, split.other_length),
      },
    },
  ];
}

/**
 * `node_outdated`: a node that follows another branch than nodes of the same program, and whose version is below all of
 * theirs, while that split is a finding. 0.25: it names what to upgrade; the split itself is judged elsewhere, and no
 * split is found without it. What a version must be by the calendar is `flag_day`.
 */
export function outdatedOf({ main, other }: Split): FleetFinding[] {
  return [...outdatedBeside(main, other), ...outdatedBeside(other, main)];
}

function outdatedBeside({ nodes, tip }: Branch, beside: Branch): FleetFinding[] {
  const others = beside.nodes.map(({ software }) => softwareOf(software ?? ""));
  return nodes.flatMap(({ node_id, software }) => {
    const own = softwareOf(software ?? "");
    const isOlder =
      own !== undefined &&
      others.every((one) => one?.program === own.program && isBelow(own.version, one.version));
    // [FINDING node_outdated] a node that is older than all on the other branch
    if (!isOlder) return [];
    const versions = [...new Set(others.map((one) => one?.version ?? ""))].slice(0, MAX_NAMED);
    return [
      {
        detector: "node_outdated",
        finding_id: `node_outdated:${node_id}`,
        severity: SCALE.elevated,
        summary: `${node_id} runs ${own.version} and follows another branch than nodes of ${versions.join(", ")}: upgrade it`,
        height: tip.height,
        latched: false,
        evidence: { node_id, software, version: own.version, others: versions },
      },
    ];
  });
}

/** Why the nodes of a split differ on what is valid; null where nothing shows that they do. */
export function causeOf(
  { main, other, fork_height }: Split,
  { since_ms }: Pick<Episode, "since_ms">,
  nowMs: number,
  { chain, retiredOn }: Readonly<{ chain: ChainParameters; retiredOn: ReadonlySet<string> }>,
): SplitCause | null {
  const isRejected = (side: Branch, follower: Branch): boolean =>
    side.nodes.some((node) => rejects(node, follower.leader));
  if (isRejected(main, other) || isRejected(other, main)) return "invalid_block";
  const hasRetired = (side: Branch): boolean =>
    side.nodes.some(({ node_id }) => retiredOn.has(node_id));
  if (hasRetired(main) !== hasRetired(other)) return "retired_algorithm";
  const seconds = Math.max(0, nowMs - since_ms) / 1_000;
  const lasting = Math.exp(-seconds / (chain.spacing_seconds + PROPAGATION_SECONDS));
  const years = 1 / (blocksPerYear(chain) * chain.stale_rate * lasting);
  const isDecided = fork_height === null || main.tip.height > other.tip.height;
  return isDecided && years >= RULES_YEARS && partsVersions(main, other) ? "versions" : null;
}

/** Whether no version is on both sides, and all are known. */
function partsVersions(main: Branch, other: Branch): boolean {
  const [a, b] = [main, other].map(({ nodes }) => new Set(nodes.map(({ software }) => software)));
  if (a === undefined || b === undefined || a.has(null) || b.has(null)) return false;
  return [...a].every((software) => !b.has(software));
}

const versionsOf = ({ nodes }: Branch): string =>
  [...new Set(nodes.map(({ software }) => software ?? "unknown"))].slice(0, 4).join(", ");

/** Ordinary silences of a node a year: two restarts a month, as `node_unreachable` assumes. */
const SILENCES_PER_YEAR = 24;

/** Nodes that fell silent within this time fell silent together. */
const TOGETHER_MS = 300_000;

const MS_PER_YEAR = 31_557_600_000;

/**
 * `nodes_down_together`: k of n nodes fell silent within five minutes of each other. Each falls silent 24 times
 * a year by itself, so that k do together about C(n, k)·24·(24·300 s/year)^(k − 1) times: of three nodes two 0.0164
 * times (0.46), all three never in a million years (0.99).
 */
export function downTogetherOf(nodes: readonly NodeView[], height: number): FleetFinding[] {
  const down = nodes.flatMap(({ node_id, down_ms }) =>
    down_ms === null ? [] : [{ node_id, down_ms }],
  );
  const newest = Math.max(...down.map(({ down_ms }) => down_ms));
  const together = largestWindow(down.map(({ down_ms }) => down_ms));
  if (together < 2) return [];
  const each = SILENCES_PER_YEAR * (TOGETHER_MS / MS_PER_YEAR);
  const perYear = choose(nodes.length, together) * SILENCES_PER_YEAR * each ** (together - 1);
  const severity = Math.max(SCALE.elevated, severityOfReturnPeriod(1 / perYear));
  // [FINDING nodes_down_together] several nodes fell silent within five minutes
  return [
    {
      detector: "nodes_down_together",
      finding_id: `nodes_down_together:${newest}`,
      severity,
      summary: `${together} of ${nodes.length} nodes fell silent within ${TOGETHER_MS / 60_000} minutes`,
      height,
      latched: false,
      evidence: {
        nodes: down.slice(0, MAX_NAMED).map(({ node_id }) => node_id),
        false_alarm_years: significant(1 / perYear),
      },
    },
  ];
}

function largestWindow(times: readonly number[]): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at - from <= TOGETHER_MS).length),
  );
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1);
  return ways;
}
