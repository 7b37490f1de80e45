/** Reorganisations that are reported, each for a while. */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import type { Timed } from "../detector.js";
import type { Dropped, WatchedObservation } from "../../observation/observation.js";
import { isNotable, severityOfReturnPeriod } from "../../stats/severity.js";
import type { Link } from "./fork.js";
import { type Losses, linkSchema, type Refined } from "./lost-branches.js";
import { linksOf, type RecentChain } from "./recent-chain.js";
import type { Lost } from "./walk.js";

/** How long a finding stays active, in target spacings: ten minutes of DigiByte. */
export const REORG_HOLD_SPACINGS = 40;

/** Most losing blocks named in the evidence. */
const MAX_LOSING_HASHES = 64;

/** Most transactions named in the evidence. */
const MAX_DROPPED_TXIDS = 16;

/** Most findings held at once; beyond them the shallowest is dropped. */
const MAX_HELD = 32;

/** Digits of a whole hash; of older blocks only the last ones are kept. */
const HASH_DIGITS = 64;

/** Transactions of the lost branch that are in no new block, as far as the source has read both. */
const droppedSchema = z.strictObject({
  count: z.int().min(0),
  txids: z.array(hash256Schema).max(MAX_DROPPED_TXIDS),
  /** Whether every block of both sides was read. */
  is_complete: z.boolean(),
});

export const heldSchema = z.strictObject({
  finding_id: z.string(),
  fork_height: heightSchema,
  depth: z.int().min(1),
  is_exact: z.boolean(),
  losing_tip: linkSchema,
  losing_hashes: z.array(hash256Schema),
  winning_tip: linkSchema,
  /** Null while the source has not shown them. */
  dropped: droppedSchema.nullable().default(null),
  /** The stale rate that it is judged by; null: the chain's. */
  stale_rate: z.number().gt(0).lt(1).nullable(),
  /** When it ends, on the running time `held_ms`. */
  until_ms: z.int(),
});
export type Held = z.infer<typeof heldSchema>;

/** What an observation adds to what is held. */
export type HeldStep = Readonly<{
  observation: Timed<WatchedObservation>;
  losses: Losses;
  /** The chain before. */
  recent: RecentChain;
  staleRate: number;
  /** Whether the node is watched: of one that is not, nothing ends. */
  is_watched: boolean;
}>;

/** Reorganisations of a depth that an honest chain of a stale rate has a year. */
export const perYear = (depth: number, staleRate: number, chain: ChainParameters): number =>
  blocksPerYear(chain) * staleRate ** depth;

/** Severity of a reorganisation of a depth. */
export const severityOfDepth = (depth: number, staleRate: number, chain: ChainParameters): number =>
  severityOfReturnPeriod(1 / perYear(depth, staleRate, chain));

/** What is held after an observation: what has ended left out, what is known better put right. */
export function advanceHeld(held: Held[], step: HeldStep, chain: ChainParameters): Held[] {
  const { lost, refined } = step.losses;
  // The common case: nothing is held, and nothing is lost.
  if (held.length === 0 && lost.length === 0 && refined.length === 0) return held;
  const { dropped = [] } = step.observation;
  const { held_ms } = step.observation.times;
  const untilMs = held_ms + REORG_HOLD_SPACINGS * chain.spacing_seconds * 1_000;
  const worse = refined.filter((one) => !isHeld(held, one)).map(({ to }) => to);
  // [FINDING reorg] an honest chain loses a branch of this depth at most once a year
  const notable = [...lost, ...worse].filter(({ depth }) =>
    isNotable(severityOfDepth(depth, step.staleRate, chain)),
  );
  const begun = deepest(notable).map((branch) => hold(branch, step, untilMs));
  const running = held
    .filter(({ until_ms }) => !step.is_watched || until_ms > held_ms)
    .map((one) => refinedHeld(one, refined));
  const all = begun.length === 0 ? running : deepest(merged(running, begun));
  return dropped.length === 0 ? all : all.map((one) => withDropped(one, dropped));
}

/** The source names a branch by the tip that it was shown; a list may show that it went on. */
function withDropped(held: Held, dropped: readonly Dropped[]): Held {
  const { losing_tip, losing_hashes, depth } = held;
  const own = dropped.find(
    ({ lost_tip }) => lost_tip === losing_tip.hash || losing_hashes.includes(lost_tip),
  );
  if (own === undefined) return held;
  const { count, txids, blocks_read, new_blocks_unread } = own;
  const is_complete = blocks_read >= depth && new_blocks_unread === 0;
  return { ...held, dropped: { count, txids: txids.slice(0, MAX_DROPPED_TXIDS), is_complete } };
}

const isHeld = (held: readonly Held[], { from }: Refined): boolean =>
  held.some(({ losing_tip }) => losing_tip.hash === from.tip.hash);

/** A held finding of which a list of chain tips shows more: it keeps its id and its end. */
function refinedHeld(held: Held, refined: readonly Refined[]): Held {
  const to = refined.find(({ from }) => from.tip.hash === held.losing_tip.hash)?.to;
  if (to === undefined) return held;
  const { tip, fork_height, depth } = to;
  return {
    ...held,
    fork_height,
    depth: Math.max(depth, held.depth),
    is_exact: true,
    losing_tip: linkOf(tip),
  };
}

function hold({ tip, fork_height, depth, is_exact }: Lost, step: HeldStep, untilMs: number): Held {
  const losing = linksOf(step.recent).filter(
    ({ hash, height }) =>
      height > fork_height && height <= tip.height && hash.length === HASH_DIGITS,
  );
  return {
    finding_id: `reorg:${fork_height}:${tip.hash.slice(-16)}`,
    fork_height,
    depth,
    is_exact,
    losing_tip: linkOf(tip),
    losing_hashes: losing.slice(-MAX_LOSING_HASHES).map(({ hash }) => hash),
    winning_tip: linkOf(step.observation.tip),
    dropped: null,
    stale_rate: step.staleRate,
    until_ms: untilMs,
  };
}

/** A tip that is lost again from the same fork replaces its first loss. */
const merged = (running: readonly Held[], begun: readonly Held[]): Held[] => [
  ...new Map([...running, ...begun].map((one) => [one.finding_id, one])).values(),
];

function deepest<T extends { depth: number }>(held: T[]): T[] {
  if (held.length <= MAX_HELD) return held;
  return held.toSorted((a, b) => b.depth - a.depth).slice(0, MAX_HELD);
}

/** The hash and height of a block alone. */
export const linkOf = ({ hash, height }: Link): Link => ({ hash, height });
