/** The one error class of this package: a mistake of the integrating program, never of its input. */

/** What the program got wrong. Codes are stable. */
export type QwgErrorCode = "invalid_policy" | "invalid_binding" | "invalid_options";

/** A refusal to start: what is wrong (`code`) and where (`path`, a JSON Pointer). */
export class QwgError extends Error {
  override readonly name = "QwgError";
  readonly code: QwgErrorCode;
  readonly path: string;

  constructor(code: QwgErrorCode, path: string) {
    super(path === "" ? code : `${code} at ${path}`);
    this.code = code;
    this.path = path;
  }
}
