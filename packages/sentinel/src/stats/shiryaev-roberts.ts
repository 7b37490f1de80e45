/**
 * The Shiryaev–Roberts statistic: how long an honest chain would take to give such evidence
 * (Shiryaev 1963, Roberts 1966).
 *
 * With likelihood ratios L of the sought against the honest distribution, R(n) = (1 + R(n − 1))·L(n). On an
 * honest chain each L is 1 on average whatever came before, so R(n) − n is a martingale: the average
 * number of steps until R first reaches a threshold A is at least A (Pollak 1985). R, in steps, is
 * therefore a return period, without approximation; among several statistics that each get a share of
 * the false alarms, share·R. It is the fastest on average among all procedures that raise as many false
 * alarms and wait long (Pollak and Tartakovsky 2009).
 */

/** What is new: n steps that differ in nothing, and the likelihood ratio of them all together. */
export type Steps = Readonly<{
  /** At least 0; its honest average is at most 1. */
  likelihoodRatio: number;
  /** n, at least 1. */
  steps: number;
  /** Most that is held, so that what has ended wears off. */
  ceiling: number;
}>;

/**
 * The statistic after n steps: R·L^n and the steps between, L^n + … + L.
 *
 * @param statistic R so far, in steps, at least 0
 */
export function nextStatistic(
  statistic: number,
  { likelihoodRatio, steps, ceiling }: Steps,
): number {
  if (steps === 1) return Math.min(ceiling, (1 + statistic) * likelihoodRatio);
  const each = likelihoodRatio ** (1 / steps);
  const between = each === 1 ? steps : (each * (likelihoodRatio - 1)) / (each - 1);
  const reached = statistic * likelihoodRatio + between;
  return Number.isFinite(reached) ? Math.min(ceiling, reached) : ceiling;
}

/**
 * Steps until it first reaches a threshold, on an honest chain, on average: at least the threshold.
 *
 * @param share of the false alarms that this statistic may raise, above 0, at most 1
 * @param stepsPerYear steps that an honest chain makes in a year
 * @returns return period in years
 */
export const yearsOf = (statistic: number, share: number, stepsPerYear: number): number =>
  (share * statistic) / stepsPerYear;
