/** Bounds a wait: a store or a ledger that never answers must not hold a decision for ever. */

/** How long one answer is waited for, in milliseconds. */
const MAX_WAIT_MS = 5_000;

/**
 * Waits for a promise, at most five seconds.
 *
 * @returns whether it was fulfilled within that time; never rejects
 */
export async function within(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), MAX_WAIT_MS);
  });
  const answered = promise.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
