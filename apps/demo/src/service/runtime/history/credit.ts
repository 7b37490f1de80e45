/** Says up to which block deposits can be credited: what all own nodes share, below every branch that still counts. */
import {
  type Finding,
  isWorseLevel,
  levelOfScore,
  type SentinelReport,
} from "@dgb-shield/contract";
import type { FleetReport } from "@dgb-shield/sentinel";
import type { Credit, SideTip } from "../../service.js";

/** Blocks that a side tip may be below the best one and still overtake it, so that it counts. */
const LIVING_BLOCKS = 6;

/** What the height follows from. */
export type CreditFacts = Readonly<{
  together: FleetReport | null;
  reports: readonly SentinelReport[];
  /** Null where another process watches the nodes. */
  tips: readonly SideTip[] | null;
  /** Names of own nodes with a fresh report, and how many there must be. */
  fresh: ReadonlySet<string>;
  min_fresh_nodes: number;
}>;

type Bound = Readonly<{ height: number; reason: string }>;

/** The highest block that every own node with a fresh report has, on the only chain there is up to it. What is not known bounds it. */
export function creditOf(facts: CreditFacts): Credit {
  const { together, reports, tips, fresh, min_fresh_nodes } = facts;
  const [main, ...others] = together?.branches ?? [];
  if (main === undefined) return none("no own node has shown a chain yet");
  if (fresh.size < min_fresh_nodes) {
    return none(
      `${fresh.size} of ${min_fresh_nodes} own nodes that are required have a fresh report`,
    );
  }
  if (tips === null) return none("another process watches the nodes: read it there");
  const nodes = main.nodes.filter(({ node_id, is_watched }) => is_watched && fresh.has(node_id));
  if (nodes.length === 0) return none("no own node on the chain of most work has a fresh report");
  if (others.some(({ fork_height }) => fork_height === null)) {
    return none("the nodes follow different chains, and where these part is not known");
  }
  const unknownTip = tips.find((tip) => isLiving(tip, main.tip_height) && tip.fork_height === null);
  if (unknownTip !== undefined) {
    return none(`where the branch up to block ${unknownTip.height} begins is not known`);
  }
  const severe = [
    ...reports.flatMap(({ findings }) => findings),
    ...(together?.findings ?? []),
  ].filter(({ severity }) => isWorseLevel(levelOfScore(severity), "elevated"));
  const unplaced = severe.find((finding) => beginningOf(finding) === null);
  if (unplaced !== undefined) {
    return none(`${nameOf(unplaced)} has found what may concern every block, and is not over`);
  }
  const lowest = Math.min(...nodes.map(({ height }) => height));
  const bounds: Bound[] = [
    {
      height: lowest,
      reason: "every own node with a fresh report has it, and no other branch lives",
    },
    ...others.map(({ fork_height, nodes: apart }) => ({
      height: fork_height ?? 0,
      reason: `above it ${apart.map(({ node_id }) => node_id).join(", ")} follow${apart.length === 1 ? "s" : ""} another chain`,
    })),
    ...tips.flatMap((tip) => boundOfTip(tip, main.tip_height)),
    ...severe.map((finding) => ({
      height: beginningOf(finding) ?? 0,
      reason: `above it is what ${nameOf(finding)} has found`,
    })),
  ];
  return bounds.reduce((least, bound) => (bound.height < least.height ? bound : least));
}

const none = (reason: string): Credit => ({ height: null, reason });

const nameOf = ({ detector }: Finding): string => detector.replaceAll("_", " ");

const isLiving = ({ height }: SideTip, best: number): boolean => height >= best - LIVING_BLOCKS;

function boundOfTip(tip: SideTip, best: number): Bound[] {
  const { height, fork_height, status } = tip;
  if (fork_height === null || !isLiving(tip, best)) return [];
  const what = status === "invalid" ? "that is refused" : "that can still overtake it";
  return [
    { height: fork_height, reason: `above it there is a branch ${what}, up to block ${height}` },
  ];
}

/** The last block before what a finding is about; null where it names none. */
function beginningOf({ evidence }: Finding): number | null {
  const { fork_height, first_height } = evidence;
  const heights = [
    ...(typeof fork_height === "number" ? [fork_height] : []),
    ...(typeof first_height === "number" ? [first_height - 1] : []),
  ];
  return heights.length === 0 ? null : Math.max(0, Math.min(...heights));
}
