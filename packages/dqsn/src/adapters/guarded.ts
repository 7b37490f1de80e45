/** Calls into code of others that must not disturb the caller. */

/** What `call` returns, or undefined when it throws. */
export function guarded<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
