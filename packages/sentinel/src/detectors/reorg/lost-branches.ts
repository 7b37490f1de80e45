/** Branches that fell out of the active chain, each once, however often and in whichever order it shows. */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import {
  type ChainTip,
  headersOf,
  type WatchedObservation,
} from "../../observation/observation.js";
import { type Fork, forkOf, type Link, stretchesOf } from "./fork.js";
import { linksOf, newestOf, type RecentChain, upTo, withHeaders } from "./recent-chain.js";

/** Side branches that end further below the tip are history. */
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
export type Lost = Fork & { tip: Link };

/** State of the chain to find the next loss. */
export type Memory = Readonly<{
  recent: RecentChain;
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
  /** Losses known from headers alone, for the next list of chain tips. */
  linked: Lost[];
  torn_lists: number;
  /** The chain tips that belong to the observation's tip; none where they are of another moment. */
  tips: readonly ChainTip[];
}>;

/**
 * Finds what an observation shows to be lost, by the linkage of headers and by the list of chain tips.
 *
 * The calls of one poll are not one moment. A list whose active tip is another than the observation's is
 * not read (but the third in a row is). A tip that is lost by linkage and is no entry of a later list lies
 * inside a listed branch that parts at the same height: that is the same loss, seen more exactly.
 */
export function lossesOf(memory: Memory, observation: WatchedObservation): Losses {
  const { tips, torn_lists } = listOf(memory, observation);
  const walked = walk(memory.recent, observation);
  const waiting =
    memory.linked.length === 0
      ? memory.linked
      : memory.linked.filter(({ tip }) => tip.hash !== observation.tip.hash);
  if (tips.length === 0) {
    const linked = [...waiting, ...walked.lost].slice(-MAX_LINKED);
    return { lost: walked.lost, refined: [], recent: walked.recent, linked, torn_lists, tips };
  }
  const sides = sidesOf(tips, observation);
  const listed = newSides(sides, memory, [...waiting, ...walked.lost]);
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
  return { lost, refined, recent, linked: [], torn_lists, tips };
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

/** The chain after the headers of an observation, and the tips that they leave behind. */
function walk(
  before: RecentChain,
  observation: WatchedObservation,
): Readonly<{ recent: RecentChain; lost: readonly Lost[] }> {
  let recent = before;
  const lost: Lost[] = [];
  for (const stretch of stretchesOf(headersOf(observation))) {
    const tip = newestOf(recent);
    const [first] = stretch;
    if (first === undefined || stretch.at(-1)?.hash === tip?.hash) continue;
    const isOn = tip === undefined || first.previous_hash === tip.hash;
    const fork = isOn ? null : forkOf(linksOf(recent), stretch);
    if (fork !== null && tip !== undefined) lost.push({ ...fork, tip });
    const shared = Math.min(fork?.fork_height ?? Infinity, first.height - 1);
    recent = withHeaders(upTo(recent, shared), stretch);
  }
  return { recent, lost };
}

/** All side branches of a list. */
const sidesOf = (tips: readonly ChainTip[], { tip }: WatchedObservation): Side[] =>
  tips
    .filter(({ status, branchlen, hash }) => {
      return status !== "active" && branchlen > 0 && hash !== tip.hash;
    })
    .map((side) => ({
      tip: { hash: side.hash, height: side.height },
      fork_height: Math.max(0, side.height - side.branchlen),
      depth: side.branchlen,
      is_exact: true,
      was_active: wasActive(side, tip),
    }));
type Side = Lost & { was_active: boolean };

/** Sides that are lost and were not known to be. */
function newSides(
  sides: readonly Side[],
  { known, has_seen_tips, recent }: Memory,
  losses: readonly Lost[],
): Lost[] {
  const hashes = new Set(known.map(({ hash }) => hash));
  const ours = new Set([newestOf(recent)?.hash, ...losses.map(({ tip }) => tip.hash)]);
  return sides.filter(
    ({ tip, was_active }) =>
      ours.has(tip.hash) || (!hashes.has(tip.hash) && has_seen_tips && was_active),
  );
}

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
  listed: readonly Lost[],
): RecentChain {
  if (listed.length === 0 || newestOf(before)?.hash === observation.tip.hash) return walked;
  const fresh = stretchesOf(headersOf(observation)).at(-1) ?? [];
  const lowest = (fresh[0]?.height ?? 0) - 1;
  const shared = listed.reduce((height, { fork_height }) => Math.min(height, fork_height), lowest);
  return withHeaders(upTo(before, shared), fresh);
}
