/** The statement "which tip": which branch a site's nodes follow, and what else they show (design, section 5). */
import { z } from "zod";
import { EARLIEST_TIME_MS, END_OF_TIME_MS } from "../clock.js";
import { strictObject } from "./own-object.js";
import {
  hash256Schema,
  heightSchema,
  idSchema,
  riskLevelSchema,
  scoreSchema,
  wordSchema,
} from "./primitives.js";

/** Version of the statement. */
export const TIP_STATEMENT_VERSION = 1;

/** Most nodes that a site states: no branch has more, and there are no more branches. */
export const MAX_STATED_NODES = 64;

/** Most findings that a statement lists: the worst. */
export const MAX_STATED_FINDINGS = 256;

/** How much of a statement is read, for `parseOwn`. */
export const TIP_STATEMENT_BOUNDS = Object.freeze({ maxDepth: 6, maxEntries: MAX_STATED_FINDINGS });

const nodeSchema = strictObject({
  node_id: idSchema,
  software: z.string().max(256).nullable(),
  /** Height of its own tip: some blocks below that of the branch where it is behind. */
  height: heightSchema,
  /** Whether it answered; one that did not is where it was last. */
  is_watched: z.boolean(),
});

const tipSchema = strictObject({
  hash: hash256Schema,
  height: heightSchema,
  /** Null where no node gives it. */
  chainwork: hash256Schema.nullable(),
});

const nodesSchema = z.array(nodeSchema).min(1).max(MAX_STATED_NODES);

const branchSchema = strictObject({
  /** Last block that it shares with the first branch; null where that is not known. */
  fork_height: heightSchema.nullable(),
  tip: tipSchema,
  nodes: nodesSchema,
});

type Branches = Readonly<{
  tip: z.infer<typeof tipSchema>;
  nodes: z.infer<typeof nodesSchema>;
  branches: readonly z.infer<typeof branchSchema>[];
}>;

const isEachOnce = (names: readonly string[]): boolean => new Set(names).size === names.length;

const isEachNodeOnce = ({ nodes, branches }: Branches): boolean =>
  isEachOnce([nodes, ...branches.map((one) => one.nodes)].flat().map(({ node_id }) => node_id));

const isEachTipOnce = ({ tip, branches }: Branches): boolean =>
  isEachOnce([tip, ...branches.map((one) => one.tip)].map(({ hash }) => hash));

const isForkBelow = ({ branches }: Branches): boolean =>
  branches.every(({ fork_height, tip }) => fork_height === null || fork_height < tip.height);

/** A statement before it is signed: the branch of most work first, with the nodes that follow it. */
export const tipStatementSchema = strictObject({
  statement_version: z.literal(TIP_STATEMENT_VERSION),
  /** Who states it: the operator of the key that signs. */
  operator: idSchema,
  /** Name of the chain, as in its parameters. */
  chain: wordSchema,
  /** Hash of its first block; null for a chain whose parameters have none. */
  genesis_hash: hash256Schema.nullable(),
  /** When the nodes showed it, by the operator's clock: a time as `checkTimeMs` takes it. */
  stated_at_ms: z
    .int()
    .min(EARLIEST_TIME_MS)
    .max(END_OF_TIME_MS - 1),
  level: riskLevelSchema,
  /** The branch of most work, and the nodes that follow it. */
  tip: tipSchema,
  nodes: nodesSchema,
  /** Every other branch. */
  branches: z.array(branchSchema).max(MAX_STATED_NODES - 1),
  /** Findings of that moment, worst first; `node_id` is null for those of the fleet. */
  findings: z
    .array(
      strictObject({
        finding_id: idSchema,
        node_id: idSchema.nullable(),
        severity: scoreSchema,
      }),
    )
    .max(MAX_STATED_FINDINGS),
  /** Further findings, which are not listed. */
  findings_left_out: z.int().min(0),
})
  .refine(isEachNodeOnce, { path: ["branches"], error: "a node follows two branches" })
  .refine(isEachTipOnce, { path: ["branches"], error: "two branches have one tip" })
  .refine(isForkBelow, { path: ["branches"], error: "a branch parts above its own tip" });
/** Which tip a site follows, which nodes do, and what they show. */
export type TipStatement = z.infer<typeof tipStatementSchema>;

/** Why a signed statement is not accepted. Codes are stable. */
export const TIP_STATEMENT_CODES = Object.freeze([
  /** Not a signed statement of this version. */
  "malformed",
  "unknown_key",
  /** The key is revoked, expired or not yet valid, or may not sign statements. */
  "key_not_allowed",
  "bad_signature",
  /** It names another operator than that of its key. */
  "other_operator",
  "other_chain",
  "dated_in_future",
  /** Older than is allowed. */
  "stale",
  /** Time, age or keys of the caller cannot be used. */
  "invalid_options",
] as const);
/** Why a signed statement is not accepted. */
export type TipStatementCode = (typeof TIP_STATEMENT_CODES)[number];
