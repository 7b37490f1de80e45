/** Rejections inside the evaluation: a code and the path of the first error. */
import { ContractError } from "@dgb-shield/contract";
import { codeOfContractError, type RequestErrorCode } from "../codes.js";

/** Why evaluation stops. */
export type Rejection = Readonly<{ ok: false; code: RequestErrorCode; path: string }>;

/** Makes a rejection. */
export const reject = (code: RequestErrorCode, path: string): Rejection => ({
  ok: false,
  code,
  path,
});

/** Whether a step was rejected; no value of a step has a member `ok`. */
export const isRejection = (value: unknown): value is Rejection =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "ok");

/** Runs a step; any exception becomes a rejection. */
export function tryStep<T>(step: () => T): T | Rejection {
  try {
    return step();
  } catch (error) {
    return rejectionOf(error);
  }
}

/** Reads an exception, which may come from a caller's proxy: even reading it can throw. */
function rejectionOf(error: unknown): Rejection {
  try {
    if (error instanceof ContractError && typeof error.path === "string") {
      return reject(codeOfContractError(error.code), error.path);
    }
  } catch {
    // An exception that cannot be read is rejected like any other.
  }
  return reject("DQSN_ERROR_INVALID_REQUEST", "");
}
