/** Answers of the PostgreSQL ledger's functions, checked when they are read: a database is outside, too. */
import { hash256Schema, idSchema, jsonObjectSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { Sums } from "../internal/sums.js";
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
import type { Acceptance } from "../time.js";

const time = z.int().min(0);
const bigintText = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

const sumFields = {
  allowed: bigintText,
  allowed_count: z.int(),
  asked: bigintText,
  asked_count: z.int(),
};

const withdrawalRow = z.strictObject({
  withdrawal_id: idSchema,
  wallet_id: idSchema,
  account_id: idSchema.nullable(),
  amount: bigintText,
  content_hash: hash256Schema,
  status: z.enum(WITHDRAWAL_STATUSES),
  counts: z.enum(COUNTS),
  counted_at_ms: time.nullable(),
  allowed_at_ms: time.nullable(),
  txid: hash256Schema.nullable(),
  answer: z.string().nullable(),
});

const scopeRow = z.strictObject({
  scope: z.string(),
  time_ms: time,
  journaled: z.boolean(),
  newest_ms: time.nullable(),
  ...sumFields,
  corrected_ms: time.nullable(),
  last_allow_id: idSchema.nullable(),
  last_allow_ms: time.nullable(),
  other_allow_ms: time.nullable(),
  attempted_ms: time.nullable(),
});

const acceptedRow = z.strictObject({ count: time, at_ms: time });

const readAnswer = z.strictObject({
  now_ms: time,
  accepted: acceptedRow,
  withdrawals: z.array(withdrawalRow),
  scopes: z.array(scopeRow),
  frozen: z.array(z.strictObject({ scope: z.string(), kind: z.enum(FREEZE_KINDS) })),
  windows: z.array(z.strictObject({ scope: z.string(), since_ms: z.int(), ...sumFields })),
});

const freezeRow = z
  .strictObject({
    scope_type: z.enum(SCOPE_TYPES),
    scope_id: idSchema,
    kind: z.enum(FREEZE_KINDS),
    cause_id: idSchema,
    frozen_at_ms: time,
    operator: idSchema.nullable(),
    reason: z.string(),
  })
  .transform(({ scope_type: type, scope_id: id, ...rest }) => ({ scope: { type, id }, ...rest }));

const recordRow = z.strictObject({
  seq: time,
  at_ms: time,
  kind: z.enum(RECORD_KINDS),
  record: z.string(),
});

/** What one call of `read_ledger` found. */
export type ReadAnswer = z.output<typeof readAnswer>;

/** One scope's row. */
export type ScopeRow = z.output<typeof scopeRow>;

/** The one text that a statement of this ledger answers with. */
export function answerText(rows: readonly unknown[]): string {
  const { answer } = z.strictObject({ answer: z.string() }).parse(rows[0]);
  return answer;
}

const parse = <T>(schema: z.ZodType<T>, rows: readonly unknown[]): T =>
  schema.parse(JSON.parse(answerText(rows)));

/** The answer of `read_ledger`. */
export const toReadAnswer = (rows: readonly unknown[]): ReadAnswer => parse(readAnswer, rows);

/** One withdrawal, or null where there is no row. */
export const toWithdrawal = (rows: readonly unknown[]): StoredWithdrawal | null =>
  parse(z.array(withdrawalRow), rows)[0] ?? null;

/** The latest acceptance of the clock. */
export const toAcceptance = (rows: readonly unknown[]): Acceptance => parse(acceptedRow, rows);

/** Freezes. */
export const toFreezes = (rows: readonly unknown[]): StoredFreeze[] =>
  parse(z.array(freezeRow), rows);

/** Records, their texts parsed. */
export const toRecords = (rows: readonly unknown[]): LedgerRecord[] =>
  parse(z.array(recordRow), rows).map(({ record, ...rest }) => ({
    ...rest,
    record: jsonObjectSchema.parse(JSON.parse(record)),
  }));

/** One number. */
export const toNumber = (rows: readonly unknown[]): number => parse(z.int(), rows);

/** Several numbers. */
export const toNumbers = (rows: readonly unknown[]): number[] => parse(z.array(z.int()), rows);

/** Sums as JSON carries them. */
export const fromSums = (sums: Sums) => ({
  allowed: String(sums.allowed),
  allowed_count: sums.allowed_count,
  asked: String(sums.asked),
  asked_count: sums.asked_count,
});
