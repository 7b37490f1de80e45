/** A ledger in memory: for tests, simulations and first steps; it forgets everything with its process. */
import type { JsonObject } from "@dgb-shield/contract";
import { LedgerError } from "./errors.js";
import { earlier, lastAllowBut, noteAllow, redateAllows } from "./internal/last-allows.js";
import { type MemoryScope, newScope } from "./internal/memory-scope.js";
import { type Entry, entryOf } from "./internal/sums.js";
import { journalChange, windowUsage } from "./internal/window-journal.js";
import {
  FREEZE_KINDS,
  type Ledger,
  type LedgerReads,
  type LedgerRecord,
  type LedgerSnapshot,
  type LedgerWrites,
  type Lift,
  MAX_LISTED_FREEZES,
  MAX_LISTED_RECORDS,
  type NewRecord,
  type ScopeRead,
  type ScopeSnapshot,
  type StoredFreeze,
  type StoredWithdrawal,
} from "./ports.js";
import { type Scope, scopeKey, scopesOf } from "./scopes.js";
import type { Acceptance } from "./time.js";
import { has } from "./internal/own.js";

type Store = {
  readonly withdrawals: Map<string, StoredWithdrawal>;
  /** By scope key. */
  readonly scopes: Map<string, MemoryScope>;
  readonly freezes: Map<string, StoredFreeze>;
  readonly records: LedgerRecord[];
  accepted: Acceptance;
};

/**
 * A ledger in memory. One transaction is one synchronous step, so that concurrent callers of one
 * process are serialised.
 *
 * @example createGuardian({ policy, ledger: createMemoryLedger(), clock: () => Date.now() })
 */
