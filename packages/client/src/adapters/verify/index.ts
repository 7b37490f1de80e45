/** Verifies, on the signer's machine and without a connection, that a transaction is what approvers signed and the service permitted. */
export { REFUSAL_CODES, type RefusalCode, refusalText, type Refused } from "./codes.js";
export type { Signable } from "./check-transaction.js";
export { judgeUse, type TokenUse, type UsedTokens, type UseOutcome } from "./used.js";
export { createUsedFolder } from "./used-folder.js";
export {
  createVerifier,
  type Verified,
  type Verifier,
  type VerifierOptions,
  type VerifyRequest,
} from "./verify.js";
