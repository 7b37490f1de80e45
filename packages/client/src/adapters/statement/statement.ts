/** What a statement of the tip holds, version 1 (design, section 5). */
import {
  checkTimeMs,
  hash256Schema,
  heightSchema,
  idSchema,
  riskLevelSchema,
  scoreSchema,
  timeMsSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";

/** Nodes, branches and findings that a statement has at most. */
const [MAX_NODES, MAX_BRANCHES, MAX_FINDINGS] = [64, 63, 256];

/** How much of a statement is read. */
export const STATEMENT_BOUNDS = Object.freeze({ maxDepth: 6, maxEntries: MAX_FINDINGS });

const followed = {
  tip: z.strictObject({
    hash: hash256Schema,
    height: heightSchema,
    /** Null where no node gives it. */
    chainwork: hash256Schema.nullable(),
  }),
  nodes: z
    .array(
      z.strictObject({
        node_id: idSchema,
        software: z.string().max(256).nullable(),
        /** Height of its own tip. */
        height: heightSchema,
        /** Whether it answered; one that did not is where it was last. */
        is_watched: z.boolean(),
      }),
    )
    .min(1)
    .max(MAX_NODES),
};

const branch = z.strictObject({
  /** Last block that it shares with the first branch; null where that is not known. */
  fork_height: heightSchema.nullable(),
  ...followed,
});

type Branches = Readonly<{
  tip: Readonly<{ hash: string }>;
  nodes: readonly Readonly<{ node_id: string }>[];
  branches: readonly z.infer<typeof branch>[];
}>;

const isEachOnce = (names: readonly string[]): boolean => new Set(names).size === names.length;

const isEachNodeOnce = ({ nodes, branches }: Branches): boolean =>
  isEachOnce([nodes, ...branches.map((one) => one.nodes)].flat().map(({ node_id }) => node_id));

const isEachTipOnce = ({ tip, branches }: Branches): boolean =>
  isEachOnce([tip, ...branches.map((one) => one.tip)].map(({ hash }) => hash));

const isForkBelow = ({ branches }: Branches): boolean =>
  branches.every(({ fork_height, tip }) => fork_height === null || fork_height < tip.height);

/** A statement as it was signed: the branch of most work first, with the nodes that follow it. */
export const tipStatementSchema = z
  .strictObject({
    statement_version: z.literal(1),
    operator: idSchema,
    chain: wordSchema,
    genesis_hash: hash256Schema.nullable(),
    /** When the nodes showed it, by the operator's clock. */
    stated_at_ms: timeMsSchema.refine((value) => checkTimeMs(value) === undefined),
    level: riskLevelSchema,
    ...followed,
    /** Every other branch. */
    branches: z.array(branch).max(MAX_BRANCHES),
    /** Worst first; `node_id` is null for those of all nodes together. */
    findings: z
      .array(
        z.strictObject({
          finding_id: idSchema,
          node_id: idSchema.nullable(),
          severity: scoreSchema,
        }),
      )
      .max(MAX_FINDINGS),
    findings_left_out: z.int().min(0),
  })
  .refine(isEachNodeOnce, { path: ["branches"], error: "a node follows two branches" })
  .refine(isEachTipOnce, { path: ["branches"], error: "two branches have one tip" })
  .refine(isForkBelow, { path: ["branches"], error: "a branch parts above its own tip" });
/** Which tip a site follows, which nodes do, and what they show. */
export type TipStatement = Readonly<z.infer<typeof tipStatementSchema>>;
