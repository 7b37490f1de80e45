/** Tips that the node calls `invalid`: blocks with proof of work that its rules reject. */
import { hash256Schema, heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import type { ChainTip } from "../../observation/observation.js";
import { MAX_SEVERITY } from "../../stats/severity.js";
import type { DetectorFinding } from "../detector.js";
import type { ListStep } from "./list.js";

/** Below the tip by so much, a block that is shown first is history: old headers cost next to nothing. */
const HISTORY_BLOCKS = 1_000;

/** Most that are kept; beyond them the lowest is dropped. */
const MAX_INVALID = 32;

/** How long one below the tip stays a finding, in target spacings. */
const HOLD_SPACINGS = 40;

/** How long the node's own tip of before, below its present one, must have been called invalid, in target spacings. */
const OWN_SPACINGS = 4;

export const invalidTipSchema = z.strictObject({
  hash: hash256Schema,
  height: heightSchema,
  branchlen: z.int().min(0),
  /** Height of the active tip when it was first listed. */
  active_height: heightSchema,
  /** When it was first listed, on the running times `most_ms` and `held_ms`. */
  since_ms: z.int(),
  since_held_ms: z.int(),
  /**
   * `above`: it may have been above the active tip; `below`: it never was; `own`: the node had it as its
   * tip; `refused`: the same, and it is a finding; `closed`: it is no finding, or no longer one.
   */
  state: z.enum(["above", "below", "own", "refused", "closed"]),
});
/** A tip that the node calls invalid. */
export type InvalidTip = z.infer<typeof invalidTipSchema>;

/**
 * Takes the invalid tips of a list in. A node validates a block in full only when its branch is about to become the
 * best one, and refuses all headers on top of an invalid block, so that such a tip never grows and falls behind
 * with the next block of the node's own: one that is higher than the active tip was at the last list
 * may have been above it. One that was the node's own tip was called invalid by an operator's order, or by
 * damage. The first list that has it may be of the moment of the order: it counts when a later one still has it at the
 * height of the active tip or above, and four spacings later in any case. It ends with a list that
 * calls it invalid no more, or when the node follows it again.
 */
export function advanceInvalid(
  before: readonly InvalidTip[],
  step: ListStep,
  chain: ChainParameters,
): InvalidTip[] {
  const listed = step.tips.filter(({ status }) => status === "invalid");
  if (listed.length === 0 && before.length === 0) return [];
  const hashes = new Set(before.map(({ hash }) => hash));
  const begun = listed.filter(({ hash }) => !hashes.has(hash)).flatMap((tip) => begin(tip, step));
  const running = before
    .filter((one) => isKept(one, step))
    .map((one) => advanceOne(one, step, chain));
  return highest([...running, ...begun]);
}

function begin({ hash, height, branchlen }: ChainTip, step: ListStep): InvalidTip[] {
  const { active, last_height, own, times } = step;
  if (height <= active.height - HISTORY_BLOCKS) return [];
  const reference = Math.min(active.height, last_height ?? active.height);
  const isOwn = own.some((link) => link.hash === hash);
  const state = isOwn ? "own" : height > reference ? "above" : "below";
  const since = { since_ms: times.most_ms, since_held_ms: times.held_ms };
  return [{ hash, height, branchlen, active_height: active.height, ...since, state }];
}

/** One that was the node's own is forgotten when a list calls it something else. */
const isKept = ({ hash, height, state }: InvalidTip, { tips, active }: ListStep): boolean =>
  state === "own" || state === "refused"
    ? tips.some((tip) => tip.hash === hash && tip.status === "invalid")
    : state !== "closed" || height > active.height - HISTORY_BLOCKS;

function advanceOne(
  one: InvalidTip,
  { times, active }: ListStep,
  chain: ChainParameters,
): InvalidTip {
  const spacingMs = chain.spacing_seconds * 1_000;
  const isLate = times.most_ms - one.since_ms >= OWN_SPACINGS * spacingMs;
  if (one.state === "own" && (one.height >= active.height || isLate)) {
    return { ...one, state: "refused" };
  }
  const isOver = times.held_ms - one.since_held_ms >= HOLD_SPACINGS * spacingMs;
  return one.state === "below" && isOver ? { ...one, state: "closed" } : one;
}

function highest(tips: InvalidTip[]): InvalidTip[] {
  if (tips.length <= MAX_INVALID) return tips;
  const rank = ({ state, height }: InvalidTip): number =>
    (state === "above" || state === "refused" ? 1e12 : 0) + height;
  return tips.toSorted((a, b) => rank(b) - rank(a)).slice(0, MAX_INVALID);
}

/** The invalid tips without those that the node follows again, by the blocks that it shows. */
export function withoutFollowed(
  tips: InvalidTip[],
  blocks: readonly Readonly<{ hash: string }>[],
): InvalidTip[] {
  const hashes = new Set(blocks.map(({ hash }) => hash));
  const isFollowed = ({ hash, state }: InvalidTip): boolean =>
    (state === "own" || state === "refused") && hashes.has(hash);
  return tips.some(isFollowed) ? tips.filter((one) => !isFollowed(one)) : tips;
}

const idOf = ({ hash, height }: InvalidTip): string =>
  `rival_chain:invalid:${height}:${hash.slice(-16)}`;

/** Closes one that an operator has acknowledged. */
export const withoutInvalid = (tips: readonly InvalidTip[], findingId: string): InvalidTip[] =>
  tips.map((tip) => (idOf(tip) === findingId ? { ...tip, state: "closed" } : tip));

const SUMMARY = {
  above: (height: number) =>
    `a block at height ${height} was next in line, and this node calls it invalid: others may follow it`,
  refused: (height: number) =>
    `the node's own tip of before, at height ${height}, is called invalid by it: others may follow it`,
  below: (height: number) => `a block at height ${height}, not above the tip, is called invalid`,
} as const;

/** Findings of the invalid tips. */
export const invalidFindings = (tips: readonly InvalidTip[], height: number): DetectorFinding[] =>
  tips.flatMap((tip) => {
    const { state } = tip;
    if (state === "own" || state === "closed") return [];
    return [
      {
        finding_id: idOf(tip),
        severity: state === "below" ? SCALE.elevated : MAX_SEVERITY,
        summary: SUMMARY[state](tip.height),
        height,
        latched: state === "above",
        evidence: {
          kind: "invalid",
          tip: { hash: tip.hash, height: tip.height },
          branch_length: tip.branchlen,
          fork_height: Math.max(0, tip.height - tip.branchlen),
          active_height: tip.active_height,
        },
      },
    ];
  });
