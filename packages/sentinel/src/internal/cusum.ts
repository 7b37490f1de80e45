/** One-sided CUSUM of exponential block spacings, and how seldom an honest chain lets it grow. */

/** A shift of the mean spacing that one side looks for. */
export type Shift = {
  name: "fast" | "slow";
  /** Mean spacing that it is tuned to, as a share of the target. */
  ratio: number;
};

/**
 * Evidence for a shift from `blocks` blocks that took `spacings` target spacings: the log-likelihood
 * ratio of exponential spacings, blocks·ln(1/ratio) − spacings·(1/ratio − 1).
 *
 * @param spacings time taken, in target spacings
 */
export const logLikelihoodRatio = ({ ratio }: Shift, blocks: number, spacings: number): number =>
  -blocks * Math.log(ratio) - spacings * (1 / ratio - 1);

/** Mean evidence that a block of an honest chain adds; negative. */
const honestDrift = (shift: Shift): number => logLikelihoodRatio(shift, 1, 1);

/**
 * Blocks between two false alarms at a threshold, on average: Wald's approximation of the average run
 * length, (e^h − h − 1) / |drift| (Page 1954; Siegmund, Sequential Analysis, 1985, chapter II). It
 * leaves out the overshoot of the threshold, which makes true runs longer: it errs towards saying less.
 *
 * @param threshold h, in nats, at least 0
 */
export const averageRunLength = (shift: Shift, threshold: number): number =>
  (Math.expm1(threshold) - threshold) / -honestDrift(shift);

/** The threshold at which `averageRunLength` is `blocks`, for large runs. */
export const thresholdOf = (shift: Shift, blocks: number): number =>
  Math.log(blocks * -honestDrift(shift));
