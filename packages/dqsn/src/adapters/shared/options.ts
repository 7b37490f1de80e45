/** Reads the options of an adapter: own properties alone, bounds that are numbers. */

/** Largest time of a timer of Node, in milliseconds; a larger one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Copies an options object without its prototype, so that no option is read through one.
 *
 * @throws TypeError when `options` is not an object
 */
export function ownOptions<T extends object>(options: T): T {
  if (Object(options) !== options) throw new TypeError("options must be an object");
  return Object.assign(Object.create(null) as T, options);
}

/**
 * Reads a bound: a missing one has its default, and NaN, Infinity, 0 or a fraction would be no bound at all.
 *
 * @throws TypeError that names the option
 */
export function bound(name: string, value: number | undefined, byDefault: number): number {
  if (value === undefined) return byDefault;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`${name} must be an integer from 1, got ${String(value)}`);
}

/**
 * Reads a time in milliseconds that a timer can wait.
 *
 * @throws TypeError that names the option
 */
export function delayMs(name: string, value: number | undefined, byDefault: number): number {
  const checked = bound(name, value, byDefault);
  if (checked <= MAX_TIMER_MS) return checked;
  throw new TypeError(`${name} must be at most ${MAX_TIMER_MS} ms, got ${checked}`);
}
