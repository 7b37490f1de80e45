/** Sends a request: with a time-out, and again where that is safe. */
import { problemOf, retryAfterMs, type WholeAnswer } from "./answer.js";
import { ClientError } from "./client-error.js";
import { reasonOf } from "./platform.js";
import { isPassing } from "./repeatable.js";
import type { ClientSettings } from "./settings.js";

/** A request that can be sent more than once. */
export type Outgoing = Readonly<{
  url: string;
  init: RequestInit;
  /** Whether it may have been carried out and be sent again all the same. */
  repeatable: boolean;
  /** Ends it and its repetitions. */
  signal: AbortSignal | undefined;
}>;

/** An answer, and how many requests it took. */
export type Sent = Readonly<{ answer: WholeAnswer; attempts: number }>;

/** What every request has: no cookies, no cache, and no other address than the one that was given. */
export const COMMON_INIT = Object.freeze({
  redirect: "error",
  credentials: "omit",
  cache: "no-store",
  referrerPolicy: "no-referrer",
}) satisfies RequestInit;

/** First wait before another try, in milliseconds; it doubles. */
const FIRST_WAIT_MS = 200;

/**
 * Sends a request until it is answered for good, or its tries are used up.
 *
 * @returns the answer of the last try, whatever its status
 * @throws ClientError `timeout`, `unreachable`; the reason of the signal
 */
export async function send(outgoing: Outgoing, settings: ClientSettings): Promise<Sent> {
  const { platform, retries, maxWaitMs } = settings;
  const { repeatable, signal } = outgoing;
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt(outgoing, settings, attempts);
    const isError = outcome instanceof ClientError;
    const isWorthIt = isError
      ? repeatable
      : isPassing(outcome.status, problemOf(outcome)?.code, repeatable);
    const waitMs = waitOf(isError ? null : retryAfterMs(outcome), attempts, platform.random());
    if (!isWorthIt || attempts > retries || waitMs > maxWaitMs) {
      if (isError) throw outcome;
      return { answer: outcome, attempts };
    }
    await platform.sleep(waitMs, signal);
  }
}

/** Full jitter over a doubling wait, on top of what the service asked for. */
const waitOf = (retryAfter: number | null, attempts: number, random: number): number =>
  Math.round((retryAfter ?? 0) + random * FIRST_WAIT_MS * 2 ** Math.min(attempts, 10));

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

async function attempt(
  { url, init, signal }: Outgoing,
  { platform, timeoutMs }: ClientSettings,
  attempts: number,
): Promise<WholeAnswer | ClientError> {
  if (isAborted(signal)) throw reasonOf(signal);
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  const abort = (): void => ending.abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([
      whole(platform.fetch(url, { ...init, signal: ending.signal })),
      ended(ending.signal),
    ]);
  } catch (cause) {
    if (isAborted(signal)) throw reasonOf(signal);
    return ending.signal.aborted
      ? new ClientError("timeout", timeoutText(url, timeoutMs), { attempts, cause })
      : new ClientError("unreachable", unreachableText(url, cause), { attempts, cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Reads an answer whole: a body that breaks off is no answer, and is read within the time and the tries. */
async function whole(answered: Promise<Response>): Promise<WholeAnswer> {
  const response = await answered;
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** Rejects when the signal is aborted: where the request was collected as garbage, Node's fetch does not pass it on. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(reasonOf(signal)), { once: true });
  });

/** Says that nothing came in time. */
export const timeoutText = (url: string, ms: number): string =>
  `No answer of ${new URL(url).origin} came within ${ms} ms. Treat a payment as refused, and send the same request again.`;

/** Says that no connection came about, or that it broke. */
export function unreachableText(url: string, cause: unknown): string {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const text = inner instanceof Error && inner.message !== "" ? `: ${inner.message}` : "";
  return `${new URL(url).origin} cannot be reached${text}. Check the address, and that the service runs.`;
}