export function createMemoryLedger(): Ledger {
  const store: Store = {
    withdrawals: new Map(),
    scopes: new Map(),
    freezes: new Map(),
    records: [],
    accepted: Object.freeze({ count: 0, at_ms: 0 }),
  };
  let open = true;
  const whileOpen = <T>(work: () => T): Promise<T> => {
    try {
      if (!open) throw new LedgerError("ledger_unavailable", "the ledger is closed");
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return {
    clock: "caller",
    transact: (reads, decide) =>
      whileOpen(() => {
        const snapshot = takeSnapshot(store, reads);
        const { result, writes } = decide(snapshot);
        if (writes !== null) apply(store, { reads, snapshot, writes });
        return result;
      }),
    acceptClock: (nowMs, recordOf) => whileOpen(() => acceptClock(store, nowMs, recordOf)),
    withdrawal: (id) => whileOpen(() => store.withdrawals.get(id) ?? null),
    records: (afterSeq, limit) =>
      whileOpen(() => {
        const first = Math.max(0, afterSeq);
        const bounded = Math.min(limit, MAX_LISTED_RECORDS);
        return structuredClone(store.records.slice(first, first + bounded));
      }),
    close() {
      open = false;
      return Promise.resolve();
    },
  };
}

function takeSnapshot(store: Store, reads: LedgerReads): LedgerSnapshot {
  const locked = lockedScopes(store, reads);
  const now_ms = Math.max(reads.now_ms, ...locked.map(({ time_ms }) => time_ms));
  const withdrawal = store.withdrawals.get(reads.withdrawal_id ?? "") ?? null;
  const moment = { now_ms, ownId: reads.withdrawal_id, own: entryOf(withdrawal) };
  return {
    now_ms,
    clock_ms: null,
    stored_ms: Math.max(0, ...locked.map(latestOf)),
    accepted: store.accepted,
    withdrawal,
    scopes: reads.scopes.map((read) => scopeSnapshot(store, read, moment)),
    freezes: [...store.freezes.values()]
      .filter((freeze) => isAskedFor(freeze, reads.freezes))
      .slice(0, MAX_LISTED_FREEZES),
  };
}

const latestOf = ({ time_ms, journal, allows }: MemoryScope): number =>
  Math.max(time_ms, journal.newest()?.at_ms ?? 0, allows.last_allow_ms ?? 0);

type Moment = Readonly<{ now_ms: number; ownId: string | null; own: Entry | null }>;

function scopeSnapshot(store: Store, read: ScopeRead, moment: Moment): ScopeSnapshot {
  const { scope, attempts, lock, usages } = read;
  const { now_ms: nowMs, own, ownId } = moment;
  const { journal, allows, attempts: all } = scopeOf(store, scope);
  const recent = all.filter((at) => at > nowMs - attempts.window_ms);
  return {
    scope,
    frozen_by: FREEZE_KINDS.filter((kind) =>
      [...store.freezes.values()].some((f) => f.kind === kind && isSame(f.scope, scope)),
    ),
    usages: usages.map((usage) => windowUsage(journal, { read: usage, nowMs, own })),
    last_allow_ms: lock ? lastAllowBut(allows, ownId) : null,
    attempts: Math.min(recent.length, attempts.limit),
  };
}

type Change = Readonly<{ reads: LedgerReads; snapshot: LedgerSnapshot; writes: LedgerWrites }>;

function apply(store: Store, { reads, snapshot, writes }: Change): void {
  const { now_ms = snapshot.now_ms } = writes;
  for (const scope of writes.keep_times ? [] : lockedScopes(store, reads)) {
    scope.time_ms = Math.max(scope.time_ms, now_ms);
  }
  if (writes.withdrawal !== undefined) putWithdrawal(store, writes.withdrawal);
  for (const lift of writes.lifts ?? []) liftFreezes(store, lift);
  for (const freeze of writes.freezes ?? []) {
    const key = `${freeze.kind}|${scopeKey(freeze.scope)}|${freeze.cause_id}`;
    if (!store.freezes.has(key)) store.freezes.set(key, freeze);
  }
  for (const scope of writes.new_series ?? []) scopeOf(store, scope).attempts.length = 0;
  for (const scope of writes.attempts ?? []) scopeOf(store, scope).attempts.push(now_ms);
  if (writes.record !== undefined) append(store, writes.record, now_ms);
}

function append({ records }: Store, { kind, json }: NewRecord, at_ms: number): void {
  const record = JSON.parse(json) as JsonObject;
  records.push({ seq: records.length + 1, at_ms, kind, record });
}

function acceptClock(
  store: Store,
  nowMs: number,
  recordOf: (nowMs: number) => NewRecord,
): Acceptance {
  append(store, recordOf(nowMs), nowMs);
  for (const [id, row] of store.withdrawals) {
    store.withdrawals.set(id, Object.freeze(redated(row, nowMs)));
  }
  for (const scope of store.scopes.values()) {
    scope.time_ms = Math.min(scope.time_ms, nowMs);
    scope.journal.redate(nowMs);
    scope.allows = redateAllows(scope.allows, nowMs);
    for (const [index, at] of scope.attempts.entries()) scope.attempts[index] = Math.min(at, nowMs);
  }
  for (const [key, freeze] of store.freezes) {
    store.freezes.set(key, { ...freeze, frozen_at_ms: Math.min(freeze.frozen_at_ms, nowMs) });
  }
  store.accepted = Object.freeze({ count: store.accepted.count + 1, at_ms: nowMs });
  return store.accepted;
}

/** A withdrawal of the future, dated now; its ALLOW was valid by a clock that was wrong. */
function redated(row: StoredWithdrawal, nowMs: number): StoredWithdrawal {
  const isFuture = row.allowed_at_ms !== null && row.allowed_at_ms > nowMs;
  return {
    ...row,
    counted_at_ms: earlier(row.counted_at_ms, nowMs),
    allowed_at_ms: earlier(row.allowed_at_ms, nowMs),
    answer: isFuture ? null : row.answer,
  };
}

function putWithdrawal(store: Store, withdrawal: StoredWithdrawal): void {
  const before = store.withdrawals.get(withdrawal.withdrawal_id) ?? null;
  store.withdrawals.set(withdrawal.withdrawal_id, Object.freeze({ ...withdrawal }));
  for (const scope of scopesOf(withdrawal).map((scope) => scopeOf(store, scope))) {
    journalChange(scope.journal, before, withdrawal);
    scope.allows = noteAllow(scope.allows, withdrawal);
  }
}

function liftFreezes(store: Store, lift: Lift): void {
  for (const [key, freeze] of store.freezes) {
    const lifted = has(lift, "cause_id")
      ? freeze.cause_id === lift.cause_id
      : isSame(freeze.scope, lift.scope) && lift.kinds.includes(freeze.kind);
    if (lifted) store.freezes.delete(key);
  }
}

function isAskedFor(freeze: StoredFreeze, asked: LedgerReads["freezes"]): boolean {
  if (asked === null) return false;
  return has(asked, "cause_id")
    ? freeze.cause_id === asked.cause_id
    : isSame(freeze.scope, asked.scope);
}

function scopeOf(store: Store, scope: Scope): MemoryScope {
  const key = scopeKey(scope);
  const known = store.scopes.get(key);
  if (known !== undefined) return known;
  const made = newScope();
  store.scopes.set(key, made);
  return made;
}

const lockedScopes = (store: Store, { scopes }: LedgerReads): MemoryScope[] =>
  scopes.flatMap(({ lock, scope }) => (lock ? [scopeOf(store, scope)] : []));

const isSame = (a: Scope, b: Scope): boolean => scopeKey(a) === scopeKey(b);
