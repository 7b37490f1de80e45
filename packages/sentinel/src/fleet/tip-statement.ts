/** Makes the statement "which tip" of a fleet's report (design, section 5). */
import type { ChainParameters } from "@dgb-shield/chain";
import {
  MAX_STATED_FINDINGS,
  parseOwn,
  TIP_STATEMENT_BOUNDS,
  TIP_STATEMENT_VERSION,
  type TipStatement,
  tipStatementSchema,
} from "@dgb-shield/contract";
import type { FleetReport, FollowedBranch } from "./index.js";

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
export const readTipStatement = (value: unknown) =>
  parseOwn(tipStatementSchema, value, TIP_STATEMENT_BOUNDS);
