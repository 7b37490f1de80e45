/** Parses the rows of the SQLite ledger: a database is untrusted input, too. */
import { jsonObjectSchema } from "@dgb-shield/contract";
import type { LastAllows } from "../../ledger/last-allow-times.js";
import { type Entry, NO_SUMS, type Sums } from "../../ledger/sums.js";
import {
  type Counts,
  FREEZE_KINDS,
  type FrozenBy,
  type LedgerRecord,
  RECORD_KINDS,
  type StoredDestination,
  type StoredFreeze,
  type StoredPolicy,
  type StoredWithdrawal,
  type WithdrawalStatus,
} from "../../ports.js";
import { GLOBAL_SCOPE, type Scope, SCOPE_TYPES } from "../../scopes.js";
import type { Acceptance } from "../../clock/time.js";
import {
  type Cells,
  cells,
  damaged,
  hash,
  id,
  idOrNull,
  member,
  oneOf,
  signed,
  text,
  units,
  whole,
  wholeOrNull,
} from "./cells.js";

/** Statuses and counts by the small number that stands for them in a row. */
const STATUSES: readonly WithdrawalStatus[] = [
  "open",
  "reserved",
  "claimed",
  "committed",
  "released",
];
const COUNTED: readonly Counts[] = ["nothing", "allowed", "reserved", "asked"];
const HALF_BITS = 32n;
const LOW_HALF = 2n ** HALF_BITS - 1n;

/** A stored withdrawal, and the number of its row. */
export type PaymentRow = Readonly<{ row: number; withdrawal: StoredWithdrawal }>;

/** One row of payments, or null where there is none. */
export function toPayment(value: unknown): PaymentRow | null {
  if (value === undefined) return null;
  const [
    row,
    own,
    payment,
    wallet,
    account,
    amount,
    content,
    status,
    counts,
    counted,
    allowed,
    txid,
    state,
  ] = cells(value, 13);
  const withdrawal_id = id(own, "withdrawal_id");
  return {
    row: whole(row, "row"),
    withdrawal: {
      withdrawal_id,
      payment_id: idOrNull(payment, "payment_id") ?? withdrawal_id,
      wallet_id: id(wallet, "wallet_id"),
      account_id: idOrNull(account, "account_id"),
      amount: units(amount, 1n),
      content_hash: hash(content, "content_hash"),
      status: member(STATUSES, status, "status"),
      counts: member(COUNTED, counts, "counts"),
      counted_at_ms: wholeOrNull(counted, "counted_at_ms"),
      allowed_at_ms: wholeOrNull(allowed, "allowed_at_ms"),
      txid: txid === null ? null : hash(txid, "txid"),
      state: state === null ? null : text(state, "state"),
    },
  };
}

/** The cells of a payment after its id, in the order of the columns. */
export const fromPayment = (stored: StoredWithdrawal): unknown[] => [
  stored.payment_id === stored.withdrawal_id ? null : stored.payment_id,
  stored.wallet_id,
  stored.account_id,
  stored.amount,
  Buffer.from(stored.content_hash, "hex"),
  STATUSES.indexOf(stored.status),
  COUNTED.indexOf(stored.counts),
  stored.counted_at_ms,
  stored.allowed_at_ms,
  stored.txid === null ? null : Buffer.from(stored.txid, "hex"),
  stored.state,
];

/** A scope by its key. */
function toScope(key: unknown): Scope {
  if (key === GLOBAL_SCOPE.id) return GLOBAL_SCOPE;
  const [type = "", ...rest] = text(key, "scope").split(":");
  return { type: oneOf(SCOPE_TYPES, type, "scope"), id: id(rest.join(":"), "scope") };
}

/** One freeze. */
export function toFreeze(value: unknown): StoredFreeze {
  const [scope, kind, cause, frozenAt, lastAt, count, operator, reason] = cells(value, 8);
  return {
    scope: toScope(scope),
    cause_id: id(cause, "cause_id"),
    kind: oneOf(FREEZE_KINDS, kind, "kind"),
    frozen_at_ms: whole(frozenAt, "frozen_at_ms"),
    last_at_ms: whole(lastAt, "last_at_ms"),
    count: whole(count, "count"),
    operator: idOrNull(operator, "operator"),
    reason: text(reason, "reason"),
  };
}

/** A kind of freeze and its latest occurrence; none where it has no time. */
export function toFrozenBy(value: unknown): readonly FrozenBy[] {
  const [kind, lastAt] = cells(value, 2);
  if (lastAt === null) return [];
  return [{ kind: oneOf(FREEZE_KINDS, kind, "kind"), last_at_ms: whole(lastAt, "last_at_ms") }];
}

/** One record, its text parsed. */
export function toRecord(value: unknown): LedgerRecord {
  const [seq, at, kind, record] = cells(value, 4);
  const parsed = jsonObjectSchema.safeParse(JSON.parse(text(record, "record")));
  if (!parsed.success) throw damaged("record");
  return {
    seq: whole(seq, "seq"),
    at_ms: whole(at, "at_ms"),
    kind: oneOf(RECORD_KINDS, kind, "kind"),
    record: parsed.data,
  };
}

