/** Reads and writes the state of a payment, which the ledger stores with the payment's row (design, section 7: life of a payment). */
import {
  type GuardianDecision,
  guardianDecisionSchema,
  type JsonObject,
  jsonObjectSchema,
  parseAmount,
  withoutPrototypes,
} from "@dgb-shield/contract";
import { z } from "zod";
import { safeParse } from "../internal/parse.js";
import type { StoredWithdrawal } from "../ports.js";

/** An ALLOW as stored. */
export type StoredAnswer = Readonly<{
  decision: GuardianDecision;
  record: JsonObject | null;
  /** Its JSON text, where it was written already. */
  text?: string;
}>;

/** A permission to sign. */
export type Claim = Readonly<{
  /** Null: the caller of `evaluate`, where ALLOWs are claims. */
  signer_id: string | null;
  at_ms: number;
  /** By the true clock. */
  until_ms: number;
  /** Inputs of the transaction, `txid:vout`; null: none was named. */
  inputs: readonly string[] | null;
}>;

/** A transaction that paid, or paid again. */
export type Commit = Readonly<{
  txid: string;
  /** Coins; null: unknown. */
  fee: string | null;
  inputs: readonly string[] | null;
  /** Whether it was counted once more. */
  isDouble: boolean;
}>;

/** A payout as its payment's state stores it. */
export type PayoutRef = Readonly<{
  withdrawal_id: string;
  account_id: string | null;
  /** Base units. */
  amount: bigint;
  content_hash: string;
}>;

/** The state of a payment. */
export type PaymentState = Readonly<{
  /** The ALLOW in force. */
  answer: StoredAnswer | null;
  claims: readonly Claim[];
  commits: readonly Commit[];
  /** Null: the payment is its own payout. */
  payouts: readonly PayoutRef[] | null;
  /** Coins; null: none was given. */
  max_fee: string | null;
  /** Reservations that lapsed. */
  lapses: number;
  /** Before this time nothing is reserved again; 0: at once. */
  wait_until_ms: number;
}>;

/** A payment without any history. */
export const NEW_STATE: PaymentState = Object.freeze({
  answer: null,
  claims: Object.freeze([]),
  commits: Object.freeze([]),
  payouts: null,
  max_fee: null,
  lapses: 0,
  wait_until_ms: 0,
});

const allowSchema = z.strictObject({
  decision: guardianDecisionSchema.extend({ decision: z.literal("ALLOW") }),
  record: jsonObjectSchema.nullable(),
});
const inputs = z.array(z.string()).nullable();
const time = z.int().min(0);
const units = z
  .string()
  .regex(/^[1-9]\d{0,18}$/)
  .transform(BigInt);
const payoutSchema = z
  .tuple([z.string(), z.string().nullable(), units, z.string()])
  .transform(([withdrawal_id, account_id, amount, content_hash]) => ({
    withdrawal_id,
    account_id,
    amount,
    content_hash,
  }));
const stateSchema = z.strictObject({
  /** A ledger that takes an ALLOW of the future out of force removes it. */
  answer: z.unknown().optional(),
  claims: z
    .array(
      z.strictObject({ signer_id: z.string().nullable(), at_ms: time, until_ms: time, inputs }),
    )
    .optional(),
  commits: z
    .array(
      z.strictObject({
        txid: z.string(),
        fee: z.string().refine(isFee).nullable(),
        inputs,
        isDouble: z.boolean(),
      }),
    )
    .optional(),
  payouts: z.array(payoutSchema).min(1).optional(),
  max_fee: z.string().refine(isFee).optional(),
  lapses: z.int().min(1).optional(),
  wait_until_ms: time.optional(),
});

function isFee(text: string): boolean {
  try {
    return parseAmount(text) >= 0n;
  } catch {
    return false;
  }
}

/** The text under which a state is stored; null where there is nothing to store. */
export function writeState(state: PaymentState): string | null {
  const { answer, claims, commits, payouts, max_fee, lapses, wait_until_ms } = state;
  const members = [
    `"answer":${answerText(answer)}`,
    ...(claims.length === 0 ? [] : [`"claims":${JSON.stringify(claims)}`]),
    ...(commits.length === 0 ? [] : [`"commits":${JSON.stringify(commits)}`]),
    ...(payouts === null ? [] : [`"payouts":${JSON.stringify(payouts.map(asTuple))}`]),
    ...(max_fee === null ? [] : [`"max_fee":"${max_fee}"`]),
    ...(lapses === 0 ? [] : [`"lapses":${lapses},"wait_until_ms":${wait_until_ms}`]),
  ];
  return answer === null && members.length === 1 ? null : `{${members.join()}}`;
}

function answerText(answer: StoredAnswer | null): string {
  if (answer === null) return "null";
  const { decision, record } = answer;
  return answer.text ?? JSON.stringify({ decision, record });
}

const asTuple = ({ withdrawal_id, account_id, amount, content_hash }: PayoutRef) => [
  withdrawal_id,
  account_id,
  String(amount),
  content_hash,
];

/** Thrown where a stored state cannot be read: then nothing is decided on it. */
export class UnreadableState extends Error {
  override readonly name = "UnreadableState";
}

/**
 * Reads the state of a payment's row.
 *
 * @throws UnreadableState where the text is no state: what may have been signed must not be lost
 */
export function readState(row: StoredWithdrawal | null): PaymentState {
  const text = row?.state ?? null;
  if (row === null || text === null) return NEW_STATE;
  const given = parseText(text);
  if (Object.hasOwn(given, "record")) return legacyState(row, given);
  const read = safeParse(stateSchema, given);
  if (!read.success) throw new UnreadableState(`the state of ${row.withdrawal_id} cannot be read`);
  const { answer, ...rest } = withoutPrototypes(read.data);
  return { ...NEW_STATE, ...definedOf(rest), answer: readAllow(answer) };
}

/** A state of the versions before claims: its ALLOW was the permission to sign. */
function legacyState(row: StoredWithdrawal, given: object): PaymentState {
  const answer = readAllow(given);
  const until = answer?.decision.valid_until_ms ?? row.allowed_at_ms ?? 0;
  const claim = { signer_id: null, at_ms: row.allowed_at_ms ?? 0, until_ms: until, inputs: null };
  return { ...NEW_STATE, answer, claims: [claim] };
}

function parseText(text: string): object {
  try {
    const value = withoutPrototypes(JSON.parse(text) as unknown);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // falls through to the rejection
  }
  throw new UnreadableState("a stored state is no JSON object");
}

/** An ALLOW; null where it is none, so that it is not in force. */
function readAllow(value: unknown): StoredAnswer | null {
  const read = safeParse(allowSchema, value);
  return read.success ? read.data : null;
}

const definedOf = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
