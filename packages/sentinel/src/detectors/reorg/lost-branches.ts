/** Branches that fell out of the active chain, each once, however often and in whichever order it shows. */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainTip, WatchedObservation } from "../../observation/observation.js";
import { type Link, stretchesOf } from "./fork.js";
import { newestOf, type RecentChain, upTo, withHeaders } from "./recent-chain.js";
import { type Lost, type Path, shownBy, walk, type Walked } from "./walk.js";

/** Side branches that end further below the tip are history, unless the node was seen on them. */
const HISTORY_BLOCKS = 1_000;

/** Lists in a row that belong to another moment than the tip; the next one is read all the same. */
const MAX_TORN_LISTS = 2;

/** Most losses that wait for a list of chain tips; the oldest is dropped first. */
const MAX_LINKED = 64;

/** A block of a chain. */
export const linkSchema = z.strictObject({ hash: hash256Schema, height: heightSchema });

/** A branch that was lost: its tip, and where it parts from the active chain. */
export const lostSchema = z.strictObject({
  tip: linkSchema,
  fork_height: heightSchema,
  depth: z.int().min(1),
  is_exact: z.boolean(),
});

/** State of the chain to find the next loss. */
export type Memory = Path &
  Readonly<{
    known: readonly Link[];
    has_seen_tips: boolean;
    linked: readonly Lost[];
    torn_lists: number;
  }>;

/** A loss that was known from headers, and what a list of chain tips shows it to be. */
export type Refined = Readonly<{ from: Lost; to: Lost }>;

/** What one observation shows. */
export type Losses = Readonly<{
  lost: readonly Lost[];
  refined: readonly Refined[];
  recent: RecentChain;
  pending: Link[];
  is_resuming: boolean;
  /** Losses known from headers alone, for the next list of chain tips. */
  linked: Lost[];
  torn_lists: number;
  /** The chain tips that belong to the observation's tip; none where they are of another moment. */
  tips: readonly ChainTip[];
}>;

/**
 * Finds what an observation shows to be lost: by the linkage of headers, by what the node states of the last
 * tip, and by the list of chain tips.
 *
 * The calls of one poll are not one moment. A list whose active tip is another than the observation's is
 * not read (but the third in a row is). A tip that is lost by linkage and is no entry of a later list lies
 * inside a listed branch that parts at the same height: that is the same loss, seen more exactly. What the
 * node was seen on is never history, however far below the new tip it ends: a tip above which blocks
 * are missing stays pending until headers, `last_tip` or a list show where it is.
 */
export function lossesOf(memory: Memory, observation: WatchedObservation): Losses {
  const { tips, torn_lists } = listOf(memory, observation);
  const walked = withLastTip(walk(memory, shownBy(observation)), memory, observation);
  const { is_resuming } = walked;
  const waiting =
    memory.linked.length === 0
      ? memory.linked
      : memory.linked.filter(({ tip }) => tip.hash !== observation.tip.hash);
  if (tips.length === 0) {
    const isNothing = waiting.length === 0 && walked.lost.length === 0;
    const linked = isNothing ? [] : [...waiting, ...walked.lost].slice(-MAX_LINKED);
    const { lost, recent } = walked;
    return {
      lost,
      refined: [],
      recent,
      pending: [...walked.pending],
      is_resuming,
      linked,
      torn_lists,
      tips,
    };
  }
  const sides = sidesOf(tips, observation, is_resuming);
  const listed = newSides(sides, { ...memory, pending: walked.pending }, [
    ...waiting,
    ...walked.lost,
  ]);
  const refined = waiting.flatMap((from) => refinementOf(from, listed, sides));
  const counted = new Set([
    ...waiting.map(({ tip }) => tip.hash),
    ...refined.map(({ to }) => to.tip.hash),
  ]);
  const known = new Set([...memory.known, ...listed.map(({ tip }) => tip)].map(({ hash }) => hash));
  const found = sides.filter(({ tip }) => known.has(tip.hash));
  const alone = walked.lost.filter(
    (loss) => entryOf(sides, loss) === undefined && branchAround(loss, found) === undefined,
  );
  const lost = [...listed.filter(({ tip }) => !counted.has(tip.hash)), ...alone];
  const recent = recentAfter(memory.recent, walked.recent, observation, listed);
  // What a whole list does not have is in the active chain, or below an end that it has.
  return { lost, refined, recent, pending: [], is_resuming, linked: [], torn_lists, tips };
}

/** Whether a branch was once active: only then it is fully validated. */
export const wasActive = ({ status, height }: ChainTip, tip: Link): boolean =>
  status === "valid-fork" && isRecent(height, tip);

/** Whether a height is near enough to the tip to be more than history. */
export const isRecent = (height: number, tip: Link): boolean =>
  height > tip.height - HISTORY_BLOCKS;

