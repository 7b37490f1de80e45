/** Which nodes of a fleet follow which branch, and where the branches part. */
import { blockAt, type NodeView, tipOf } from "./node-view.js";

/** Nodes that follow one branch. */
export type Branch = Readonly<{
  tip: Readonly<{ hash: string; height: number }>;
  /** Chainwork of the tip; null where no node gives it. */
  chainwork: string | null;
  /** The node that shows the tip, and all that follow the branch, some perhaps a few blocks behind. */
  leader: NodeView;
  nodes: readonly NodeView[];
}>;

/** Two branches and where they part. */
export type Split = Readonly<{
  /** With more work, or the longer one where work is not known. */
  main: Branch;
  other: Branch;
  /** Last block that both share; null where it lies below what is known. */
  fork_height: number | null;
  /** Blocks of each above it, at least. */
  main_length: number;
  other_length: number;
}>;

/**
 * Groups the nodes by the branch that they follow, the one with most work first. A node whose tip is a block of
 * another's chain follows that one. One that is silent is where it was last: its silence ends no split.
 */
export function branchesOf(nodes: readonly NodeView[]): readonly Branch[] {
  const known = nodes.filter((node) => tipOf(node) !== undefined).toSorted(bestFirst);
  const groups: NodeView[][] = [];
  for (const node of known.toSorted((a, b) => heightOf(b) - heightOf(a))) {
    const group = groups.find(([leader]) => leader !== undefined && follows(node, leader));
    if (group === undefined) groups.push([node]);
    else group.push(node);
  }
  return groups
    .flatMap((group) => branchOf(group) ?? [])
    .toSorted((a, b) => bestFirst(a.leader, b.leader));
}

function branchOf(nodes: readonly NodeView[]): Branch | undefined {
  const [leader] = nodes.toSorted(bestFirst);
  const tip = leader && tipOf(leader);
  if (leader === undefined || tip === undefined) return undefined;
  return { tip, chainwork: leader.chainwork, leader, nodes };
}

const heightOf = (node: NodeView): number => tipOf(node)?.height ?? 0;

/**
 * Whether the tip of a node is a block of another's chain, or may be one that is not kept any more; not where the node
 * calls the blocks above it invalid.
 */
function follows(node: NodeView, leader: NodeView): boolean {
  const tip = tipOf(node);
  if (tip === undefined || rejects(node, leader)) return false;
  const [oldest] = leader.chain;
  if (oldest === undefined || tip.height < oldest.height) return true;
  return blockAt(leader, tip.height) === tip.hash;
}

/** Whether a node calls a block invalid that is in another's chain. */
export const rejects = ({ invalid }: NodeView, follower: NodeView): boolean =>
  invalid.some(({ hash, height }) => blockAt(follower, height) === hash);

/** Blocks by which a node is behind before its list of tips is wanted: fewer are on their way to it at times. */
const BEHIND_BLOCKS = 6;

/** Nodes whose list of tips would show more: those on different branches, and those that stay behind on one. */
export function unclearNodes(branches: readonly Branch[]): readonly NodeView[] {
  if (branches.length > 1) return branches.flatMap(({ nodes }) => nodes);
  return branches.flatMap(({ tip, nodes }) =>
    nodes.filter(
      (node) =>
        node.is_watched && !node.is_catching_up && tip.height - heightOf(node) >= BEHIND_BLOCKS,
    ),
  );
}

function bestFirst(a: NodeView, b: NodeView): number {
  const [workA, workB] = [a.chainwork, b.chainwork];
  if (workA !== null && workB !== null && workA !== workB) return workA > workB ? -1 : 1;
  return heightOf(b) - heightOf(a);
}

/** The best branch against each other one. */
export function splitsOf(branches: readonly Branch[]): readonly Split[] {
  const [main, ...others] = branches;
  if (main === undefined) return [];
  return others.map((other) => {
    const fork_height = forkOf(main.leader, other.leader);
    const lowest = fork_height ?? Math.max(lowestOf(main.leader), lowestOf(other.leader)) - 1;
    return {
      ...{ main, other, fork_height },
      main_length: Math.max(0, main.tip.height - lowest),
      other_length: Math.max(0, other.tip.height - lowest),
    };
  });
}

const lowestOf = ({ chain }: NodeView): number => chain[0]?.height ?? 0;

/** The highest block that two chains share: their heights agree below it and differ above. */
function forkOf(a: NodeView, b: NodeView): number | null {
  let low = Math.max(lowestOf(a), lowestOf(b));
  let high = Math.min(heightOf(a), heightOf(b));
  if (low > high || blockAt(a, low) !== blockAt(b, low)) return null;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (blockAt(a, middle) === blockAt(b, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
