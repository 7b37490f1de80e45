/** Lays out branches and side tips as lanes: the chain of most work first, each other one from where it parts. */
import { hierarchy } from "d3-hierarchy";
import type { Branch, SideTip } from "../model.js";

/** What a lane is. `refused`: some node calls it invalid. `side`: known, and followed by no own node. */
export type LaneKind = "best" | "branch" | "refused" | "side";

/** One branch, from where it parts to its tip. */
export type Lane = Readonly<{
  /** A, B, …, Z, A1, … */
  key: string;
  kind: LaneKind;
  hash: string;
  tip_height: number;
  /** Last block shared with the best chain; null for that one, and where it is not known. */
  fork_height: number | null;
  /** Own nodes that follow it and their heights; of a side tip those that know it. */
  nodes: readonly Readonly<{ node_id: string; height: number; is_watched: boolean }>[];
  /** As `getchaintips` names it; of a branch that is followed `active`. */
  status: string;
  /** Place from the top, from 0. */
  row: number;
  /** From 0 (left) to 1. */
  from: number;
  to: number;
}>;

/** Branches as lanes. */
export type Layout = Readonly<{ lanes: readonly Lane[]; left_out: number }>;

type Part = Readonly<{
  height: number;
  lane?: Omit<Lane, "row" | "from" | "to" | "key">;
  children?: Part[];
}>;

/** Lanes that are laid out at most: those that are followed first, then those that are refused, then the highest. */
export const MAX_LANES = 12;

/** Lays out; `most` bounds the lanes. */
export function layOut(
  branches: readonly Branch[],
  tips: readonly SideTip[],
  most = MAX_LANES,
): Layout {
  const [best, ...others] = branches;
  if (best === undefined) return { lanes: [], left_out: 0 };
  const all = [...others.map(ofBranch), ...tips.map(ofTip)].sort(mostTelling);
  const shown = all.slice(0, Math.max(0, most - 1));
  const root = hierarchy<Part>(trunkOf({ ...ofBranch(best), kind: "best" }, shown));
  const places = new Map(
    [best.tip_hash, ...shown.map(({ hash }) => hash)].map((hash, row) => [hash, row]),
  );
  const heights = root.descendants().map(({ data }) => data.height);
  const [low, top] = [Math.min(...heights), Math.max(...heights)];
  const place = (height: number): number => placeOf(height, low, top);
  const lanes = root.leaves().flatMap((leaf): Lane[] => {
    const { lane } = leaf.data;
    if (lane === undefined) return [];
    const row = places.get(lane.hash) ?? 0;
    const parts =
      lane.fork_height ?? (lane.kind === "best" ? low : Math.max(low, lane.tip_height - 1));
    return [
      {
        ...lane,
        row,
        key: keyOf(row),
        from: lane.kind === "best" ? 0 : place(parts),
        to: place(lane.tip_height),
      },
    ];
  });
  return { lanes: lanes.sort((a, b) => a.row - b.row), left_out: all.length - shown.length };
}

/**
 * Makes the tree: a trunk with a node at each height where branches part, the trunk's own tip first. Branches whose
 * fork is not known hang at its beginning.
 */
function trunkOf(
  best: NonNullable<Part["lane"]>,
  others: readonly NonNullable<Part["lane"]>[],
): Part {
  const known = others.flatMap(({ fork_height }) => (fork_height === null ? [] : [fork_height]));
  const low = Math.min(best.tip_height, ...known, ...others.map((one) => one.tip_height)) - 1;
  const forks = [...new Set([low, ...known])].sort((a, b) => a - b);
  const tip: Part = { height: best.tip_height, lane: best };
  return forks.reduceRight<Part>((above, fork) => {
    const parting = others.filter((one) => (one.fork_height ?? low) === fork);
    const leaves = parting.map((lane): Part => ({ height: lane.tip_height, lane }));
    return { height: fork, children: [above, ...leaves] };
  }, tip);
}

const ofBranch = ({ tip_hash, tip_height, fork_height, nodes }: Branch) => ({
  ...{ hash: tip_hash, tip_height, fork_height, nodes },
  kind: "branch" as LaneKind,
  status: "active",
});

const ofTip = ({ hash, height, fork_height, status, nodes }: SideTip) => ({
  ...{ hash, tip_height: height, fork_height, status },
  kind: (status === "invalid" ? "refused" : "side") as LaneKind,
  nodes: nodes.map((node_id) => ({ node_id, height, is_watched: true })),
});

const ORDER: Readonly<Record<LaneKind, number>> = { best: 0, branch: 1, refused: 2, side: 3 };

const mostTelling = (a: NonNullable<Part["lane"]>, b: NonNullable<Part["lane"]>): number =>
  ORDER[a.kind] - ORDER[b.kind] || b.tip_height - a.tip_height;

/** A scale that shows single blocks near the tip, and thousands of blocks as well. */
function placeOf(height: number, low: number, top: number): number {
  if (top <= low) return 1;
  const span = Math.log1p(top - low);
  return 1 - Math.log1p(Math.max(0, top - height)) / span;
}

function keyOf(row: number): string {
  const letter = String.fromCodePoint(65 + (row % 26));
  return row < 26 ? letter : `${letter}${Math.floor(row / 26)}`;
}
