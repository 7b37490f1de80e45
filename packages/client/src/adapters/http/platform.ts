/** Time, randomness and network of the platform, for which arguments stand in. */

/** What a client takes from its platform. */
export type Platform = Readonly<{
  fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** 0 to 1, below 1. */
  random: () => number;
  /** Resolves after some milliseconds; rejects with the signal's reason when it is aborted. */
  sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}>;

/** The platform of Node and of browsers. */
export const PLATFORM: Platform = Object.freeze({
  fetch: (input, init) => fetch(input, init),
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const abort = (): void => {
        clearTimeout(timer);
        reject(reasonOf(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted === true) abort();
    }),
} satisfies Platform);

/** The reason of an aborted signal, as an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
