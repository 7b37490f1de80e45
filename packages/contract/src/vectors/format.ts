/** The form of conformance vectors: versioned JSON files, each case with its clause (design, section 3). */
import { z } from "zod";
import { frozen } from "../internal/frozen.js";
import { isVariant } from "../internal/own.js";
import { strictObject } from "../schemas/own-object.js";
import { jsonObjectSchema } from "../schemas/primitives.js";
import { CONTRACT_VERSION } from "../limits.js";

/** Version of the form that this package reads. */
export const VECTORS_VERSION = 1;

/** Suites that this package itself implements; see `answer`. */
export const CONTRACT_SUITES = frozen([
  "strict-json",
  "canonical",
  "amounts",
  "ratios",
  "levels",
  "envelope",
]);
/** One of `CONTRACT_SUITES`. */
export type ContractSuite = (typeof CONTRACT_SUITES)[number];

/** Suites of layer 2. */
export const DQSN_SUITES = frozen(["dqsn-evaluate", "dqsn-v2"]);

/** Every suite; a file `vectors/<suite>.json` each. */
export const SUITES = frozen([...CONTRACT_SUITES, ...DQSN_SUITES]);
/** One of `SUITES`. */
export type SuiteName = (typeof SUITES)[number];

const nameSchema = z.string().min(1).max(200);
const suiteSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);
const versions = {
  vectors_version: z.literal(VECTORS_VERSION),
  contract_version: z.literal(CONTRACT_VERSION),
};

const inputSchema = z.union([
  strictObject({ text: z.string() }),
  strictObject({ base64: z.base64() }),
  strictObject({
    parts: z.array(strictObject({ text: z.string(), times: z.int().min(0).max(1_000_000) })),
  }),
]);
/** The bytes of an input: text as UTF-8, any bytes as base64, or texts repeated and joined. */
export type VectorInput = z.infer<typeof inputSchema>;

const caseSchema = strictObject({
  id: nameSchema,
  clause: nameSchema,
  title: nameSchema,
  input: inputSchema,
  config: jsonObjectSchema.optional(),
  expect: jsonObjectSchema,
  exact: z.literal(true).optional(),
});
/** One case: an input, and what any implementation must answer. */
export type VectorCase = z.infer<typeof caseSchema>;

/** A file of vectors, of a suite of `SUITES` or of another layer's. */
export const vectorFileSchema = strictObject({
  ...versions,
  suite: suiteSchema,
  source: z.string().min(1),
  cases: z.array(caseSchema).min(1),
});
/** What `vectorFileSchema` accepts. */
export type VectorFile = z.infer<typeof vectorFileSchema>;

/** The clauses that cases name, in the specification's words. */
export const clauseFileSchema = strictObject({
  ...versions,
  clauses: z.array(strictObject({ id: nameSchema, text: z.string().min(1) })).min(1),
});
/** What `clauseFileSchema` accepts. */
export type ClauseFile = z.infer<typeof clauseFileSchema>;

/**
 * The bytes that an implementation is given.
 *
 * @example inputBytes({ parts: [{ text: "[", times: 2 }, { text: "]", times: 2 }] }) // "[[]]"
 */
export function inputBytes(input: VectorInput): Uint8Array {
  if (isVariant(input, "base64")) {
    return Uint8Array.from(atob(input.base64), (character) => character.charCodeAt(0));
  }
  const text = isVariant(input, "text")
    ? input.text
    : input.parts.map((part) => part.text.repeat(part.times)).join("");
  return new TextEncoder().encode(text);
}
