/** Verifies, without a connection, the signed statement of which tip a site follows (`GET /v1/chain/statement`). */
export { type TipStatement, tipStatementSchema } from "@dgb-shield/contract";
export { TIP_STATEMENT_CODES, type TipStatementCode } from "./codes.js";
export {
  type TipStatementTrust,
  type TipStatementVerification,
  verifyTipStatement,
} from "./verify.js";
