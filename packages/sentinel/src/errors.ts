/** The errors of this package: one class a module; callers match `code`, never the message. */

/** Why `createSentinel` refused its configuration. Codes are stable. */
export type SentinelErrorCode = "invalid_configuration" | "invalid_state" | "state_of_another_node";

/** A mistake of the integrating programmer; `path` is the JSON Pointer of the first offence. */
export class SentinelError extends Error {
  override readonly name = "SentinelError";
  readonly code: SentinelErrorCode;
  readonly path: string;

  constructor(code: SentinelErrorCode, path: string, detail: string) {
    super(`${code} at ${path === "" ? "the top" : path}: ${detail}`);
    this.code = code;
    this.path = path;
  }
}
