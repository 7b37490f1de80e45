/** The one error class of this package: a mistake of the integrating program, never of its input. */

/** What the program got wrong. Codes are stable. */
export type AdnErrorCode = "invalid_config" | "invalid_state" | "invalid_options";

/** A refusal to start or to report: what is wrong (`code`) and where (`path`, a JSON Pointer). */
export class AdnError extends Error {
  override readonly name = "AdnError";
  readonly code: AdnErrorCode;
  readonly path: string;

  /** @param detail path, what was expected there and what was given */
  constructor(code: AdnErrorCode, path: string, detail: string) {
    super(`${code} at ${detail}`);
    this.code = code;
    this.path = path;
  }
}
