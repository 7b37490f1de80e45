/** Verifies, without a connection, the signed statement of which tip a site follows (`GET /v1/chain/statement`). */
export {
  TIP_STATEMENT_CODES,
  type TipStatement,
  type TipStatementCode,
  tipStatementSchema,
} from "@dgb-shield/contract";
export {
  type TipStatementTrust,
  type TipStatementVerification,
  verifyTipStatement,
} from "./verify.js";
