/** The one error class of this package, for mistakes of the integrating programmer. */

/** What was wrong. Codes are stable. */
export type BridgeErrorCode =
  | "invalid_config"
  | "invalid_timeout"
  | "sink_closed"
  | "outbox_locked"
  | "file_locked"
  | "lock_unavailable"
  | "foreign_file"
  | "unsupported_folder";

/** A caller's mistake: what (`code`) and where (`path`, a JSON Pointer; `""` where there is none). */
export class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly code: BridgeErrorCode;
  readonly path: string;

  constructor(code: BridgeErrorCode, path: string, detail: string) {
    super(path === "" ? detail : `${detail} at ${path}`);
    this.code = code;
    this.path = path;
  }
}
