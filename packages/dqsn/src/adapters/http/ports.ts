/** Ports of the HTTP plugin (design section 4.2: exporters). */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { SignalV2 } from "@dgb-shield/contract";

/** The actions that need a grant. */
export type Action = "evaluate" | "ingest" | "view";

/** A request for access, as far as HTTP shows it; the body has not been read. `headers` has no prototype. */
export type AccessRequest = Readonly<{
  action: Action;
  headers: IncomingHttpHeaders;
  ip: string;
  method: string;
  url: string;
}>;

/**
 * A grant of exactly what it names, as own properties of a plain object. A grant that names nothing, or
 * anything else, is a rejection.
 */
export type Grant = Readonly<{
  /** Permits `POST /evaluate`. */
  evaluate?: boolean;
  /** Permits `GET /network` and its stream. */
  view?: boolean;
  /**
   * Permits `POST /signals`, for the signals for which it returns true: whether this caller may report
   * as the signal's node, operator and source (`speaksAs` checks all three). It is called with every
   * well-formed signal; any other answer than true, a promise too, or an error rejects that signal.
   */
  maySpeakFor?: (signal: SignalV2) => boolean;
}>;

/**
 * Answers a request for access with a grant. Anything else, with or without a promise around it (undefined,
 * null, false, `{}`, a text), rejects with 401, a grant that does not name the action with 403, an error with 500.
 */
export type Authorize = (
  request: AccessRequest,
) => Grant | null | undefined | false | Promise<Grant | null | undefined | false>;

/** Takes over a request to a stream. */
export interface StreamPort {
  handle(request: IncomingMessage, response: ServerResponse): void;
}
