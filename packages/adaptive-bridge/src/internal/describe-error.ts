/** The message of whatever a sink threw. */

const MAX_LENGTH = 256;

/** At most 256 characters; never throws, even where the thrown value's own code does. */
export function describeError(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message : String(error);
    return text.slice(0, MAX_LENGTH);
  } catch {
    return "unknown error";
  }
}