function listOf(
  { torn_lists: before }: Memory,
  { tips, tip }: WatchedObservation,
): Readonly<{ tips: readonly ChainTip[]; torn_lists: number }> {
  const active = tips.filter(({ status }) => status === "active");
  const isTorn = active.length > 0 && active.every(({ hash }) => hash !== tip.hash);
  if (!isTorn) return { tips, torn_lists: tips.length === 0 ? before : 0 };
  return before < MAX_TORN_LISTS
    ? { tips: [], torn_lists: before + 1 }
    : { tips, torn_lists: before };
}

/** What the node itself states of the tip that it showed last. */
function withLastTip(walked: Walked, memory: Memory, observation: WatchedObservation): Walked {
  const { last_tip, tip } = observation;
  if (last_tip === undefined || last_tip.status === "unknown") return walked;
  const { hash, height, status, fork_height } = last_tip;
  const pending = walked.pending.filter((link) => link.hash !== hash);
  if (status === "active") return { ...walked, pending };
  const seen = [...memory.known, ...memory.linked.map((one) => one.tip), tip];
  const isAhead = walked.is_resuming && fork_height !== null && fork_height >= tip.height;
  if (isAhead || height === 0 || seen.some((link) => link.hash === hash)) return walked;
  // What contradicts itself is a loss of one block at least.
  const forkHeight = Math.min(fork_height ?? height - 1, height - 1);
  const loss = {
    tip: { hash, height },
    fork_height: forkHeight,
    depth: height - forkHeight,
    is_exact: fork_height !== null,
  };
  const other = walked.lost.find((one) => one.tip.hash === hash);
  const others = walked.lost.filter((one) => one !== other);
  if (other !== undefined && other.depth >= loss.depth) return { ...walked, pending };
  const recent = recentAfter(memory.recent, walked.recent, observation, [loss]);
  return { ...walked, pending, recent, lost: [...others, loss] };
}

/** All side branches of a list; of a node that resumes without those that lie ahead of its tip. */
const sidesOf = (
  tips: readonly ChainTip[],
  { tip }: WatchedObservation,
  isResuming: boolean,
): Side[] =>
  tips
    .filter(({ status, branchlen, hash }) => {
      return status !== "active" && branchlen > 0 && hash !== tip.hash;
    })
    .map((side) => ({
      tip: { hash: side.hash, height: side.height },
      fork_height: Math.max(0, side.height - side.branchlen),
      depth: side.branchlen,
      is_exact: true,
      was_validated: side.status === "valid-fork",
      was_active: wasActive(side, tip),
    }))
    .filter(({ fork_height }) => !isResuming || fork_height < tip.height);
type Side = Lost & { was_validated: boolean; was_active: boolean };

/** Sides that are lost and were not known to be. */
function newSides(
  sides: readonly Side[],
  { known, has_seen_tips, recent, pending }: Memory,
  losses: readonly Lost[],
): Lost[] {
  const hashes = new Set(known.map(({ hash }) => hash));
  const ours = new Set([
    newestOf(recent)?.hash,
    ...pending.map(({ hash }) => hash),
    ...losses.map(({ tip }) => tip.hash),
  ]);
  return sides.filter((side) => {
    if (ours.has(side.tip.hash)) return true;
    if (!has_seen_tips || hashes.has(side.tip.hash)) return false;
    return side.was_active || (side.was_validated && pending.some((link) => isInside(link, side)));
  });
}

/** Whether a tip of before can be a block of a branch that went on after it. */
const isInside = ({ height }: Link, { fork_height, tip }: Lost): boolean =>
  height > fork_height && height < tip.height;

/** What a list shows of a loss that is known from headers: its true depth, or the branch that it lies inside of. */
function refinementOf(from: Lost, listed: readonly Lost[], sides: readonly Lost[]): Refined[] {
  const own = entryOf(sides, from);
  if (own !== undefined) return own.depth > from.depth ? [{ from, to: own }] : [];
  const around = branchAround(from, listed);
  return around === undefined ? [] : [{ from, to: around }];
}

const entryOf = (sides: readonly Lost[], { tip }: Lost): Lost | undefined =>
  sides.find((side) => side.tip.hash === tip.hash);

/** A branch that a lost tip, which is no end of its own, lies inside of: it parts where the loss does. */
const branchAround = (loss: Lost, branches: readonly Lost[]): Lost | undefined =>
  branches.find(
    ({ tip, fork_height }) =>
      tip.height > loss.tip.height &&
      (loss.is_exact ? fork_height === loss.fork_height : fork_height <= loss.fork_height),
  );

function recentAfter(
  before: RecentChain,
  walked: RecentChain,
  observation: WatchedObservation,
  lost: readonly Lost[],
): RecentChain {
  if (lost.length === 0 || newestOf(before)?.hash === observation.tip.hash) return walked;
  const fresh = stretchesOf(shownBy(observation)).at(-1) ?? [];
  const lowest = (fresh[0]?.height ?? 0) - 1;
  const shared = lost.reduce((height, { fork_height }) => Math.min(height, fork_height), lowest);
  return withHeaders(upTo(before, shared), fresh);
}
