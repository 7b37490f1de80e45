/** Records of decisions: their form, and how one is read again (design, section 8). */
import {
  boundedPointer,
  canonicalHash,
  ContractError,
  hash256Schema,
  type JsonValue,
  parseOwn,
  type PlainBounds,
  type Result,
  parseStrictJson,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { HashedResult } from "./evaluate/decisions.js";
import { CONTEXT_BOUNDS } from "./evaluate/risk-context.js";
import { type ContextRead, readContext } from "./evaluate/parsed-context.js";
import { type ReadResult, resultSchema } from "./result-schema.js";
import { isMalformed } from "./severity.js";

/** A decision with everything that its `context_hash` covers: what is stored and audited. */
export type QwgDecisionRecord = Readonly<{
  /** Plain data; null where it could not be read, or has no canonical form. */
  context: JsonValue;
  policy_version: string;
  result: HashedResult;
}>;

/**
 * Why a record is rejected: not strict JSON; not a record; without its `context_hash`; or not the record that
 * its `context_hash` was made of.
 */
export type RecordErrorCode = "invalid_json" | "invalid_record" | "hash_missing" | "hash_mismatch";

/** A rejected record: code and place. */
export type RecordOffence = Readonly<{
  code: RecordErrorCode;
  /** JSON Pointer inside the record. */
  path: string;
}>;

/** A record that was read, and whose hash is right. */
export type RecordedDecision = Readonly<{
  context: ContextRead;
  result: ReadResult & Readonly<{ context_hash: string }>;
  policy_version: string | null;
}>;

/** Bounds of a record, which holds a context. */
const RECORD_BOUNDS: PlainBounds = Object.freeze({
  ...CONTEXT_BOUNDS,
  maxDepth: CONTEXT_BOUNDS.maxDepth + 1,
});

const recordSchema = z
  .strictObject({
    context: z.custom((value) => value !== undefined, "missing"),
    /** Null where the policy was malformed. */
    policy_version: hash256Schema.nullable(),
    result: resultSchema,
  })
  .refine(({ policy_version, result }) => policy_version !== null || isMalformed(result), {
    path: ["policy_version"],
    message: "a decision without a policy",
  });

/** Reads a record, or a line of JSON of one. Never throws. */
export function readRecord(record: unknown): Result<RecordedDecision, RecordErrorCode> {
  const value =
    typeof record === "string" ? readLine(record) : { ok: true as const, value: record };
  if (!value.ok) return value;
  const parsed = parseOwn(recordSchema, value.value, RECORD_BOUNDS);
  if (!parsed.ok) return reject("invalid_record", boundedPointer(parsed.path));
  const { context, policy_version, result } = parsed.value;
  const { context_hash } = result;
  if (context_hash === undefined) return reject("hash_missing", HASH_PATH);
  if (hashOf(parsed.value) !== context_hash) return reject("hash_mismatch", HASH_PATH);
  const read = { ...result, context_hash };
  return { ok: true, value: { context: readContext(context), result: read, policy_version } };
}

const HASH_PATH = "/result/context_hash";

const reject = (code: RecordErrorCode, path: string) => ({ ok: false, code, path }) as const;

function readLine(line: string): Result<unknown, RecordErrorCode> {
  try {
    return { ok: true, value: parseStrictJson(line) };
  } catch (error) {
    return reject("invalid_json", error instanceof ContractError ? boundedPointer(error.path) : "");
  }
}

/** Computes the hash of a record's content; undefined where it has no canonical form. */
function hashOf({ context, policy_version, result }: z.infer<typeof recordSchema>) {
  const members = Object.entries(result).filter(([name]) => name !== "context_hash");
  const outcome = Object.fromEntries(members);
  try {
    return canonicalHash({ context, policy_version, result: outcome });
  } catch {
    return undefined;
  }
}
