/** The one error class of this package: a mistake of the integrating program, never of its input. */

/** What the program got wrong. Codes are stable. */
export type QwgErrorCode =
  "invalid_policy" | "invalid_binding" | "invalid_options" | "invalid_record" | "invalid_result";

/** A refusal to start: what is wrong (`code`), where (`path`, a JSON Pointer), and in the message what to do. */
export class QwgError extends Error {
  override readonly name = "QwgError";
  readonly code: QwgErrorCode;
  readonly path: string;

  constructor(code: QwgErrorCode, path: string, detail = "") {
    super(`${code}${path === "" ? "" : ` at ${path}`}${detail === "" ? "" : `: ${detail}`}`);
    this.code = code;
    this.path = path;
  }
}
