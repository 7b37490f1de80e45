/** Refusals inside the evaluation: a code and the path of the first offending field. */
import { ContractError } from "@dgb-shield/contract";
import { codeOfContractError, type RequestErrorCode } from "../codes.js";

/** Why evaluation stops. */
export type Rejection = Readonly<{ refused: true; code: RequestErrorCode; path: string }>;

export const reject = (code: RequestErrorCode, path: string): Rejection => ({
  refused: true,
  code,
  path,
});

/** Tells a refusal from a result; no result has a member `refused`. */
export const isRejection = (value: unknown): value is Rejection =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "refused");

/** Runs a step; whatever it throws becomes a refusal. */
export function tryStep<T>(step: () => T): T | Rejection {
  try {
    return step();
  } catch (error) {
    return rejectionOf(error);
  }
}

/** The thrown thing may come out of a caller's own proxy, so that even looking at it can throw. */
function rejectionOf(error: unknown): Rejection {
  try {
    if (error instanceof ContractError) {
      const { code, path } = error;
      if (typeof path === "string") return reject(codeOfContractError(code), path);
    }
  } catch {
    return reject("DQSN_ERROR_INVALID_REQUEST", "");
  }
  return reject("DQSN_ERROR_INVALID_REQUEST", "");
}
