/** The one error class of this package: a mistake of the integrating program, never of its input. */
import { ShieldError } from "@dgb-shield/contract";

/** What the program got wrong. Codes are stable. */
export type QwgErrorCode =
  "invalid_policy" | "invalid_binding" | "invalid_options" | "invalid_record" | "invalid_result";

/**
 * An error of configuration or call: what is wrong (`code`), where (`path`, a JSON Pointer; `""` is the whole
 * input), and what to do (`detail`).
 */
export class QwgError extends ShieldError<QwgErrorCode> {
  override readonly name = "QwgError";
  declare readonly path: string;

  constructor(code: QwgErrorCode, path: string, detail: string) {
    super({ code, path, detail }, `${code}${path === "" ? "" : ` at ${path}`}: ${detail}`);
  }
}
