/** The errors of this package; callers match `code`, never the message. */
import { ShieldError } from "@dgb-shield/contract";

/** Why `createSentinel` rejected its options. Codes are stable. */
export type SentinelErrorCode = "invalid_config" | "invalid_state" | "state_of_another_node";

/** A mistake in the call of `createSentinel`; `path` is the JSON Pointer of the first error. */
export class SentinelError extends ShieldError<SentinelErrorCode> {
  override readonly name = "SentinelError";
  declare readonly path: string;

  /**
   * @param code why the options were rejected
   * @param path JSON Pointer of the first error; `""` is the whole
   * @param detail what is wrong and what to do
   */
  constructor(code: SentinelErrorCode, path: string, detail: string) {
    super({ code, path, detail }, `${code} at ${path === "" ? "the top" : path}: ${detail}`);
  }
}
