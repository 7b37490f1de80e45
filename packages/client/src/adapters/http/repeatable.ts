/** Which requests may be sent again although the first one may have been carried out. */
import type { Method } from "./api-types.js";

/** Orders whose repetition counts once: by the payment's id and content, or since they change nothing more. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "put /v1/payments/{id}",
  "post /v1/payments/{id}/approvals",
  "post /v1/payments/{id}/claim",
  "post /v1/payments/{id}/commit",
  "post /v1/simulate",
  "put /v1/destinations",
  "post /v1/destinations/approvals",
  "post /v1/signals",
]);

/** Problems that say that nothing was done. */
const NOTHING_DONE: ReadonlySet<string> = new Set([
  "rate_limited",
  "too_many_streams",
  "keys_unavailable",
  "watcher_unavailable",
  "closing",
]);

/** Statuses that are about the moment. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Whether a request may be sent again when no answer to it has come. */
export const isRepeatable = (method: Method, path: string): boolean =>
  method === "get" || REPEATABLE.has(`${method} ${path}`);

/** Whether an answer is worth another try. */
export const isPassing = (status: number, code: string | undefined, repeatable: boolean): boolean =>
  PASSING.has(status) && (repeatable || (code !== undefined && NOTHING_DONE.has(code)));
