/** The one error class of this package; callers match `code`, never the message. */

/** Why input was refused. Codes are stable. */
export type ContractErrorCode =
  | "payload_too_large"
  | "depth_exceeded"
  | "duplicate_key"
  | "bad_number"
  | "invalid_json"
  | "invalid_utf8"
  | "byte_order_mark"
  | "lone_surrogate"
  | "noncharacter"
  | "forbidden_key"
  | "not_plain"
  | "cycle"
  | "invalid_amount"
  | "invalid_decimal"
  | "invalid_envelope";

/** A refusal: what is wrong (`code`) and where (`path`, a JSON Pointer; `""` is the whole input). */
export class ContractError extends Error {
  override readonly name = "ContractError";
  readonly code: ContractErrorCode;
  readonly path: string;

  constructor(code: ContractErrorCode, path: string, detail: string, cause?: unknown) {
    super(path === "" ? detail : `${detail} at ${path}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.path = path;
  }
}
