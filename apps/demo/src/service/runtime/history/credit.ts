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
  tips: readonly SideTip[];
  /** Names of own nodes with a fresh report. */
  fresh: ReadonlySet<string>;
}>;

type Bound = Readonly<{ height: number; reason: string }>;

/** The highest block that every own node with a fresh report has, on the only chain there is up to it. */
export function creditOf({ together, reports, tips, fresh }: CreditFacts): Credit {
  const [main, ...others] = together?.branches ?? [];
  if (main === undefined) return none("no own node has shown a chain yet");
  const nodes = main.nodes.filter(({ node_id, is_watched }) => is_watched && fresh.has(node_id));
  if (nodes.length === 0) return none("no own node on the chain of most work has a fresh report");
  if (others.some(({ fork_height }) => fork_height === null)) {
    return none("the nodes follow different chains, and where these part is not known");
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
    ...[...reports.flatMap(({ findings }) => findings), ...(together?.findings ?? [])].flatMap(
      boundOfFinding,
    ),
  ];
  return bounds.reduce((least, bound) => (bound.height < least.height ? bound : least));
}

const none = (reason: string): Credit => ({ height: null, reason });

function boundOfTip({ height, fork_height, status }: SideTip, best: number): Bound[] {
  if (fork_height === null || height < best - LIVING_BLOCKS) return [];
  const what = status === "invalid" ? "that is refused" : "that can still overtake it";
  return [
    { height: fork_height, reason: `above it there is a branch ${what}, up to block ${height}` },
  ];
}

/** A severe finding about the chain itself names where it begins. */
function boundOfFinding({ severity, detector, evidence }: Finding): Bound[] {
  if (!isWorseLevel(levelOfScore(severity), "elevated")) return [];
  const { fork_height, first_height } = evidence;
  const heights = [
    ...(typeof fork_height === "number" ? [fork_height] : []),
    ...(typeof first_height === "number" ? [first_height - 1] : []),
  ];
  if (heights.length === 0) return [];
  const height = Math.max(0, Math.min(...heights));
  return [{ height, reason: `above it is what ${detector.replaceAll("_", " ")} has found` }];
}
