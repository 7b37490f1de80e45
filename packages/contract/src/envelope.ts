/** Builds envelopes and reads validation errors, in one way for every layer. */
import type { z } from "zod";
import { canonicalHash } from "./hash.js";
import { pointer } from "./internal/pointer.js";
import type { JsonObject } from "./json.js";
import { type EnvelopeDecision, tierOfScore } from "./levels.js";
import type { Envelope } from "./schemas/envelope.js";
import { CONTRACT_VERSION } from "./version.js";

/** What a layer says, before it is put into an envelope. */
export type Statement = Readonly<{
  component: string;
  request_id: string;
  decision: EnvelopeDecision;
  /** 0–1; the tier follows from it. */
  score: number;
  reason_codes: readonly string[];
  evidence: JsonObject;
}>;

/**
 * The envelope of a statement. Its `context_hash` covers everything but `request_id`, so that two
 * envelopes with one hash and different content cannot both be genuine.
 *
 * @throws ContractError when the evidence is not plain JSON
 */
export function createEnvelope(statement: Statement): Envelope {
  const { component, request_id, decision, score, evidence } = statement;
  const reason_codes = [...statement.reason_codes];
  const content = {
    contract_version: CONTRACT_VERSION,
    component,
    decision,
    risk: { score, tier: tierOfScore(score) },
    reason_codes,
    evidence,
  } as const;
  const context_hash = canonicalHash(content);
  return { ...content, request_id, context_hash, meta: { fail_closed: true } };
}

/**
 * The JSON Pointer of the first offence in a zod error. An unknown key is named itself; of several,
 * the first in UTF-16 order, so that the answer does not depend on the order of keys.
 *
 * @example offencePath(z.strictObject({}).safeParse({ a: 1 }).error) // "/a"
 */
export function offencePath(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "";
  const extra = issue.code === "unrecognized_keys" ? [...issue.keys].sort().slice(0, 1) : [];
  return [...issue.path, ...extra].reduce<string>(
    (path, key) => pointer(path, typeof key === "symbol" ? "?" : key),
    "",
  );
}
