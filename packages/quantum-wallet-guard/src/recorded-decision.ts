/** Reads a recorded decision; a record that is not what it says is refused (design, section 8). */
import {
  boundedPath,
  canonicalHash,
  ContractError,
  hash256Schema,
  offencePath,
  parseStrictJson,
  QWG_DECISIONS,
  type QwgDecisionName,
  type Read,
} from "@dgb-shield/contract";
import { z } from "zod";
import { REASON_IDS, type ReasonId } from "./codes.js";
import { readPlainRecord } from "./internal/plain.js";
import { type ContextRead, readContext } from "./parsed-context.js";

/** Not strict JSON; not a record; or not the record that its own `context_hash` was made of. */
export type RecordOffence = Readonly<{
  code: "invalid_json" | "invalid_record" | "hash_mismatch";
  /** JSON Pointer inside the record. */
  path: string;
}>;

/** A record that was read. */
export type RecordedDecision = Readonly<{
  context: ContextRead;
  verdict: Readonly<{ decision: QwgDecisionName; reason_id: ReasonId }>;
  policy_version: string | null;
}>;

const resultSchema = z
  .looseObject({
    decision: z.enum(QWG_DECISIONS),
    reason_id: z.enum(REASON_IDS),
    may_broadcast: z.boolean(),
    context_hash: hash256Schema.optional(),
  })
  .refine(({ decision, may_broadcast }) => may_broadcast === (decision === "allow"), {
    path: ["may_broadcast"],
    message: "true for allow alone",
  });

const recordSchema = z.strictObject({
  context: z.custom((value) => value !== undefined, "missing"),
  /** Null where the policy was malformed. */
  policy_version: hash256Schema.nullable(),
  result: resultSchema,
});

/** Reads a record, or a line of JSON of one. Never throws. */
export function readRecord(
  record: unknown,
):
  | Readonly<{ ok: true; value: RecordedDecision }>
  | Readonly<{ ok: false; offence: RecordOffence }> {
  const plain = typeof record === "string" ? readLine(record) : readPlainRecord(record);
  if (!plain.ok) {
    const code = typeof record === "string" ? "invalid_json" : "invalid_record";
    return { ok: false, offence: { code, path: plain.path } };
  }
  const parsed = recordSchema.safeParse(plain.value);
  if (!parsed.success) {
    const path = boundedPath(offencePath(parsed.error));
    return { ok: false, offence: { code: "invalid_record", path } };
  }
  const { context, policy_version, result } = parsed.data;
  if (!isHashRight(parsed.data)) {
    return { ok: false, offence: { code: "hash_mismatch", path: "/result/context_hash" } };
  }
  return { ok: true, value: { context: readContext(context), verdict: result, policy_version } };
}

function readLine(line: string): Read<unknown> {
  try {
    return { ok: true, value: parseStrictJson(line) };
  } catch (error) {
    return { ok: false, path: error instanceof ContractError ? boundedPath(error.path) : "" };
  }
}

function isHashRight({ context, policy_version, result }: z.infer<typeof recordSchema>): boolean {
  const { context_hash, ...outcome } = result;
  if (context_hash === undefined) return true;
  try {
    return canonicalHash({ context, policy_version, result: outcome }) === context_hash;
  } catch {
    return false;
  }
}
