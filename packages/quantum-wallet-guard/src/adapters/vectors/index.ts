/** Conformance vectors of this layer, in the form of the contract's (design, section 3; docs/vectors.md of contract). */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ContractError, type JsonObject, parseStrictJson } from "@dgb-shield/contract";
import {
  type ClauseFile,
  loadClauseFile,
  loadVectorFile,
  type VectorFile,
} from "@dgb-shield/contract/vectors";
import { z } from "zod";
import {
  approvalBinding,
  type ApprovalBinding,
  evaluateTransaction,
  policyVersion,
  QwgError,
} from "../../index.js";

/** Suites of this layer; a file `vectors/<suite>.json` each. */
export const QWG_SUITES = Object.freeze(["qwg-evaluate", "qwg-binding"] as const);
/** The name of a suite of vectors. */
export type QwgSuite = (typeof QWG_SUITES)[number];

const { resolve } = createRequire(import.meta.url);

/**
 * Finds the folder of the vector files, for tools that read them themselves.
 *
 * @returns an absolute path
 */
export const vectorsFolder = (): string =>
  join(dirname(resolve("@dgb-shield/quantum-wallet-guard/package.json")), "vectors");

/**
 * Loads the vectors of a suite.
 *
 * @param suite one of `QWG_SUITES`
 * @returns the file's content, checked
 * @throws when the installed file cannot be read or does not have the form of vectors
 * @example loadVectors("qwg-evaluate").cases.length
 */
export const loadVectors = (suite: QwgSuite): VectorFile =>
  loadVectorFile(join(vectorsFolder(), `${suite}.json`));

/** Loads the clauses that vectors name; throws as `loadVectors` does. */
export const loadClauses = (): ClauseFile => loadClauseFile(join(vectorsFolder(), "clauses.json"));

/**
 * Answers one case with this package's own implementation; `judge` of `@dgb-shield/contract/vectors` compares.
 *
 * @param suite one of `QWG_SUITES`
 * @param input the case's bytes (`inputBytes`)
 * @returns of `qwg-evaluate` the result, with `policy_version` where the policy is valid
 */
export function answer(suite: QwgSuite, input: Uint8Array): JsonObject {
  try {
    const question = parseStrictJson(input);
    return suite === "qwg-binding" ? bindingAnswer(question) : evaluationAnswer(question);
  } catch (error) {
    if (!(error instanceof QwgError || error instanceof ContractError)) throw error;
    return { ok: false, code: error.code, path: error.path };
  }
}

const questionSchema = z.strictObject({
  context: z.json(),
  policy: z.json(),
});

function evaluationAnswer(question: unknown): JsonObject {
  const { context, policy } = questionSchema.parse(question);
  const result = evaluateTransaction(context, policy);
  if (result.reason_id.startsWith("QWG_ERROR_")) return { ...result };
  return { ...result, policy_version: policyVersion(policy) };
}

const bindingAnswer = (question: unknown): JsonObject => ({
  ok: true,
  binds: approvalBinding(question as ApprovalBinding),
});
