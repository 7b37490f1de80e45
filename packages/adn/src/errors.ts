/** The one error class of this package: a mistake of the integrating program, never of its input. */
import { ShieldError } from "@dgb-shield/contract";
import type { ADN_ERROR_CODES } from "./codes.js";

/** What the program got wrong. Codes are stable. */
export type AdnErrorCode = (typeof ADN_ERROR_CODES)[number];

/** A rejected configuration, state or option: what is wrong (`code`) and where (`path`, a JSON Pointer). */
export class AdnError extends ShieldError<AdnErrorCode> {
  override readonly name = "AdnError";
  declare readonly path: string;

  /** @param detail what was expected there and what was given */
  constructor(code: AdnErrorCode, path: string, detail: string) {
    super({ code, path, detail }, `${code} at ${path || "/"}: ${detail}`);
  }
}
