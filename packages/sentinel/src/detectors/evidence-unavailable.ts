/** Makes findings of evidence that is missing: requested and not there, or blocks that were not shown. */
import { SCALE } from "@dgb-shield/contract";
import { EVIDENCE_UNAVAILABLE } from "../codes.js";
import type { DetectorFinding } from "./detector.js";
import type { MissingBlocks } from "../observation/linkage.js";
import type { Unavailable, WatchedObservation } from "../observation/observation.js";

const SEVERITY: Readonly<Record<Unavailable["reason"], number>> = Object.freeze({
  // A pruned node never has it again: known, and no alarm.
  pruned: 0,
  failed: SCALE.elevated,
  // The same of what a version does not have.
  unsupported: 0,
  too_deep: SCALE.elevated,
});

/** Detectors that judge every block by itself: where one is missing they have not run on it. */
const NEED_EVERY_BLOCK: ReadonlySet<string> = new Set([
  "retired_algorithm",
  "block_cadence",
  "algo_share",
  "clock_trust",
  "subsidy",
]);

/** Whether a detector has run on all that it needs. */
export const hasRun = (detector: string, missing: MissingBlocks | undefined): boolean =>
  missing === undefined || !NEED_EVERY_BLOCK.has(detector);

type Missing = DetectorFinding & { detector: string };

/**
 * A finding for each kind of evidence that is lacking and each reason: 0 where it was pruned or where the node's
 * version does not have it, 0.25 where the request failed or where there is more of it than is read. The detectors that need it do not run, so that missing evidence is not mistaken for a healthy node.
 */
export function unavailableFindings({ unavailable, tip }: WatchedObservation): Missing[] {
  // [FINDING evidence_unavailable] requested evidence is missing
  if (unavailable === undefined) return [];
  const kinds = new Map(unavailable.map((one) => [kindOf(one), one]));
  return [...kinds].map(([kind, { what, reason, height }]) => ({
    detector: EVIDENCE_UNAVAILABLE,
    finding_id: `${EVIDENCE_UNAVAILABLE}:${kind}`,
    severity: SEVERITY[reason],
    summary: `the node has no ${what} to show: ${reason}`,
    height: height ?? tip.height,
    latched: false,
    evidence: { what, reason, count: unavailable.filter((one) => kindOf(one) === kind).length },
  }));
}

const kindOf = ({ what, reason }: Unavailable): string => `${what}:${reason}`;

/**
 * A finding of 0.25 while an observation lacks blocks between the last tip and its own; it ends with the next
 * one that is whole. Where the last tip fell out of the chain, the reorganisation is what is found.
 */
export function gapFindings(
  missing: MissingBlocks | undefined,
  { tip }: WatchedObservation,
): Missing[] {
  // The same finding, of evidence that was not requested.
  if (missing === undefined || missing.isReorganised) return [];
  const { count, first_height } = missing;
  return [
    {
      detector: EVIDENCE_UNAVAILABLE,
      finding_id: `${EVIDENCE_UNAVAILABLE}:block:gap`,
      severity: SCALE.elevated,
      summary: `${count} blocks from height ${first_height} on were not shown: give every block since the last tip, in parts with "more" where there are many`,
      height: tip.height,
      latched: false,
      evidence: { what: "block", reason: "gap", count, first_height },
    },
  ];
}
