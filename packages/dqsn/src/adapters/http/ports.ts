/** Ports of the HTTP plugin (design section 4.2). */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { SignalV2 } from "@dgb-shield/contract";

/** What somebody wants to do. */
export type Action = "evaluate" | "ingest" | "view";

/** Who wants to do what, as far as HTTP tells; the body has not been read. */
export type Attempt = Readonly<{
  action: Action;
  headers: IncomingHttpHeaders;
  ip: string;
  method: string;
  url: string;
}>;

/** What is granted. */
export interface Grant {
  /**
   * Whether this caller may speak for the signal's node, operator and source. Asked of every signal
   * that is well-formed; a refusal or an error refuses that signal.
   */
  maySpeakFor(signal: SignalV2): boolean;
}

/** Grants or, with undefined, refuses. An error refuses with 500. */
export type Authorize = (attempt: Attempt) => Grant | undefined | Promise<Grant | undefined>;

/** Takes over a request to a stream. */
export interface StreamPort {
  handle(request: IncomingMessage, response: ServerResponse): void;
}
