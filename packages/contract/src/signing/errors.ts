/** The error of signing for its caller's own mistakes, and the inner rejection of a verification. */
import { ContractError, ShieldError } from "../errors.js";
import { boundedPointer } from "../json/pointer.js";
import type { SigningRejection, SigningRejectionCode } from "./codes.js";

/** What the integrating programmer got wrong. Codes are stable. */
export type SigningErrorCode =
  | "invalid_keyring"
  | "invalid_batch"
  | "invalid_document"
  | "invalid_key"
  | "signer_failed"
  | "invalid_store";

/** Thrown by `parseKeyring`, `signBatch`, `signDocument`, the key functions and the durable stores, never by `verifyBatch`. */
export class SigningError extends ShieldError<SigningErrorCode> {
  override readonly name = "SigningError";
  /** JSON Pointer of the first error; `""` is the whole input. */
  declare readonly path: string;

  constructor(code: SigningErrorCode, path: string, detail: string, cause?: unknown) {
    super({ code, path, detail, cause });
  }
}

/** Carries a rejection out of a verification; `verifyBatchWith` turns it into the answer. */
export class Rejected extends ShieldError<SigningRejectionCode> {
  override readonly name = "Rejected";
  declare readonly path: string;

  constructor(code: SigningRejectionCode, path: string, detail?: string) {
    super({ code, path, detail });
  }
}

/** The answer for a rejection. */
export const rejection = ({ code, path, detail }: Rejected): SigningRejection => ({
  accepted: false,
  code,
  path: boundedPointer(path),
  ...(detail === undefined ? {} : { detail }),
});

/** Runs `read`, a reader of this package; its errors become rejections of what stands at `path`. */
export function rejectAt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ContractError) throw new Rejected(error.code, `${path}${error.path}`);
    throw error;
  }
}
