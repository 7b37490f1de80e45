/** The one error class of this package: a bug of the integrating programmer, never bad input. */
import { ShieldError } from "@dgb-shield/contract";

/** What is wrong with a call. Codes are stable. */
export type DqsnConfigErrorCode =
  "invalid_config" | "invalid_reporter" | "too_many_muted" | "invalid_time" | "invalid_acceptance";

/** A malformed configuration or argument: what is wrong (`code`) and where (`path`, a JSON Pointer). */
export class DqsnConfigError extends ShieldError<DqsnConfigErrorCode> {
  override readonly name = "DqsnConfigError";
  declare readonly path: string;

  constructor(code: DqsnConfigErrorCode, path: string, detail: string, cause?: unknown) {
    super({ code, path, detail, cause });
  }
}
