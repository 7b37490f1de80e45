/** Computes how usual a payment is for its account, from sums of what left before (design, section 7: behaviour). */

const DAY_MS = 86_400_000;
const DAYS_OF_A_WEEK = 7;

/** Earlier days, and earlier weeks, that a payment is compared with. */
const BEHAVIOUR_DAYS = 21;
const BEHAVIOUR_WEEKS = 26;
/** Days, or weeks, on which something left, that a comparison needs. */
const LEAST_ACTIVE = 5;
/** Times the median day that the largest one counts for at most. */
const MOST_TIMES_MEDIAN = 8n;
/** Times the reference that is still usual. */
const USUAL_TIMES = 2n;
/** Scores have two places. */
const HUNDRED = 100n;
/** Score of what is usual, and of an account with too little history. */
const USUAL = HUNDRED;
/** Largest score, in hundredths. */
const LARGEST = 100_000_000n;

/** Lengths of the windows whose sums the score is made of, in days, shortest first. */
const WINDOW_DAYS: readonly number[] = Object.freeze([
  ...new Set(
    [
      ...Array.from({ length: BEHAVIOUR_DAYS + 1 }, (_, i) => i + 1),
      ...Array.from({ length: BEHAVIOUR_WEEKS + 1 }, (_, i) => (i + 1) * DAYS_OF_A_WEEK),
    ].sort((a, b) => a - b),
  ),
]);

/** The same in milliseconds. */
export const BEHAVIOUR_WINDOWS_MS: readonly number[] = Object.freeze(
  WINDOW_DAYS.map((days) => days * DAY_MS),
);

/**
 * Scores a payment: what leaves an account within 24 hours, this payment included, over twice the most that left on one of the 21
 * days before, and the same of 7 days and the 26 weeks before; the worse counts. So 1.5 is three times the most. The most is at most
 * eight times the median of the days (weeks) on which anything left, so that one large payment long ago excuses nothing; with fewer
 * than five of them nothing is compared.
 *
 * @param sums what left within each of `BEHAVIOUR_WINDOWS_MS` up to now, without this payment, in base units
 * @param amount of this payment, in base units
 * @returns 1 for what is usual, up to 1,000,000, with two places rounded up
 */
export function behaviourScore(sums: readonly bigint[], amount: bigint): number {
  const byDays = new Map(WINDOW_DAYS.map((days, index) => [days, sums[index] ?? 0n]));
  const of = (days: number): bigint => byDays.get(days) ?? 0n;
  const days = scoreOf(stepsOf(of, BEHAVIOUR_DAYS, 1), amount);
  const weeks = scoreOf(stepsOf(of, BEHAVIOUR_WEEKS, DAYS_OF_A_WEEK), amount);
  const worst = days > weeks ? days : weeks;
  return Number(worst) / Number(HUNDRED);
}

type Steps = Readonly<{ current: bigint; earlier: readonly bigint[] }>;

/** What left in the present step, and in each of those before. */
function stepsOf(of: (days: number) => bigint, count: number, days: number): Steps {
  const earlier = Array.from({ length: count }, (_, i) => of((i + 2) * days) - of((i + 1) * days));
  return { current: of(days), earlier };
}

/** Hundredths, at least those of what is usual. */
function scoreOf({ current, earlier }: Steps, amount: bigint): bigint {
  const active = earlier.filter((sum) => sum > 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (active.length < LEAST_ACTIVE) return USUAL;
  const median = active[Math.ceil(active.length / 2) - 1] ?? 0n;
  const largest = active.at(-1) ?? 0n;
  const limit = median * MOST_TIMES_MEDIAN;
  const reference = (largest < limit ? largest : limit) * USUAL_TIMES;
  const score = ((current + amount) * HUNDRED + reference - 1n) / reference;
  if (score < USUAL) return USUAL;
  return score > LARGEST ? LARGEST : score;
}
