/** Parses the answers of the PostgreSQL ledger's functions: a database is untrusted input, too. */
import { hash256Schema, idSchema, jsonObjectSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { Sums } from "../../ledger/sums.js";
import {
  COUNTS,
  FREEZE_KINDS,
  type LedgerIdentity,
  type LedgerRecord,
  type Pruned,
  RECORD_KINDS,
  type StoredFreeze,
  type StoredWithdrawal,
  WITHDRAWAL_STATUSES,
} from "../../ports.js";
import { SCOPE_TYPES } from "../../scopes.js";

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
  payment_id: idSchema,
  wallet_id: idSchema,
  account_id: idSchema.nullable(),
  amount: bigintText,
  content_hash: hash256Schema,
  status: z.enum(WITHDRAWAL_STATUSES),
  counts: z.enum(COUNTS),
  counted_at_ms: time.nullable(),
  allowed_at_ms: time.nullable(),
  txid: hash256Schema.nullable(),
  state: z.string().nullable(),
});

const scopeRow = z.strictObject({
  scope: z.string(),
  time_ms: time,
  newest_ms: time.nullable(),
  ...sumFields,
  corrected_ms: time.nullable(),
  last_allow_id: idSchema.nullable(),
  last_allow_ms: time.nullable(),
  other_allow_ms: time.nullable(),
  attempted_ms: time.nullable(),
});

const acceptedRow = z.strictObject({ count: time, at_ms: time });

const knownRecord = z.strictObject({ entry: time, hash: z.string() });

const stateRow = z.strictObject({
  version: z.int(),
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.int().min(1),
  is_global_kept: z.boolean(),
  pruned_entry: time,
  records: z.array(knownRecord),
});

const destinationRow = z.strictObject({
  owner: z.string(),
  script: z.string(),
  shape: z.string().nullable(),
  known_at_ms: time,
  approved: z.boolean(),
  lookalike: z.boolean(),
  free_used: bigintText,
});

const readAnswer = z.strictObject({
  now_ms: time,
  state: stateRow,
  held: z.array(z.string()),
  accepted: acceptedRow,
  withdrawals: z.array(withdrawalRow),
  scopes: z.array(scopeRow),
  frozen: z.array(
    z.strictObject({ scope: z.string(), kind: z.enum(FREEZE_KINDS), last_at_ms: time }),
  ),
  windows: z.array(z.strictObject({ journal: z.string(), after_ms: z.int(), ...sumFields })),
  attempts: z.array(
    z.strictObject({ scope: z.string(), since_ms: z.int(), most: time, count: time }),
  ),
  destinations: z.array(
    z.strictObject({
      owner: z.string(),
      script: z.string(),
      shape: z.string().nullable(),
      stored: destinationRow.nullable(),
      has_lookalike: z.boolean(),
    }),
  ),
  policies: z.array(
    z.strictObject({ name: z.string(), version: z.string(), generation: z.int().min(1) }),
  ),
  account_freezes: z.array(z.strictObject({ wallet_id: z.string(), last_at_ms: time.nullable() })),
});

const freezeRow = z
  .strictObject({
    scope_type: z.enum(SCOPE_TYPES),
    scope_id: idSchema,
    kind: z.enum(FREEZE_KINDS),
    cause_id: idSchema,
    frozen_at_ms: time,
    last_at_ms: time,
    count: z.int().min(1),
    operator: idSchema.nullable(),
    reason: z.string(),
  })
  .transform(({ scope_type: type, scope_id: id, ...rest }) => ({ scope: { type, id }, ...rest }));

const acceptAnswer = acceptedRow.extend({
  states: z.array(z.strictObject({ withdrawal_id: idSchema, state: z.string() })),
});

const prunedRow = z.strictObject({ rows: time, done: z.boolean() });

const recordRow = z.strictObject({
  seq: time,
  at_ms: time,
  kind: z.enum(RECORD_KINDS),
  record: z.string(),
});

/** The parsed answer of `ledger_read`. */
export type ReadAnswer = z.output<typeof readAnswer>;

/** One scope's row. */
export type ScopeRow = z.output<typeof scopeRow>;

/** Reads the one text of a statement's answer. */
export function answerText(rows: readonly unknown[]): string {
  const { answer } = z.strictObject({ answer: z.string() }).parse(rows[0]);
  return answer;
}

const parse = <T>(schema: z.ZodType<T>, rows: readonly unknown[]): T =>
  schema.parse(JSON.parse(answerText(rows)));

/** Parses the answer of `ledger_read`. */
export const toReadAnswer = (rows: readonly unknown[]): ReadAnswer => parse(readAnswer, rows);

/** Parses withdrawals. */
export const toWithdrawals = (rows: readonly unknown[]): StoredWithdrawal[] =>
  parse(z.array(withdrawalRow), rows);

/** Parses the latest acceptance of the clock, and the states of the ALLOWs that it ended. */
export const toAcceptance = (rows: readonly unknown[]): z.output<typeof acceptAnswer> =>
  parse(acceptAnswer, rows);

/** A record by its entry, and the hash of its text; null where none was appended. */
export type KnownRecord = Readonly<{ entry: number; hash: string }>;

/** Parses the last record of a call of `ledger_write`. */
export const toKnownRecord = (rows: readonly unknown[]): KnownRecord | null =>
  parse(knownRecord.nullable(), rows);

/** Which ledger this is. */
export const toIdentity = (rows: readonly unknown[]): LedgerIdentity =>
  parse(stateRow.pick({ ledger_id: true, epoch: true }), rows);

/** Which ledger this is, and which of the records that were read it has. */
export type LedgerState = z.output<typeof stateRow>;

/** Parses the answer of `ledger_state`. */
export const toState = (rows: readonly unknown[]): LedgerState => parse(stateRow, rows);

/** Parses the result of a step of retention. */
export const toPruned = (rows: readonly unknown[]): Pruned => parse(prunedRow, rows);

/** Parses freezes. */
export const toFreezes = (rows: readonly unknown[]): StoredFreeze[] =>
  parse(z.array(freezeRow), rows);

/** Parses records and their texts. */
export const toRecords = (rows: readonly unknown[]): LedgerRecord[] =>
  parse(z.array(recordRow), rows).map(({ record, ...rest }) => ({
    ...rest,
    record: jsonObjectSchema.parse(JSON.parse(record)),
  }));

/** Parses one number. */
export const toNumber = (rows: readonly unknown[]): number => parse(z.int(), rows);

/** Parses several numbers. */
export const toNumbers = (rows: readonly unknown[]): number[] => parse(z.array(z.int()), rows);

type SumFields = Readonly<{
  allowed: bigint;
  allowed_count: number;
  asked: bigint;
  asked_count: number;
}>;

/** Maps the columns to sums: requested and delayed amounts are stored as `asked`. */
export const toSums = ({ allowed, allowed_count, asked, asked_count }: SumFields): Sums => ({
  allowed,
  allowed_count,
  requested: asked,
  requested_count: asked_count,
});

/** Maps sums to JSON, under the names of their columns. */
export const fromSums = (sums: Sums) => ({
  allowed: String(sums.allowed),
  allowed_count: sums.allowed_count,
  asked: String(sums.requested),
  asked_count: sums.requested_count,
});
