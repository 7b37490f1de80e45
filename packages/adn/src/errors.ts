/** The one error class of this package: a mistake of the integrating program, never of its input. */

/** What the program got wrong. Codes are stable. */
export type AdnErrorCode = "invalid_config";

/** A refusal to start: what is wrong (`code`) and where (`path`, a JSON Pointer). */
export class AdnError extends Error {
  override readonly name = "AdnError";
  readonly code: AdnErrorCode;
  readonly path: string;

  constructor(code: AdnErrorCode, path: string) {
    super(path === "" ? code : `${code} at ${path}`);
    this.code = code;
    this.path = path;
  }
}
