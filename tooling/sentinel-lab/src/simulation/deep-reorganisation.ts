/** A deep reorganisation: a chain mined in private that is shown once it has more work. */
import type { BlockHeader } from "@dgb-shield/sentinel";
import { type ChainEvent, MAIN, rivalsOf, sideTip, simulatedHeader } from "./events.js";
import { mainChain, type MinedBlock } from "./honest-chain.js";
import type { MiningOptions } from "./mining.js";

/** A reorganisation, as it is reported: blocks that fell out, and those that took their place. */
export type DeepReorganisationOptions = MiningOptions &
  Readonly<{
    /** Blocks before the two branches part. */
    before: number;
    /** Blocks that fall out. */
    replaced: number;
    /** Blocks that come; fewer than those replaced where they carry more work. */
    replacing: number;
  }>;

const LOSING_BRANCH = 1;

/** The private branch is shown this long after the last block that it replaces. */
const SHOWN_AFTER_MS = 1_000;

/**
 * A chain, without other forks and without end, part of which is replaced by a branch that appears all at
 * once. The times of its headers are spread evenly over the time that the replaced blocks took.
 */
export function* deepReorganisation(options: DeepReorganisationOptions): Generator<ChainEvent> {
  const { before, replaced, replacing, startHeight, startMs } = options;
  const shared = take(mainChain(options), before);
  yield* shared.map((block) => eventOf("honest", block));
  const forkMs = shared.at(-1)?.atMs ?? startMs;
  const forkHeight = startHeight + before;
  const replacedBlocks = take(
    mainChain({ ...options, startHeight: forkHeight, startMs: forkMs }),
    replaced,
  );
  const losers = rivalsOf(replacedBlocks.map(headerOf), LOSING_BRANCH);
  yield* replacedBlocks.map(({ atMs }, i) => eventOf("honest", { atMs, header: losers[i] }));
  const shownMs = (replacedBlocks.at(-1)?.atMs ?? forkMs) + SHOWN_AFTER_MS;
  const blocks = privateBranch(replacedBlocks, forkHeight, replacing);
  yield { label: "attack", atMs: shownMs, blocks, side: sideTip(losers, "valid-fork") };
  const after = { ...options, startHeight: forkHeight + replacing, startMs: shownMs };
  for (const block of mainChain(after)) yield eventOf("attack", block);
}

function privateBranch(
  replaced: readonly MinedBlock[],
  forkHeight: number,
  length: number,
): BlockHeader[] {
  return Array.from({ length }, (_, i) => {
    const at = replaced[Math.floor((i * replaced.length) / length)]?.header;
    const place = { branch: MAIN, height: forkHeight + 1 + i, on: MAIN };
    return simulatedHeader(place, { bits: 0, timeS: at?.time_s ?? 0 });
  });
}

function eventOf(
  label: ChainEvent["label"],
  { atMs, header }: { atMs: number; header: BlockHeader | undefined },
): ChainEvent {
  return { label, atMs, blocks: header === undefined ? [] : [header] };
}

const headerOf = ({ header }: MinedBlock): BlockHeader => header;

function take<T>(items: Generator<T, never>, count: number): T[] {
  return Array.from({ length: count }, () => items.next().value);
}
