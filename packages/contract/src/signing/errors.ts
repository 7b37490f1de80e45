/** The error of signing for its caller's own mistakes, and the inner refusal of a verification. */
import { ContractError, ShieldError } from "../errors.js";
import { boundedPointer } from "../json/pointer.js";
import type { SigningRefusal, SigningRefusalCode } from "./codes.js";

/** What the integrating programmer got wrong. Codes are stable. */
export type SigningErrorCode =
  "invalid_keyring" | "invalid_batch" | "invalid_key" | "signer_failed" | "invalid_store";

/** Thrown by `parseKeyring`, `signBatch`, the key functions and the durable stores, never by `verifyBatch`. */
export class SigningError extends ShieldError<SigningErrorCode> {
  override readonly name = "SigningError";
  /** JSON Pointer of the first error; `""` is the whole input. */
  declare readonly path: string;

  constructor(code: SigningErrorCode, path: string, detail: string, cause?: unknown) {
    super({ code, path, detail, cause });
  }
}

/** Carries a refusal out of a verification; `verifyBatchWith` turns it into the answer. */
export class Refused extends Error {
  readonly code: SigningRefusalCode;
  readonly path: string;

  readonly detail: string | undefined;

  constructor(code: SigningRefusalCode, path: string, detail?: string) {
    super(code);
    this.code = code;
    this.path = path;
    this.detail = detail;
  }
}

/** The answer for a refusal. */
export const refusal = ({ code, path, detail }: Refused): SigningRefusal => ({
  accepted: false,
  code,
  path: boundedPointer(path),
  ...(detail === undefined ? {} : { detail }),
});

/** Runs `read`, a reader of this package; its refusals are refusals of what stands at `path`. */
export function refuseAt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ContractError) throw new Refused(error.code, `${path}${error.path}`);
    throw error;
  }
}