const joined = (high: number, low: number): bigint => (BigInt(high) << HALF_BITS) + BigInt(low);

/** Sums from six cells of numbers. */
function sumsOf(row: Cells, first: number): Sums {
  const at = (offset: number) => signed(row[first + offset], "sums");
  return {
    allowed: joined(at(0), at(1)),
    allowed_count: at(2),
    requested: joined(at(3), at(4)),
    requested_count: at(5),
  };
}

/** Sums in six cells: the amounts in two halves. */
export const fromSums = (sums: Sums): readonly number[] => [
  Number(sums.allowed >> HALF_BITS),
  Number(sums.allowed & LOW_HALF),
  sums.allowed_count,
  Number(sums.requested >> HALF_BITS),
  Number(sums.requested & LOW_HALF),
  sums.requested_count,
];

/** Sums of one row; none where there is no row. */
export const toSums = (value: unknown): Sums =>
  value === undefined ? NO_SUMS : sumsOf(cells(value, 6), 0);

/** Added corrections, whose halves may be large: cells of bigint. */
export function toCorrections(value: unknown): Sums {
  const all = cells(value, 6).map((cell) => {
    if (typeof cell !== "bigint") throw damaged("corrections");
    return cell;
  });
  const [
    high = 0n,
    low = 0n,
    count = 0n,
    requestedHigh = 0n,
    requestedLow = 0n,
    requestedCount = 0n,
  ] = all;
  return {
    allowed: (high << HALF_BITS) + low,
    allowed_count: Number(count),
    requested: (requestedHigh << HALF_BITS) + requestedLow,
    requested_count: Number(requestedCount),
  };
}

/** One journal of a scope as its row has it. */
export type StoredJournal = Readonly<{ newest: Entry | null; corrected_ms: number | null }>;

/** One scope as its row has it. */
type ScopeRow = Readonly<{
  number: number;
  time_ms: number;
  allows: LastAllows;
  attempted_ms: number | null;
  main: StoredJournal;
  reserved: StoredJournal;
}>;

/** One scope's row; null where there is none. */
export function toScopeRow(value: unknown): ScopeRow | null {
  if (value === undefined) return null;
  const row = cells(value, 22);
  return {
    number: whole(row[0], "number"),
    time_ms: whole(row[1], "time_ms"),
    allows: {
      last_allow_id: idOrNull(row[2], "last_allow_id"),
      last_allow_ms: wholeOrNull(row[3], "last_allow_ms"),
      other_allow_ms: wholeOrNull(row[4], "other_allow_ms"),
    },
    attempted_ms: wholeOrNull(row[5], "attempted_ms"),
    main: journalOf(row, 6),
    reserved: journalOf(row, 14),
  };
}

function journalOf(row: Cells, first: number): StoredJournal {
  const at_ms = wholeOrNull(row[first], "newest");
  return {
    newest: at_ms === null ? null : { at_ms, sums: sumsOf(row, first + 1) },
    corrected_ms: wholeOrNull(row[first + 7], "corrected_ms"),
  };
}

/** The latest acceptance of the clock. */
export function toAcceptance(value: unknown): Acceptance {
  const [count, at] = cells(value, 2);
  return Object.freeze({ count: whole(count, "accepted"), at_ms: whole(at, "accepted_ms") });
}

/** The current version of a policy; null where its name is new. */
export function toPolicy(value: unknown): StoredPolicy | null {
  if (value === undefined) return null;
  const [version, generation] = cells(value, 2);
  return { version: text(version, "version"), generation: whole(generation, "generation") };
}

/** Reads one stored destination; null where there is none. */
export function toDestination(
  value: unknown,
  { owner, script }: Readonly<{ owner: string; script: string }>,
): StoredDestination | null {
  if (value === undefined) return null;
  const [shape, knownAt, approved, lookalike, freeUsed] = cells(value, 5);
  return {
    owner,
    script,
    shape: shape === null ? null : text(shape, "shape"),
    known_at_ms: whole(knownAt, "known_at_ms"),
    approved: member([false, true], approved, "approved"),
    lookalike: member([false, true], lookalike, "lookalike"),
    free_used: units(freeUsed, 0n),
  };
}

/** Sum of counts, up to a limit. */
export function toTotal(rows: readonly unknown[], limit: number): number {
  let total = 0;
  for (const row of rows) total += whole(cells(row, 1)[0], "count");
  return Math.min(total, limit);
}

/** A single whole number. */
export const toWhole = (value: unknown): number => whole(cells(value, 1)[0], "number");

/** Which ledger a file is, and for which path it was made. */
export type IdentityRow = Readonly<{ ledger_id: string; epoch: number; path: string | null }>;

/** The row of the ledger itself. */
export function toIdentity(value: unknown): IdentityRow {
  const [ledger, epoch, path] = cells(value, 4);
  const ledger_id = text(ledger, "ledger_id");
  if (!/^[0-9a-f]{32}$/.test(ledger_id)) throw damaged("ledger_id");
  return {
    ledger_id,
    epoch: whole(epoch, "epoch"),
    path: path === null ? null : text(path, "path"),
  };
}
