/** The statement "which tip": which branch a site's nodes follow, and what else they show (design, section 5). */
import {
  hash256Schema,
  heightSchema,
  idSchema,
  parseOwn,
  riskLevelSchema,
  scoreSchema,
  wordSchema,
} from "@dgb-shield/contract";
import type { ChainParameters } from "@dgb-shield/chain";
import { z } from "zod";
import { sealed } from "../internal/frozen.js";
import { observedAtSchema } from "../observation/observation.js";
import { type FleetReport, type FollowedBranch, MAX_FLEET } from "./index.js";

/** Version of the statement. */
export const TIP_STATEMENT_VERSION = 1;

/** Most findings that a statement lists: the worst. */
export const MAX_STATED_FINDINGS = 256;

/** How much of a statement is read. */
const BOUNDS = { maxDepth: 6, maxEntries: MAX_STATED_FINDINGS } as const;

const nodeSchema = z.strictObject({
  node_id: idSchema,
  software: z.string().max(256).nullable(),
  /** Height of its own tip: some blocks below that of the branch where it is behind. */
  height: heightSchema,
  /** Whether it answered; one that did not is where it was last. */
  is_watched: z.boolean(),
});

const tipSchema = z.strictObject({
  hash: hash256Schema,
  height: heightSchema,
  /** Null where no node gives it. */
  chainwork: hash256Schema.nullable(),
});

const nodesSchema = z.array(nodeSchema).min(1).max(MAX_FLEET);

const branchSchema = z.strictObject({
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

function isEachNodeOnce({ nodes, branches }: Branches): boolean {
  const names = [nodes, ...branches.map((one) => one.nodes)].flat().map(({ node_id }) => node_id);
  return new Set(names).size === names.length;
}

function isEachTipOnce({ tip, branches }: Branches): boolean {
  const hashes = [tip, ...branches.map((one) => one.tip)].map(({ hash }) => hash);
  return new Set(hashes).size === hashes.length;
}

const isForkBelow = ({ branches }: Branches): boolean =>
  branches.every(({ fork_height, tip }) => fork_height === null || fork_height < tip.height);

/** A statement before it is signed. */
export const tipStatementSchema = sealed(
  z
    .strictObject({
      statement_version: z.literal(TIP_STATEMENT_VERSION),
      /** Who states it: the operator of the key that signs. */
      operator: idSchema,
      /** Name of the chain, as in `ChainParameters`. */
      chain: wordSchema,
      /** Hash of its first block; null for a chain whose parameters have none. */
      genesis_hash: hash256Schema.nullable(),
      /** When the nodes showed it, by the operator's clock: milliseconds since 1970. */
      stated_at_ms: observedAtSchema,
      level: riskLevelSchema,
      /** The branch of most work, and the nodes that follow it. */
      tip: tipSchema,
      nodes: nodesSchema,
      /** Every other branch. */
      branches: z.array(branchSchema).max(MAX_FLEET - 1),
      /** Findings of that moment, worst first; `node_id` is null for those of the fleet. */
      findings: z
        .array(
          z.strictObject({
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
    .refine(isForkBelow, { path: ["branches"], error: "a branch parts above its own tip" }),
);
/** Which tip a site follows, which nodes do, and what they show. */
export type TipStatement = z.infer<typeof tipStatementSchema>;

/** Who states it, and of which chain. */
export type TipStatementOptions = Readonly<{
  /** The operator of the key that will sign. */
  operator: string;
  chain: ChainParameters;
}>;

/**
 * Makes the statement of a report.
 *
 * @returns undefined where no node has shown a tip: there is nothing to state
 * @throws RangeError where the report is of another chain, or the operator is no name
 * @example
 * const statement = tipStatementOf(fleet.observe(observations), { operator: "exchange", chain: digibyte });
 */
export function tipStatementOf(
  report: FleetReport,
  { operator, chain }: TipStatementOptions,
): TipStatement | undefined {
  if (report.chain !== chain.name) throw new RangeError("the report is of another chain");
  const [main, ...others] = report.branches;
  if (main === undefined) return undefined;
  const findings = [
    ...report.findings.map((one) => stated(one, null)),
    ...report.reports.flatMap((one) => one.findings.map((each) => stated(each, one.node_id))),
  ].toSorted((a, b) => b.severity - a.severity);
  const statement: TipStatement = {
    statement_version: TIP_STATEMENT_VERSION,
    operator,
    chain: chain.name,
    genesis_hash: chain.genesis?.hash ?? null,
    stated_at_ms: report.observed_at_ms,
    level: report.level,
    ...followed(main),
    branches: others.map((one) => ({ fork_height: one.fork_height, ...followed(one) })),
    findings: findings.slice(0, MAX_STATED_FINDINGS),
    findings_left_out: Math.max(0, findings.length - MAX_STATED_FINDINGS),
  };
  const read = readTipStatement(statement);
  if (read.ok) return read.value;
  throw new RangeError(`the statement would be invalid at ${read.path}`);
}

const stated = (
  { finding_id, severity }: Readonly<{ finding_id: string; severity: number }>,
  node_id: string | null,
) => ({ finding_id, node_id, severity });

const followed = ({ tip_hash, tip_height, chainwork, nodes }: FollowedBranch) => ({
  tip: { hash: tip_hash, height: tip_height, chainwork },
  nodes: nodes.map(({ node_id, software, height, is_watched }) => ({
    ...{ node_id, software, height, is_watched },
  })),
});

/** Reads a statement, by its own members alone. Never throws. */
export const readTipStatement = (value: unknown) => parseOwn(tipStatementSchema, value, BOUNDS);

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
