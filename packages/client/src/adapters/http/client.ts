/** A client of the service's HTTP interface, for browsers and Node (design, section 13). */
import createFetchClient from "openapi-fetch";
import { readAnswer } from "./answer.js";
import type { AnswerOf, CallArguments, CallOptions, Method, PathOf } from "./api-types.js";
import { ClientError } from "./client-error.js";
import { followEvents } from "./events/follow.js";
import type { EventsOptions } from "./events/types.js";
import { isRepeatable } from "./repeatable.js";
import { COMMON_INIT, send, type Sent } from "./send.js";
import { type ClientOptions, settingsOf } from "./settings.js";

/** A call of one method: the answer of 200 as it is documented, or a ClientError. */
export type Call<M extends Method> = <P extends PathOf<M>>(
  path: P,
  ...options: CallArguments<CallOptions<M, P>>
) => Promise<AnswerOf<M, P>>;

/** A client. Every method rejects with a ClientError, or with the reason of its signal. */
export type ShieldClient = Readonly<{
  get: Call<"get">;
  put: Call<"put">;
  post: Call<"post">;
  /**
   * Follows the service's events until the signal ends it, over any number of connections.
   *
   * @returns when the signal is aborted
   * @throws ClientError where the service refuses the key for good; what `onEvent` and `onReset` throw
   */
  events(options: EventsOptions): Promise<void>;
}>;

type Given = Readonly<{
  path?: Readonly<Record<string, unknown>>;
  query?: object;
  body?: unknown;
  signal?: AbortSignal;
}>;

type Requesting = (
  method: string,
  path: string,
  init: Readonly<{
    params: object;
    body: unknown;
    parseAs: "text";
    fetch: (request: Request) => Promise<Response>;
  }>,
) => Promise<unknown>;

/**
 * Makes a client. A request that may be repeated is sent again where no answer came, or one that says so; with the service's
 * ids nothing counts twice. Time, randomness and network can be given.
 *
 * @throws ClientError `invalid_option`
 *
 * @example
 * const client = createClient({ baseUrl: "http://127.0.0.1:8480", key });
 * const { state, summary } = await client.get("/v1/status");
 */
export function createClient(options: ClientOptions): ShieldClient {
  const settings = settingsOf(options);
  const { baseUrl, headers } = settings;
  const request = createFetchClient({ baseUrl, headers }).request as unknown as Requesting;

  async function call(method: Method, path: string, given: Given = {}): Promise<unknown> {
    let sent: Sent | undefined;
    await request(method, path, {
      params: { path: pathParameters(given.path), query: given.query },
      body: given.body,
      parseAs: "text",
      // The library builds address and body; what is sent, and how often, is decided here.
      async fetch(built) {
        const body = built.body === null ? null : await built.text();
        sent = await send(
          {
            url: built.url,
            init: { ...COMMON_INIT, method: built.method, headers: built.headers, body },
            repeatable: isRepeatable(method, path),
            signal: given.signal,
          },
          settings,
        );
        return new Response(null);
      },
    });
    if (sent === undefined) throw new ClientError("unreachable", "Nothing was sent.");
    return readAnswer(sent.answer, path === "/metrics", sent.attempts);
  }

  const calling = (method: Method) => (path: string, given?: Given) => call(method, path, given);
  return Object.freeze({
    get: calling("get") as Call<"get">,
    put: calling("put") as Call<"put">,
    post: calling("post") as Call<"post">,
    events: (given) => followEvents(given, settings),
  } satisfies ShieldClient);
}

/** Refuses ids that an address cannot carry: they would name another resource. */
function pathParameters(path: Readonly<Record<string, unknown>> = {}) {
  for (const [name, value] of Object.entries(path)) {
    // [invalid_option] dots are steps of a path, even as %2e
    if (["", ".", ".."].includes(String(value))) {
      throw new ClientError(
        "invalid_option",
        `"${String(value)}" cannot be a ${name}. Give another one.`,
      );
    }
  }
  return path;
}
