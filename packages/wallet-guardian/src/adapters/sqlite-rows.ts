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
import { SCOPE_TYPES } from "../scopes.js";

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

const sumRow = z.strictObject({ high: z.bigint(), low: z.bigint(), count: safeInteger });
const entryRow = z.strictObject({ at_ms: safeInteger, amount: z.bigint() });
const countRow = z.strictObject({ count: safeInteger });
const timeRow = z.strictObject({ time_ms: safeInteger.nullable() });
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

/** Amount and count of a window; the sum came in two halves of 32 bits, since SQLite's own would overflow. */
export function toSum(row: unknown): { amount: bigint; count: number } {
  const { high, low, count } = sumRow.parse(row);
  return { amount: high * 2n ** 32n + low, count };
}

/** One entry of a window. */
export const toEntry = (row: unknown) => entryRow.parse(row);

/** A count. */
export const toCount = (row: unknown): number => countRow.parse(row).count;

/** A time, or null where there is none. */
export const toTime = (row: unknown): number | null =>
  row === undefined ? null : timeRow.parse(row).time_ms;

/** A kind of freeze. */
export const toKind = (row: unknown) => kindRow.parse(row).kind;
