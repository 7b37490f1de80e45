/** Rows of the SQLite ledger, checked when they are read: a database is outside, too. */
import { hash256Schema, idSchema, type JsonObject, jsonObjectSchema } from "@dgb-shield/contract";
import { z } from "zod";
import {
  COUNTS,
  FREEZE_KINDS,
  type LedgerRecord,
  RECORD_KINDS,
  type StoredFreeze,
  type StoredWithdrawal,
  WITHDRAWAL_STATUSES,
} from "../ports.js";
import { NO_SUMS, type Sums } from "../internal/sums.js";
import { SCOPE_TYPES } from "../scopes.js";
import type { Acceptance } from "../time.js";
import type { SUM_COLUMNS } from "./sqlite-schema.js";

const safeInteger = z.bigint().min(0n).max(BigInt(Number.MAX_SAFE_INTEGER)).transform(Number);

const withdrawalRow = z.strictObject({
  withdrawal_id: idSchema,
  wallet_id: idSchema,
  account_id: idSchema.nullable(),
  amount: z.bigint().min(1n),
  content_hash: hash256Schema,
  status: z.enum(WITHDRAWAL_STATUSES),
  counts: z.enum(COUNTS),
  counted_at_ms: safeInteger.nullable(),
  allowed_at_ms: safeInteger.nullable(),
  txid: hash256Schema.nullable(),
  answer: z.string().nullable(),
});

const freezeRow = z
  .strictObject({
    scope_type: z.enum(SCOPE_TYPES),
    scope_id: idSchema,
    kind: z.enum(FREEZE_KINDS),
    cause_id: idSchema,
    frozen_at_ms: safeInteger,
    operator: idSchema.nullable(),
    reason: z.string(),
  })
  .transform(({ scope_type: type, scope_id: id, ...rest }) => ({ scope: { type, id }, ...rest }));

const recordRow = z.strictObject({
  seq: safeInteger,
  at_ms: safeInteger,
  kind: z.enum(RECORD_KINDS),
  record: z.string(),
});

const half = z.bigint();
const count = z.bigint().transform(Number);
const sumFields = {
  allowed_high: half,
  allowed_low: half,
  allowed_count: count,
  asked_high: half,
  asked_low: half,
  asked_count: count,
};
const sumsRow = z.strictObject(sumFields);
const scopeRow = z.strictObject({
  scope: z.string(),
  time_ms: safeInteger,
  journaled: count,
  newest_ms: safeInteger.nullable(),
  ...sumFields,
  corrected_ms: safeInteger.nullable(),
  last_allow_id: idSchema.nullable(),
  last_allow_ms: safeInteger.nullable(),
  other_allow_ms: safeInteger.nullable(),
  attempted_ms: safeInteger.nullable(),
});
const acceptedRow = z
  .strictObject({ accepted: safeInteger, accepted_ms: safeInteger })
  .transform(({ accepted, accepted_ms }) => ({ count: accepted, at_ms: accepted_ms }));
const countRow = z.strictObject({ count: safeInteger });
const kindRow = z.strictObject({ kind: z.enum(FREEZE_KINDS) });

/** One withdrawal, or null where there is no row. */
export const toWithdrawal = (row: unknown): StoredWithdrawal | null =>
  row === undefined ? null : withdrawalRow.parse(row);

/** One freeze. */
export const toFreeze = (row: unknown): StoredFreeze => freezeRow.parse(row);

/** One record, its text parsed. */
export function toRecord(row: unknown): LedgerRecord {
  const { record, ...rest } = recordRow.parse(row);
  const value: JsonObject = jsonObjectSchema.parse(JSON.parse(record));
  return { ...rest, record: value };
}

/** Sums as they are stored: in two halves, since SQLite's integers have 64 bits. */
export type SumRow = Readonly<Record<(typeof SUM_COLUMNS)[number], bigint>>;

type Halves = Readonly<z.output<typeof sumsRow>>;

const HALF_BITS = 32n;
const LOW_HALF = 2n ** HALF_BITS - 1n;

const joined = (row: Halves): Sums => ({
  allowed: (row.allowed_high << HALF_BITS) + row.allowed_low,
  allowed_count: row.allowed_count,
  asked: (row.asked_high << HALF_BITS) + row.asked_low,
  asked_count: row.asked_count,
});

/** Sums in the two halves of a row. */
export const fromSums = (sums: Sums): SumRow => ({
  allowed_high: sums.allowed >> HALF_BITS,
  allowed_low: sums.allowed & LOW_HALF,
  allowed_count: BigInt(sums.allowed_count),
  asked_high: sums.asked >> HALF_BITS,
  asked_low: sums.asked & LOW_HALF,
  asked_count: BigInt(sums.asked_count),
});

/** Sums of one row; none where there is no row. */
export const toSums = (row: unknown): Sums =>
  row === undefined ? NO_SUMS : joined(sumsRow.parse(row));

/** One scope's row, its sums joined; null where there is no row. */
export function toScopeRow(row: unknown) {
  if (row === undefined) return null;
  const parsed = scopeRow.parse(row);
  const { time_ms, journaled, newest_ms, corrected_ms, attempted_ms } = parsed;
  const { last_allow_id, last_allow_ms, other_allow_ms } = parsed;
  return {
    time_ms,
    is_journaled: journaled === 1,
    newest: newest_ms === null ? null : { at_ms: newest_ms, sums: joined(parsed) },
    corrected_ms,
    allows: { last_allow_id, last_allow_ms, other_allow_ms },
    attempted_ms,
  };
}

/** The latest acceptance of the clock. */
export const toAcceptance = (row: unknown): Acceptance => acceptedRow.parse(row);

/** A count. */
export const toCount = (row: unknown): number => countRow.parse(row).count;

/** A kind of freeze. */
export const toKind = (row: unknown) => kindRow.parse(row).kind;
