/** Reads payments that were paid without the guardian, each as a withdrawal with its transaction and time (design, section 7: import). */
import {
  boundedPointer,
  canonicalize,
  firstErrorPath,
  hash256Schema,
  withoutPrototypes,
} from "@dgb-shield/contract";
import { z } from "zod";
import { timeFault } from "../clock/guarded-clock.js";
import type { ImportCode } from "../codes.js";
import { has } from "../internal/own.js";
import { safeParse } from "../internal/parse.js";
import type { CompiledPolicy } from "../policy/compile.js";
import { boundedDetail, explainIssue } from "../request/explain.js";
import { readPayment } from "../request/read-request.js";
import type { Payout, WithdrawalRequest } from "../request/withdrawal.js";

/** A payment of one payout that was paid without the guardian. */
export type OutsidePayment = WithdrawalRequest &
  Readonly<{
    /** When it was paid, milliseconds since 1970: its windows and the cooldown run from then. */
    paid_at_ms: number;
    /** The transaction, 64 hexadecimal digits; several payments can share one. */
    txid: string;
  }>;

/** One thing that is wrong with a list of payments. */
export type ImportIssue = Readonly<{
  /** Place in the list, from 0 on. */
  index: number;
  code: ImportCode;
  /** JSON Pointer into the payment; `""` is the whole of it. */
  path: string;
  /** The rule, the kind of value, and what to do. */
  detail: string;
}>;

/** A payment that was read. */
export type Outside = Readonly<{
  index: number;
  wallet_id: string;
  payout: Payout;
  paid_at_ms: number;
  txid: string;
}>;

/** Payments of one import at most. */
export const MAX_IMPORTED = 200_000;

const paidSchema = z.strictObject({
  paid_at_ms: z.int().refine((ms) => timeFault(ms) === undefined),
  txid: hash256Schema,
});

/** Reads a list; every payment that is malformed is an issue. */
export function readOutside(
  compiled: CompiledPolicy,
  list: readonly unknown[],
): Readonly<{ payments: readonly Outside[]; issues: readonly ImportIssue[] }> {
  const payments: Outside[] = [];
  const issues: ImportIssue[] = [];
  const places = new Map<string, number>();
  for (const [index, given] of list.entries()) {
    const read = readOne(compiled, given);
    if (has(read, "code")) {
      issues.push({ index, ...read });
      continue;
    }
    const { withdrawal_id } = read.payout;
    const first = places.get(withdrawal_id);
    places.set(withdrawal_id, first ?? index);
    if (first === undefined) payments.push({ index, ...read });
    else issues.push({ index, ...twice(first) });
  }
  return { payments, issues };
}

type Fault = Omit<ImportIssue, "index">;

// [REJECT duplicate_id] an id pays once
const twice = (first: number): Fault => ({
  code: "duplicate_id",
  path: "/withdrawal_id",
  detail: `/withdrawal_id: the same id as payment ${first + 1}; give each payout an id of its own`,
});

function readOne(compiled: CompiledPolicy, given: unknown): Omit<Outside, "index"> | Fault {
  const plain = plainParts(given);
  if (plain === null) return malformed("", "the whole: no plain object; give one");
  // Payments of before are none of this policy's requests: only what limits count by is required.
  const requires = { account: compiled.requires.account, destinations: false, max_fee: false };
  const { paid_at_ms, txid, ...withdrawal } = plain;
  const read = readPayment(withdrawal, requires);
  if (has(read, "path")) return malformed(read.path, read.detail);
  if (Object.hasOwn(withdrawal, "payouts")) {
    return malformed("/payouts", "/payouts: a list; give each payout as a payment of its own");
  }
  const facts = {
    ...(paid_at_ms === undefined ? {} : { paid_at_ms }),
    ...(txid === undefined ? {} : { txid }),
  };
  const paid = safeParse(paidSchema, facts);
  if (!paid.success) {
    const path = firstErrorPath(paid.error);
    return malformed(path, explainIssue(paid.error, path, facts));
  }
  const [payout] = read.checked.payouts;
  if (payout === undefined) return malformed("", "the whole: no payout; give one");
  const unread = payout.destinations.findIndex(
    ({ address }) => compiled.destinations.keyOf(address) === null,
  );
  // Rejects what is no address of the chain.
  if (unread !== -1) {
    const path = `/destinations/${unread}/address`;
    const detail = `${path}: no address of the chain; correct it, or leave the destinations out`;
    return { code: "destination_unreadable", path, detail };
  }
  return { wallet_id: read.checked.wallet_id, payout, ...withoutPrototypes(paid.data) };
}

/** A plain copy of a payment's members; null for anything else. */
function plainParts(given: unknown): Readonly<Record<string, unknown>> | null {
  try {
    const value = withoutPrototypes(JSON.parse(canonicalize(given)) as unknown);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

// [REJECT invalid_payment] malformed, or without what the policy requires
const malformed = (path: string, detail: string): Fault => ({
  code: "invalid_payment",
  path: boundedPointer(path),
  detail: boundedDetail(detail),
});
