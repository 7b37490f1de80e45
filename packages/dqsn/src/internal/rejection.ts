/** Refusals inside the evaluation: a code and the path of the first offending field. */
import { ContractError } from "@dgb-shield/contract";
import { codeOfContractError, type RequestErrorCode } from "../codes.js";

/** Why evaluation stops. */
export type Refusal = Readonly<{ refused: true; code: RequestErrorCode; path: string }>;

export const refuse = (code: RequestErrorCode, path: string): Refusal => ({
  refused: true,
  code,
  path,
});

/** Tells a refusal from a result; no result has a member `refused`. */
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "refused");

/** Runs a step; whatever it throws becomes a refusal. */
export function attempt<T>(step: () => T): T | Refusal {
  try {
    return step();
  } catch (error) {
    return refusalOf(error);
  }
}

/** The thrown thing may come out of a caller's own proxy, so that even looking at it can throw. */
function refusalOf(error: unknown): Refusal {
  try {
    if (error instanceof ContractError) {
      const { code, path } = error;
      if (typeof path === "string") return refuse(codeOfContractError(code), path);
    }
  } catch {
    return refuse("DQSN_ERROR_INVALID_REQUEST", "");
  }
  return refuse("DQSN_ERROR_INVALID_REQUEST", "");
}
