/** Conformance vectors: files, types, and how to judge an answer (design, section 3). */
export { answer, isContractSuite } from "../../vectors/answer.js";
export {
  type ClauseFile,
  CONTRACT_SUITES,
  type ContractSuite,
  DQSN_SUITES,
  inputBytes,
  type SuiteName,
  SUITES,
  type VectorCase,
  type VectorFile,
  type VectorInput,
  VECTORS_VERSION,
} from "../../vectors/format.js";
export { judge } from "../../vectors/judge.js";
export { loadClauseFile, loadClauses, loadVectorFile, loadVectors, vectorsFolder } from "./load.js";
