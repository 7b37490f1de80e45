/** Collects what the steps of one transaction change, until one call of `ledger_write` writes it. */
import { type CountedEntry, entryOf, isSameEntry, minus, NO_SUMS } from "../../../ledger/sums.js";
import { has } from "../../../internal/own.js";
import type { LedgerWrites, StoredDestination, StoredWithdrawal } from "../../../ports.js";
import { scopeKey } from "../../../scopes.js";
import { fromSums } from "../rows.js";
import { type PostgresScope, reservedKey } from "./scope.js";
import { GLOBAL } from "./reads.js";

/** The argument of `ledger_write`. */
export type Given = Readonly<Record<string, unknown>>;

/** Changes that are collected. */
export type Changes = Readonly<{
  /** A withdrawal as it is now, and whether its row was there before. */
  withdrawal(row: StoredWithdrawal, isNew: boolean): void;
  /** What a withdrawal counts globally, for the journal that is not locked. */
  globally(before: StoredWithdrawal | null, after: StoredWithdrawal): void;
  records(writes: LedgerWrites, nowMs: number): void;
  /** A destination as it is now: of one that several steps write, the last row is kept. */
  destination(row: StoredDestination): void;
  rare(rare: object): void;
  /** Takes the changes to write; null: none. */
  take(scopes: Iterable<PostgresScope>): Given | null;
  /** Rows appended to the global journal so far. */
  appended(): number;
}>;

/** Starts without changes. */
export function collectChanges(): Changes {
  let inserts = new Map<string, StoredWithdrawal>();
  let updates = new Map<string, StoredWithdrawal>();
  let records: object[] = [];
  let global: object[] = [];
  let rares: object[] = [];
  let destinations = new Map<string, object>();
  let appended = 0;

  function take(scopes: Iterable<PostgresScope>): Given | null {
    const parts = [...scopes].map((scope) => scope.takeChanges());
    const attempts = parts.flatMap((part) => part.attempts);
    const given = {
      inserts: [...inserts.values()].map(toRow),
      updates: [...updates.values()].map(toRow),
      records,
      global,
      entries: parts.flatMap(({ entries }) => entries),
      corrections: parts.flatMap(({ corrections }) => corrections),
      scopes: parts.flatMap(({ scopes: rows }) => rows),
      rare: mergeRare([...rares, { attempts, destinations: [...destinations.values()] }]),
    };
    inserts = new Map();
    updates = new Map();
    destinations = new Map();
    [records, global, rares] = [[], [], []];
    return Object.values(given).every((part) => Object.keys(part).length === 0) ? null : given;
  }

  return {
    withdrawal(row, isNew) {
      const target = isNew || inserts.has(row.withdrawal_id) ? inserts : updates;
      target.set(row.withdrawal_id, row);
    },
    globally(before, after) {
      const rows = globalRows(before, after);
      appended += rows.length;
      global.push(...rows);
    },
    records(writes, nowMs) {
      for (const { kind, json } of writes.records ?? []) {
        records.push({ at_ms: nowMs, kind, record: json });
      }
    },
    destination(row) {
      const key = JSON.stringify([row.owner, row.script]);
      destinations.set(key, { ...row, free_used: String(row.free_used) });
    },
    rare: (rare) => void rares.push(rare),
    take,
    appended: () => appended,
  };
}

const toRow = ({ amount, payment_id, ...rest }: StoredWithdrawal) => ({
  ...rest,
  amount: String(amount),
  payment_id: payment_id === rest.withdrawal_id ? null : payment_id,
});

function globalRows(before: StoredWithdrawal | null, after: StoredWithdrawal): object[] {
  const [old, next] = [entryOf(before), entryOf(after)];
  const { allowed_at_ms, payment_id } = after;
  const isSame = isSameEntry(old, next);
  const isAllowSame = allowed_at_ms === null || before?.allowed_at_ms === allowed_at_ms;
  const allow = isAllowSame ? {} : { payment_id, allowed_at_ms };
  const rows = isSame
    ? []
    : [
        ...(old === null ? [] : [entryRow({ ...old, sums: minus(NO_SUMS, old.sums) })]),
        ...(next === null ? [] : [entryRow(next)]),
      ];
  return isAllowSame ? rows : [...rows, { ...NO_ENTRY, at_ms: allowed_at_ms, ...allow }];
}

const entryRow = ({ channel, at_ms, sums }: CountedEntry) => ({
  journal: channel === "main" ? GLOBAL : reservedKey(GLOBAL),
  at_ms,
  ...fromSums(sums),
});

/** An ALLOW by itself. */
const NO_ENTRY = { journal: "", ...fromSums(NO_SUMS) };

/** Rare writes of several steps between two calls: each kind's rows in one list. */
function mergeRare(rares: readonly object[]): object {
  const merged: Record<string, unknown[]> = {};
  for (const rare of rares) {
    for (const [kind, rows] of Object.entries(rare) as [string, unknown[]][]) {
      if (rows.length > 0) merged[kind] = [...(merged[kind] ?? []), ...rows];
    }
  }
  return merged;
}

/** Writes that change what other scopes of the transaction have read; they are written at once. */
export function freezesOf(writes: LedgerWrites): object | null {
  const { lifts = [], freezes = [], reset_attempts = [] } = writes;
  if ([lifts, freezes, reset_attempts].every(({ length }) => length === 0)) return null;
  return {
    lifts: lifts.map((lift) =>
      has(lift, "cause_id") ? lift : { ...lift.scope, kinds: lift.kinds },
    ),
    freezes: freezes.map(({ scope, ...rest }) => ({ ...scope, ...rest })),
    new_series: reset_attempts.map(scopeKey),
  };
}
