/** Converts the return period of an event on an honest chain to a severity, the same for all detectors. */
import { SCALE } from "@dgb-shield/contract";

/** No statistic alone is certain: severities end here. */
export const MAX_SEVERITY = 0.99;

/** The return period at which severity reaches `MAX_SEVERITY`. */
export const MAX_SEVERITY_YEARS = 10 ** 6.9;

const PRECISION = 1_000_000;

const SEGMENTS = [
  { from: -3, severity: 0, slope: SCALE.elevated / 3 },
  { from: 0, severity: SCALE.elevated, slope: (SCALE.high - SCALE.elevated) / 3 },
  { from: 3, severity: SCALE.high, slope: (SCALE.critical - SCALE.high) / 3 },
] as const;

/**
 * Severity of an event that an honest chain shows once in `years` years on average: piecewise
 * linear in log10(years) through −3 → 0, 0 → 0.25, 3 → 0.60, 6 → 0.90, going on at the last slope
 * to 0.99 (10^6.9 years). So each detector that uses it raises `elevated` on an honest chain at most
 * once a year, `high` once in a thousand and `critical` once in a million years.
 *
 * @param years return period, 0 to Infinity; anything else, NaN included, is the highest severity
 * @returns 0–0.99 in steps of 10⁻⁶, as the network view counts them
 * @example severityOfReturnPeriod(1_000) // 0.6
 */
export function severityOfReturnPeriod(years: number): number {
  const magnitude = Math.log10(years);
  if (Number.isNaN(magnitude)) return MAX_SEVERITY;
  const segment = SEGMENTS.findLast(({ from }) => magnitude >= from);
  if (segment === undefined) return 0;
  const severity = segment.severity + segment.slope * (magnitude - segment.from);
  return Math.min(MAX_SEVERITY, Math.round(severity * PRECISION) / PRECISION);
}

/**
 * Whether a severity makes a finding. Below it, an honest chain shows such an event more than once a year:
 * that is its nature and not an anomaly. NaN makes one.
 */
export const isNotable = (severity: number): boolean => !(severity < SCALE.elevated);

/** A number cut to six significant digits, so that evidence reads and hashes alike on any machine. */
export const significant = (value: number): number => Number(value.toPrecision(6));
