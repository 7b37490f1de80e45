/** Makes findings of requested evidence that is missing. */
import { SCALE } from "@dgb-shield/contract";
import { EVIDENCE_UNAVAILABLE } from "../codes.js";
import type { DetectorFinding } from "./detector.js";
import type { Unavailable, WatchedObservation } from "../observation/observation.js";

const SEVERITY: Readonly<Record<Unavailable["reason"], number>> = Object.freeze({
  // A pruned node never has it again: known, and no alarm.
  pruned: 0,
  failed: SCALE.elevated,
});

/**
 * A finding for each kind of evidence that is lacking and each reason: 0 where it was pruned, 0.25 where
 * the request failed. The detectors that need it do not run, so that missing evidence is not mistaken for a healthy node.
 */
export function unavailableFindings({
  unavailable,
  tip,
}: WatchedObservation): (DetectorFinding & { detector: string })[] {
  // [FINDING evidence_unavailable] requested evidence is missing
  if (unavailable === undefined) return [];
  const kinds = new Map(unavailable.map((one) => [`${one.what}:${one.reason}`, one]));
  return [...kinds].map(([kind, { what, reason, height }]) => ({
    detector: EVIDENCE_UNAVAILABLE,
    finding_id: `${EVIDENCE_UNAVAILABLE}:${kind}`,
    severity: SEVERITY[reason],
    summary: `the node has no ${what} to show: ${reason}`,
    height: height ?? tip.height,
    latched: false,
    evidence: { what, reason, count: unavailable.filter((one) => one.what === what).length },
  }));
}
