/** Checks and counts one chunk of an import inside the ledger's transaction (design, section 7: import). */
import { formatAmount, type ShieldEvent } from "@dgb-shield/contract";
import type { ImportCode } from "../codes.js";
import { guardianEvent } from "../events.js";
import type {
  LedgerSnapshot,
  LedgerWrites,
  StoredDestination,
  StoredWithdrawal,
} from "../ports.js";
import { record, recordsOf } from "../records.js";
import { GLOBAL_SCOPE } from "../scopes.js";
import type { Chunk } from "./chunks.js";
import type { ImportIssue, Outside } from "./payments.js";

/** The order of an import. */
export type ImportOrder = Readonly<{ import_id: string; operator: string; reason: string }>;

/** What a chunk holds that the ledger does not have yet. */
export type Compared = Readonly<{
  fresh: readonly Outside[];
  issues: readonly ImportIssue[];
  /** Whether an import of the same payments was begun and did not end. */
  isOpen: boolean;
}>;

/** Compares a chunk with the ledger. */
export function compare({ payments }: Chunk, snapshot: LedgerSnapshot, latestMs: number): Compared {
  const fresh: Outside[] = [];
  const issues: ImportIssue[] = [];
  for (const [at, payment] of payments.entries()) {
    const stored = snapshot.withdrawals[at] ?? null;
    const fault = faultOf(payment, stored, latestMs);
    if (fault !== null) issues.push({ index: payment.index, ...fault });
    else if (stored === null) fresh.push(payment);
  }
  return { fresh, issues, isOpen: snapshot.freezes.length > 0 };
}

function faultOf(
  { payout, paid_at_ms, txid }: Outside,
  stored: StoredWithdrawal | null,
  latestMs: number,
): Omit<ImportIssue, "index"> | null {
  // [REJECT paid_later] what is not yet paid is evaluated
  if (paid_at_ms > latestMs) {
    const detail = "/paid_at_ms: later than now; correct it, or evaluate what is still to be paid";
    return fault("paid_later", "/paid_at_ms", detail);
  }
  if (stored === null) return null;
  // Rejects an id that stands for another content.
  if (stored.content_hash !== payout.content_hash) {
    const detail =
      "/withdrawal_id: the ledger has this id for another wallet, account, amount or destination; compare the two";
    return fault("content_changed", "/withdrawal_id", detail);
  }
  // [REJECT not_outside] the guardian decided on it: it is settled there
  if (stored.status !== "committed") {
    const detail = `/withdrawal_id: the ledger has this payment, and it is ${stored.status}; commit it with its transaction, and take it out of the list`;
    return fault("not_outside", "/withdrawal_id", detail);
  }
  if (stored.txid !== txid) {
    const detail =
      "/txid: the ledger has this payment with another transaction; where both paid, commit the second one";
    return fault("content_changed", "/txid", detail);
  }
  // Only what was imported counts from the time of its ALLOW.
  const isImported = stored.counted_at_ms === stored.allowed_at_ms;
  if (isImported && stored.counted_at_ms !== paid_at_ms) {
    const detail = "/paid_at_ms: the payment was imported with another time; it stays as it is";
    return fault("content_changed", "/paid_at_ms", detail);
  }
  return null;
}

const fault = (code: ImportCode, path: string, detail: string) => ({ code, path, detail });

/** Which transaction of its import a chunk is. */
export type Place = Readonly<{ isFirst: boolean; isLast: boolean }>;

/** What one transaction writes, and its events. */
type Counted = Readonly<{ writes: LedgerWrites; events: readonly ShieldEvent[] }>;

/**
 * Counts the payments of a chunk. An import of several transactions freezes everything by the first one and lifts that
 * by the last, so that nothing is paid while it is incomplete.
 */
