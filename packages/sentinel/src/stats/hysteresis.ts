/** Opens a finding at one return period and ends it at a much shorter one. */

/** Return period at which a severity reaches 0.25: a finding opens. */
const OPENING_YEARS = 1;

/** Return period up to which a severity is 0: a finding ends. */
const ENDING_YEARS = 0.001;

/**
 * Where the finding that is open was raised.
 *
 * @param raisedAt height at which it was raised; null while there is none
 * @param years return period of such a finding on an honest chain; NaN opens
 */
export function raisedAfter(raisedAt: number | null, years: number, height: number): number | null {
  if (raisedAt === null) return years < OPENING_YEARS ? null : height;
  return years <= ENDING_YEARS ? null : raisedAt;
}
