/** Findings of a node that stays behind its headers, or behind what its peers state. */
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { isNotable, severityOfReturnPeriod, significant } from "../../stats/severity.js";
import type { DetectorFinding } from "../detector.js";
import type { Lag } from "./lag.js";
import { AHEAD_GRACE_MS, aheadYears, severityOfAhead, type Statement } from "./peers-ahead.js";

/** Mean time from a header to its block, in seconds: an assumption of this project. */
const DELIVERY_SECONDS = 20;

/** The finding of headers that are ahead. */
export function headerFindings(
  lag: Lag,
  height: number,
  chain: ChainParameters,
): DetectorFinding[] {
  if (lag === null) return [];
  const seconds = lag.lagging_ms / 1_000;
  const perYear = blocksPerYear(chain) * Math.exp(-seconds / DELIVERY_SECONDS);
  const severity = severityOfReturnPeriod(1 / perYear);
  if (!isNotable(severity)) return [];
  return [
    {
      finding_id: `rival_chain:headers:${lag.begun_height}`,
      severity,
      summary: `headers up to height ${lag.goal} are known for ${Math.floor(seconds)} s, and the node does not follow them`,
      height,
      latched: false,
      evidence: {
        kind: "headers",
        header_height: lag.goal,
        tip_height: height,
        behind_seconds: seconds,
        expected_per_year: significant(perYear),
      },
    },
  ];
}

/** The finding of peers that are ahead. */
export function peerFindings(lag: Lag, statement: Statement, height: number): DetectorFinding[] {
  if (lag === null || lag.lagging_ms < AHEAD_GRACE_MS) return [];
  const { groups, ahead } = statement;
  return [
    {
      finding_id: `rival_chain:peers:${lag.begun_height}`,
      severity: severityOfAhead(statement),
      summary: `${ahead} of ${groups} network groups of peers state a chain to height ${lag.goal} or more`,
      height,
      latched: false,
      evidence: {
        kind: "peers",
        groups,
        ahead,
        stated_height: lag.goal,
        tip_height: height,
        behind_seconds: lag.lagging_ms / 1_000,
        false_alarm_years: significant(aheadYears(statement)),
      },
    },
  ];
}
