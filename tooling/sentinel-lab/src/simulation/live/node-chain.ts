/** The chain of a simulated node between two observations: what came, what fell out, and its side branches. */
import type { BlockHeader, ChainTip, Observation } from "@dgb-shield/sentinel";
import type { ChainEvent } from "../events.js";

/** Side branches that a node shows: the newest. */
const MAX_SIDES = 64;

/** Heights whose work is kept. */
const KEPT = 8_192;

/** Work of the chain below the simulation, in made-up units. */
const WORK_BEFORE = 1n << 80n;
const BRANCH_AT = [-16, -8] as const;

/** What an observation shows of the chain. */
export type Shown = Readonly<{
  tip: BlockHeader;
  blocks: BlockHeader[];
  lost: BlockHeader | undefined;
  lastTip: Observation["last_tip"];
  bestHeaderHeight: number;
  chainwork: string;
}>;

type Side = Readonly<{ tip: ChainTip; work: bigint }>;

/** The chain of one node, from above `startHeight` on. */
export function createNodeChain(startHeight: number) {
  const works: bigint[] = [];
  works[startHeight % KEPT] = WORK_BEFORE;
  let pending: BlockHeader[] = [];
  let shownTip: BlockHeader | undefined;
  let isLost = false;
  let forkHeight = startHeight;
  let sides: Side[] = [];
  let best = startHeight;
  let announced = 0;
  let rival: number | undefined;

  const workAt = (height: number): bigint => works[height % KEPT] ?? WORK_BEFORE;
  const hex = (work: bigint): string => work.toString(16).padStart(64, "0");

  function join(blocks: readonly BlockHeader[], work: number): void {
    const first = blocks[0];
    if (first === undefined) return;
    const keep = pending.findIndex(({ height }) => height >= first.height);
    if (keep >= 0) pending = pending.slice(0, keep);
    if (shownTip !== undefined && first.height <= shownTip.height) {
      forkHeight = isLost ? Math.min(forkHeight, first.height - 1) : first.height - 1;
      isLost = true;
    }
    for (const block of blocks) {
      works[block.height % KEPT] = workAt(block.height - 1) + BigInt(work);
      pending.push(block);
    }
    best = blocks.at(-1)?.height ?? best;
    announced = best;
  }

  return {
    take({ blocks, side }: ChainEvent, work: number): void {
      if (side !== undefined) {
        const parted = workAt(side.height - side.branchlen);
        const branch = side.hash.slice(...BRANCH_AT);
        const others = sides.filter(({ tip }) => tip.hash.slice(...BRANCH_AT) !== branch);
        const own = { tip: side, work: parted + BigInt(work) * BigInt(side.branchlen) };
        sides = [own, ...others].slice(0, MAX_SIDES);
        rival = side.height > best ? side.height : undefined;
      }
      join(blocks, work);
    },
    /** A node that has just started knows of no better header than its own. */
    forgetAnnounced(): void {
      announced = 0;
    },
    /** @param most new blocks that the node has taken in */
    show(most: number): Shown {
      const taken = Math.max(0, Math.min(most, pending.length));
      const top = pending[taken - 1];
      const isBehind = isLost && shownTip !== undefined && (top?.height ?? 0) <= shownTip.height;
      const isNothing = taken === 0 || isBehind;
      const blocks = isNothing ? [] : taken === pending.length ? pending : pending.slice(0, taken);
      const before = shownTip;
      const tip = (isNothing ? shownTip : top) ?? top;
      if (tip === undefined) throw new RangeError("a node without a block");
      const lost = isNothing || !isLost ? undefined : before;
      const lastTip =
        before === undefined
          ? undefined
          : ({
              hash: before.hash,
              height: before.height,
              status: lost === undefined ? "active" : "lost",
              fork_height: lost === undefined ? before.height : forkHeight,
            } as const);
      if (!isNothing) {
        pending = taken === pending.length ? [] : pending.slice(taken);
        isLost = false;
      }
      shownTip = tip;
      if (most > 0) announced = Math.max(announced, best);
      const headersOnly = sides.find(({ tip: side }) => side.status === "headers-only")?.tip.height;
      const bestHeaderHeight = Math.max(tip.height, announced, headersOnly ?? 0);
      return { tip, blocks, lost, lastTip, bestHeaderHeight, chainwork: hex(workAt(tip.height)) };
    },
    tips(): ChainTip[] {
      if (shownTip === undefined) return [];
      const { hash, height } = shownTip;
      const active = {
        hash,
        height,
        branchlen: 0,
        status: "active",
        chainwork: hex(workAt(height)),
      } as const;
      return [active, ...sides.map(({ tip, work }) => ({ ...tip, chainwork: hex(work) }))];
    },
    bestHeight: () => best,
    rivalHeight: () => rival,
  };
}
