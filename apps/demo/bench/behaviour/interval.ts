/** The exact interval of a rate (Clopper and Pearson, 1934), 95 %. */

const TAIL = 0.025;
const STEPS = 60;

/** Logarithms of factorials up to `n`. */
function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let i = 1; i <= n; i++) logs[i] = (logs[i - 1] ?? 0) + Math.log(i);
  return logs;
}

/**
 * The rates between which the true one lies, where `k` of `n` independent trials were counted.
 *
 * @returns both ends, 0–1
 */
export function exactInterval(k: number, n: number): readonly [number, number] {
  const logs = logFactorials(n);
  const at = (i: number, p: number): number =>
    Math.exp(
      (logs[n] ?? 0) -
        (logs[i] ?? 0) -
        (logs[n - i] ?? 0) +
        (i === 0 ? 0 : i * Math.log(p)) +
        (i === n ? 0 : (n - i) * Math.log1p(-p)),
    );
  /** P(X ≤ k). */
  const upTo = (most: number, p: number): number => {
    let sum = 0;
    for (let i = 0; i <= most; i++) sum += at(i, p);
    return sum;
  };
  const solve = (isBelow: (p: number) => boolean): number => {
    let [low, high] = [0, 1];
    for (let i = 0; i < STEPS; i++) {
      const middle = (low + high) / 2;
      if (isBelow(middle)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return [
    k === 0 ? 0 : solve((p) => 1 - upTo(k - 1, p) < TAIL),
    k === n ? 1 : solve((p) => upTo(k, p) > TAIL),
  ];
}
