/** Calls the service. Everything that the page sends goes through here. */
import type { Problem } from "./model.js";

/** The service refused, or did not answer (`code: "no_answer"`). */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** An event of the service. */
export type ServiceEvent = Readonly<{ type: string; data: unknown }>;

/** The service, with a key. */
export type Api = Readonly<{
  /** @throws ApiError */
  get<T>(path: string): Promise<T>;
  /** @throws ApiError */
  post<T>(path: string, body: object): Promise<T>;
  /** @throws ApiError */
  put<T>(path: string, body: object): Promise<T>;
  /** Follows the events until `stop`; resolves when the stream has ended, however it did. */
  events(stop: AbortSignal, on: (event: ServiceEvent) => void): Promise<void>;
}>;

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Creates the calls of one key. The key stays in this closure: nothing stores it. */
export function createApi(base: URL, key: string): Api {
  const headers = { authorization: `Bearer ${key}` };

  async function send<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(new URL(path, base), {
      method,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
    }).catch(() => undefined);
    if (response === undefined) throw new ApiError(NO_ANSWER);
    const answer = (await response.json().catch(() => undefined)) as unknown;
    if (response.ok && answer !== undefined) return answer as T;
    throw new ApiError(problemIn(answer, response.status));
  }

  return Object.freeze({
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    put: (path, body) => send("PUT", path, body),
    async events(stop, on) {
      const response = await fetch(new URL("v1/events", base), {
        headers: { ...headers, accept: "text/event-stream" },
        signal: stop,
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
      });
      if (!response.ok || response.body === null) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
        const parts = text.split("\n\n");
        text = parts.pop() ?? "";
        for (const part of parts) {
          const type = /^event: (.*)$/m.exec(part)?.[1];
          if (type !== undefined) on({ type, data: null });
        }
      }
    },
  } satisfies Api);
}

const NO_ANSWER: Problem = {
  code: "no_answer",
  title: "The service does not answer",
  detail: "Check that it runs, and the connection to it.",
  status: 0,
};

function problemIn(answer: unknown, status: number): Problem {
  const { code, title, detail } = (answer ?? {}) as Partial<Problem>;
  if (typeof code !== "string") return { ...NO_ANSWER, status };
  return { code, title: title ?? code, detail: detail ?? "", status };
}
