/** The one error class of this package: a bug of the integrating programmer, never bad input. */

/** What the programmer got wrong. */
export type DqsnConfigErrorCode =
  "invalid_config" | "invalid_reporter" | "too_many_muted" | "invalid_time" | "invalid_acceptance";

/** Refused configuration: what is wrong (`code`) and where (`path`, a JSON Pointer). */
export class DqsnConfigError extends Error {
  override readonly name = "DqsnConfigError";
  readonly code: DqsnConfigErrorCode;
  readonly path: string;

  constructor(code: DqsnConfigErrorCode, path: string, detail: string, options?: ErrorOptions) {
    super(path === "" ? detail : `${detail} at ${path}`, options);
    this.code = code;
    this.path = path;
  }
}
