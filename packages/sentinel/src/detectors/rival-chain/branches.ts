/** Branches beside the active one that go on growing, or are as long as it is. */
import { hash256Schema, heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { type ChainTip, TIP_STATUSES } from "../../observation/observation.js";
import { isNotable, severityOfReturnPeriod, significant } from "../../stats/severity.js";
import type { DetectorFinding } from "../detector.js";
import type { ListStep } from "./list.js";
import { counted } from "../../internal/counted.js";

/** A branch that ends further below the tip than this, and than `MAX_LAG` times its length, is left out. */
const HISTORY_BLOCKS = 1_000;
const MAX_LAG = 8;

/** Most branches that are kept: those that are reported first, then the longest. */
const MAX_BRANCHES = 48;

/** How long a branch that grows no more stays a finding, in target spacings; it ends with a list. */
const HOLD_SPACINGS = 40;

/** Mean time, in spacings, in which an honest chain decides between two branches of one length. */
const TIE_SPACINGS = 2;

export const branchSchema = z.strictObject({
  tip_hash: hash256Schema,
  height: heightSchema,
  length: z.int().min(1),
  status: z.enum(TIP_STATUSES),
  /** Blocks of the active chain above the fork, when the branch was last seen to grow. */
  active_length: z.int().min(0),
  /** Last digits of the tip that it was first reported with; null: it is no finding. */
  reported: z.string().nullable(),
  /** Since when it has been as long as the active branch, on the running time `most_ms`. */
  tied_ms: z.int().nullable(),
  /** How long it had been at the last list. */
  tied_for_ms: z.int().min(0),
  /** When it last grew, on the running time `held_ms`. */
  grew_ms: z.int(),
});
/** A branch beside the active one. */
export type Branch = z.infer<typeof branchSchema>;

/**
 * Takes a list in. A branch lives when it has grown since the list before, or has as many blocks above the fork as the
 * active one (or as much work, where that is known). A new one of a length that is `high` alone is taken to
 * live. Those that extend the tip itself are no rivals: the node is catching up, which `advanceLag`
 * watches. All of a `valid-fork` was active once: it is a reorganisation, and reported as such.
 */
export function advanceBranches(
  before: readonly Branch[],
  step: ListStep,
  chain: ChainParameters,
): Branch[] {
  const sides = step.tips.filter((tip) => isRival(tip, step));
  if (sides.length === 0 && before.length === 0) return [];
  const listed = new Set(sides.map(({ hash }) => hash));
  const branches = sides.map((side) =>
    advanceOne(side, formerOf(side, before, listed), step, chain),
  );
  const taken = new Set(branches.map(({ reported }) => reported));
  const ended = before.filter(
    (one) => one.reported !== null && !listed.has(one.tip_hash) && !taken.has(one.reported),
  );
  return strongest([...branches, ...ended].map((one) => endedOrNot(one, step, chain)));
}

function isRival({ hash, height, branchlen, status }: ChainTip, { active }: ListStep): boolean {
  if (status === "active" || branchlen < 1 || hash === active.hash) return false;
  if (height - branchlen >= active.height) return false;
  return active.height - height < Math.max(HISTORY_BLOCKS, MAX_LAG * branchlen);
}

/** The branch as it was in the list before: the same tip, or one that parts at the same height and is listed no more. */
function formerOf(
  { hash, height, branchlen }: ChainTip,
  before: readonly Branch[],
  listed: ReadonlySet<string>,
): Branch | undefined {
  const same = before.find(({ tip_hash }) => tip_hash === hash);
  if (same !== undefined) return same;
  return before.find(
    (one) =>
      one.height - one.length === height - branchlen &&
      one.length < branchlen &&
      !listed.has(one.tip_hash),
  );
}

function advanceOne(
  side: ChainTip,
  former: Branch | undefined,
  step: ListStep,
  chain: ChainParameters,
): Branch {
  const { active, last_height, own, times } = step;
  const { hash, height, branchlen, status } = side;
  const active_length = active.height - (height - branchlen);
  // The node itself was on it until now: no rival, and reported by `reorg`.
  const isOwn = own.some((link) => link.hash === hash);
  const hasGrown = former !== undefined && former.length < branchlen;
  const isTied = !isOwn && isAsStrong(side, active_length, active.chainwork);
  const tied_ms = isTied ? (former?.tied_ms ?? times.most_ms) : null;
  const branch: Branch = {
    tip_hash: hash,
    height,
    length: branchlen,
    status,
    active_length:
      former === undefined || hasGrown || isTied ? active_length : former.active_length,
    reported: former?.reported ?? null,
    tied_ms,
    tied_for_ms: tied_ms === null ? 0 : Math.max(0, times.most_ms - tied_ms),
    grew_ms: former === undefined || hasGrown || isTied ? times.held_ms : former.grew_ms,
  };
  const severity = severityOf(branch, chain);
  const isNew = former === undefined && last_height !== null;
  const isBeside = !isOwn && status !== "valid-fork";
  const isFound = isTied || (isBeside && (hasGrown || (isNew && severity >= SCALE.high)));
  // [FINDING rival_chain] a branch that an honest chain has at most once a year goes on beside the active one
  const isBegun = branch.reported === null && isFound && isNotable(severity);
  return isBegun ? { ...branch, reported: hash.slice(-16) } : branch;
}

/** Whether a branch has as much work above the fork as the active one; where work is not known, as many blocks. */
const isAsStrong = (
  { chainwork, branchlen }: ChainTip,
  activeLength: number,
  activeWork: string | undefined,
): boolean =>
  chainwork !== undefined && activeWork !== undefined
    ? chainwork >= activeWork
    : branchlen >= activeLength;

function endedOrNot(branch: Branch, { times }: ListStep, chain: ChainParameters): Branch {
  const holdMs = HOLD_SPACINGS * chain.spacing_seconds * 1_000;
  const isOver = branch.tied_ms === null && times.held_ms - branch.grew_ms >= holdMs;
  return branch.reported !== null && isOver ? { ...branch, reported: null } : branch;
}

function strongest(branches: Branch[]): Branch[] {
  if (branches.length <= MAX_BRANCHES) return branches;
  const rank = ({ reported, length }: Branch): number => (reported === null ? 0 : 1e9) + length;
  return branches.toSorted((a, b) => rank(b) - rank(a)).slice(0, MAX_BRANCHES);
}

/** Such branches that an honest chain has a year. */
function perYear(
  { length, active_length, tied_for_ms }: Branch,
  { stale_rate, ...chain }: ChainParameters,
): number {
  const shared = Math.max(1, Math.min(length, active_length));
  const tied = tied_for_ms / (TIE_SPACINGS * chain.spacing_seconds * 1_000);
  return blocksPerYear({ stale_rate, ...chain }) * stale_rate ** shared * Math.exp(-tied);
}

const severityOf = (branch: Branch, chain: ChainParameters): number =>
  severityOfReturnPeriod(1 / perYear(branch, chain));

/** Findings of the branches that live. */
export const branchFindings = (
  branches: readonly Branch[],
  height: number,
  chain: ChainParameters,
): DetectorFinding[] =>
  branches.flatMap((branch) =>
    branch.reported === null
      ? []
      : [
          {
            finding_id: `rival_chain:branch:${branch.height - branch.length}:${branch.reported}`,
            severity: Math.max(SCALE.elevated, severityOf(branch, chain)),
            summary: `a chain of ${counted(branch.length, "block")} (${branch.status}) lives beside ${branch.active_length} of the active one above height ${branch.height - branch.length}`,
            height,
            latched: false,
            evidence: {
              kind: "branch",
              tip: { hash: branch.tip_hash, height: branch.height },
              status: branch.status,
              fork_height: branch.height - branch.length,
              branch_length: branch.length,
              active_length: branch.active_length,
              tied_seconds: branch.tied_for_ms / 1_000,
              expected_per_year: significant(perYear(branch, chain)),
            },
          },
        ],
  );
