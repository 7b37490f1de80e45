/** Isolates calls of the integrator's functions from the caller. */

/**
 * Calls a function of the integrator, ignoring exceptions. A promise that it returns is not awaited, and its rejection is
 * caught: an asynchronous listener that fails must not end the process.
 *
 * @returns the result of `call`, or undefined when it throws
 */
export function guarded<T>(call: () => T): T | undefined {
  try {
    const result = call();
    if (isThenable(result)) result.then(ignore, ignore);
    return result;
  } catch {
    return undefined;
  }
}

type Thenable = Readonly<{ then: (onDone: () => void, onFailure: () => void) => unknown }>;

/** Recognises promises of this and of other realms. */
const isThenable = (value: unknown): value is Thenable =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Readonly<Record<string, unknown>>)["then"] === "function";

const ignore = (): void => undefined;