export function count(
  fresh: readonly Outside[],
  { chunk, order, place, snapshot, nowMs }: CountInput,
): Counted {
  const { isFirst, isLast } = place;
  const freeze = isFirst && !isLast ? freezing(order, nowMs) : NOTHING;
  const lifted = isLast && !isFirst ? lifting(order, nowMs) : NOTHING;
  return {
    events: [...freeze.events, ...lifted.events],
    writes: {
      ...freeze.writes,
      ...lifted.writes,
      withdrawals: fresh.map(paidRow),
      destinations: knownOf(chunk, snapshot),
      records: [
        ...(freeze.writes.records ?? []),
        ...fresh.map((payment) => record("import", factsOf(payment, order, nowMs))),
        ...(lifted.writes.records ?? []),
      ],
    },
  };
}

type CountInput = Readonly<{
  chunk: Chunk;
  order: ImportOrder;
  place: Place;
  snapshot: LedgerSnapshot;
  nowMs: number;
}>;

const NOTHING: Counted = Object.freeze({ writes: {}, events: [] });

const paidRow = ({ payout, wallet_id, paid_at_ms, txid }: Outside): StoredWithdrawal => ({
  withdrawal_id: payout.withdrawal_id,
  payment_id: payout.withdrawal_id,
  wallet_id,
  account_id: payout.account_id,
  amount: payout.amount,
  content_hash: payout.content_hash,
  status: "committed",
  counts: "allowed",
  counted_at_ms: paid_at_ms,
  allowed_at_ms: paid_at_ms,
  txid,
  state: null,
});

const factsOf = (
  { payout, wallet_id, paid_at_ms, txid }: Outside,
  order: ImportOrder,
  at_ms: number,
) => ({
  ...order,
  withdrawal_id: payout.withdrawal_id,
  wallet_id,
  account_id: payout.account_id,
  amount: formatAmount(payout.amount),
  max_fee: payout.max_fee === null ? null : formatAmount(payout.max_fee),
  destinations: payout.destinations.map(({ address, amount }) => ({
    address,
    amount: formatAmount(amount),
  })),
  content_hash: payout.content_hash,
  paid_at_ms,
  txid,
  at_ms,
});

function freezing({ import_id, operator }: ImportOrder, at_ms: number): Counted {
  const reason = `the import ${import_id} is not complete: run it again`;
  const facts = {
    scope: "global",
    id: GLOBAL_SCOPE.id,
    operator,
    reason,
    at_ms,
    cause_id: import_id,
  };
  const kind = "operator" as const;
  const freeze = {
    scope: GLOBAL_SCOPE,
    cause_id: import_id,
    kind,
    frozen_at_ms: at_ms,
    operator,
    reason,
  };
  const events = [guardianEvent("freeze", "global", facts)];
  return {
    events,
    writes: { freezes: [freeze], records: recordsOf(record("freeze", facts), events) },
  };
}

function lifting({ import_id, operator }: ImportOrder, at_ms: number): Counted {
  const facts = {
    scope: "cause",
    id: import_id,
    operator,
    reason: "the import is complete",
    at_ms,
  };
  const events = [guardianEvent("unfreeze", "global", facts)];
  const lifts = [{ cause_id: import_id }];
  return { events, writes: { lifts, records: recordsOf(record("unfreeze", facts), events) } };
}

/** The destinations that their owners have not named before: known since they were first paid. */
function knownOf({ destinations }: Chunk, snapshot: LedgerSnapshot): StoredDestination[] {
  const alike = new Map<string, number>();
  const keyOf = ({ owner, shape }: (typeof destinations)[number]) => JSON.stringify([owner, shape]);
  for (const one of destinations) alike.set(keyOf(one), (alike.get(keyOf(one)) ?? 0) + 1);
  return destinations.flatMap((destination, at) => {
    const found = snapshot.destinations[at];
    if ((found?.stored ?? null) !== null) return [];
    const isAlike = destination.shape !== null && (alike.get(keyOf(destination)) ?? 0) > 1;
    // A missing answer of the ledger counts as a look-alike.
    const lookalike = (found?.has_lookalike ?? true) || isAlike;
    return [{ ...destination, approved: false, lookalike, free_used: 0n }];
  });
}
