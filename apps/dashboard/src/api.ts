/** The service, called with one key; what it refuses with, as the page shows it. */
import { ClientError, createClient, type ShieldClient } from "@dgb-shield/client/http";
import type { Change, Problem } from "./model.js";

/** How long an answer may take, in milliseconds. The page asks again by itself, so that no call is repeated. */
const TIMEOUT_MS = 5_000;

/** Where the service is: beside the page's folder, `…/dashboard/` and `…/v1/`. */
const SERVICE = new URL("..", location.href.replace(/[?#].*$/, "")).href.replace(/\/$/, "");

/** Address of the service, for commands that are run elsewhere. */
export const serviceAddress = (): string => SERVICE;

/**
 * Creates the calls of one key, which stays in them: nothing stores it.
 *
 * @throws ClientError `invalid_option` for what can be no key
 */
export const createApi = (key: string): ShieldClient =>
  createClient({
    baseUrl: SERVICE,
    key,
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    // The page itself came this way.
    allowPlainHttp: location.protocol === "http:",
  });

/** Converts any thrown value to the problem that the page shows. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof ClientError)) {
    const detail = error instanceof Error ? error.message : String(error);
    return { code: "unexpected", title: "The answer could not be read", detail, status: null };
  }
  const { code, status, problem } = error;
  if (problem !== null) {
    const { title, detail } = problem;
    const proposal = code === "governed" ? (problem["proposal"] as Change | undefined) : undefined;
    return { code, title, detail, status, proposal };
  }
  const title = TITLES[code] ?? "The service did not answer as expected";
  return { code, title, detail: error.message, status };
}

const TITLES: Readonly<Record<string, string>> = {
  timeout: "The service does not answer in time",
  unreachable: "The service does not answer",
  invalid_option: "That can be no key",
};

/** Whether nothing is known of what became of a request. */
export const isUnanswered = ({ code }: Problem): boolean =>
  code === "timeout" || code === "unreachable" || code === "unexpected_answer";
