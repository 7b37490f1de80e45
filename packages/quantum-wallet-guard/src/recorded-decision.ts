/** Records of decisions: what the engine makes, and how one is read again (design, section 8). */
import {
  boundedPointer,
  canonicalHash,
  ContractError,
  hash256Schema,
  type JsonValue,
  parseOwn,
  parseStrictJson,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { HashedResult } from "./evaluate/decisions.js";
import { RECORD_BOUNDS } from "./internal/plain.js";
import { type ContextRead, readContext } from "./evaluate/parsed-context.js";
import { type ReadResult, resultSchema } from "./result-schema.js";
import { isMalformed } from "./severity.js";

/** A decision with everything that its `context_hash` covers: what an auditor needs, and what is stored. */
export type QwgDecisionRecord = Readonly<{
  /** What was judged: plain data; null where it could not be read, or has no canonical form. */
  context: JsonValue;
  policy_version: string;
  result: HashedResult;
}>;

/**
 * Why a record is not taken: not strict JSON; not a record; without its `context_hash`; or not the record that
 * its `context_hash` was made of.
 */
export type RecordOffence = Readonly<{
  code: "invalid_json" | "invalid_record" | "hash_missing" | "hash_mismatch";
  /** JSON Pointer inside the record. */
  path: string;
}>;

/** A record that was read, and whose hash is right. */
export type RecordedDecision = Readonly<{
  context: ContextRead;
  result: ReadResult & Readonly<{ context_hash: string }>;
  policy_version: string | null;
}>;

/** The record, or why it is not taken. */
export type RecordRead =
  Readonly<{ ok: true; value: RecordedDecision }> | Readonly<{ ok: false; offence: RecordOffence }>;

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
export function readRecord(record: unknown): RecordRead {
  const value =
    typeof record === "string" ? readLine(record) : { ok: true as const, value: record };
  if (!value.ok) return refused("invalid_json", value.path);
  const parsed = parseOwn(recordSchema, value.value, RECORD_BOUNDS);
  if (!parsed.ok) return refused("invalid_record", boundedPointer(parsed.path));
  const { context, policy_version, result } = parsed.value;
  const { context_hash } = result;
  if (context_hash === undefined) return refused("hash_missing", HASH_PATH);
  if (hashOf(parsed.value) !== context_hash) return refused("hash_mismatch", HASH_PATH);
  const read = { ...result, context_hash };
  return { ok: true, value: { context: readContext(context), result: read, policy_version } };
}

const HASH_PATH = "/result/context_hash";

const refused = (code: RecordOffence["code"], path: string): RecordRead => ({
  ok: false,
  offence: Object.freeze({ code, path }),
});

type Line = Readonly<{ ok: true; value: unknown } | { ok: false; path: string }>;

function readLine(line: string): Line {
  try {
    return { ok: true, value: parseStrictJson(line) };
  } catch (error) {
    return { ok: false, path: error instanceof ContractError ? boundedPointer(error.path) : "" };
  }
}

/** The hash of what a record holds; undefined where it has none. */
function hashOf({ context, policy_version, result }: z.infer<typeof recordSchema>) {
  const members = Object.entries(result).filter(([name]) => name !== "context_hash");
  const outcome = Object.fromEntries(members);
  try {
    return canonicalHash({ context, policy_version, result: outcome });
  } catch {
    return undefined;
  }
}
