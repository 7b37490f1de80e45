/** Circuit breakers: findings that are critical together, whatever their scores. */
import type { DetectorFinding } from "./detector.js";
import { MAX_SEVERITY } from "../stats/severity.js";

/** Detector name under which circuit breakers report. */
export const CIRCUIT_BREAKER = "circuit_breaker";

type Raised = DetectorFinding & { detector: string };

/** Each group needs a finding of one of its detectors. */
const COMPOUND = [["entropy_drop", "nonce_reuse"], ["mempool_surge"], ["reorg"]] as const;

/**
 * Keys that leak, a mempool that swells and a reorganisation deep enough to be a finding, at one time:
 * the mark of a theft that is being covered up. Each raises at most one false alarm a year and lasts
 * for a day at most, so that independent ones meet less often than once in a million years where the
 * reorganisation lasts for ten minutes. Findings that were acknowledged count.
 *
 * Repeated reorganisations are `reorg`'s own breaker (`reorg:repeated`).
 *
 * @param height of the tip
 */
export function circuitBreakers(findings: readonly Raised[], height: number): Raised[] {
  if (findings.length < COMPOUND.length) return [];
  const parts = COMPOUND.map((group) =>
    findings.find(({ detector }) => group.some((name) => name === detector)),
  );
  const found = parts.filter((part) => part !== undefined);
  const reorg = found.at(-1);
  // [FINDING circuit_breaker] leaked keys, a mempool surge and a reorganisation at one time
  if (found.length < COMPOUND.length || reorg === undefined) return [];
  return [
    {
      detector: CIRCUIT_BREAKER,
      finding_id: `${CIRCUIT_BREAKER}:compound:${reorg.finding_id}`,
      severity: MAX_SEVERITY,
      summary: "signatures that leak keys, a mempool surge and a deep reorganisation at one time",
      height,
      latched: false,
      evidence: { findings: found.map(({ finding_id }) => finding_id) },
    },
  ];
}
