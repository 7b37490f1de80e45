/** Evidence that was asked for and did not come (design: layer 1). */
import { SCALE } from "@dgb-shield/contract";
import { EVIDENCE_UNAVAILABLE } from "../codes.js";
import type { DetectorFinding } from "./detector.js";
import type { Unavailable, WatchedObservation } from "../observation/observation.js";

const SEVERITY: Readonly<Record<Unavailable["reason"], number>> = Object.freeze({
  // What a pruned node has thrown away it will never have: known, and no alarm.
  pruned: 0,
  failed: SCALE.elevated,
});

/**
 * A finding for each kind of evidence that is lacking and each reason: 0 where it was pruned, 0.25 where
 * asking failed. The detectors that need it do not run, so nobody takes silence for health.
 */
export function unavailableFindings({
  unavailable,
  tip,
}: WatchedObservation): (DetectorFinding & { detector: string })[] {
  // [FINDING evidence_unavailable] the node did not give what it was asked for
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
