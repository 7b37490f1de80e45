/** A ledger in memory: for tests, simulations and first steps; it forgets everything with its process. */
import type { JsonObject } from "@dgb-shield/contract";
import { LedgerError } from "./errors.js";
import { freeAt } from "./internal/free-at.js";
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
  type ScopeRead,
  type ScopeSnapshot,
  type StoredFreeze,
  type StoredWithdrawal,
  type Usage,
  type UsageRead,
} from "./ports.js";
import { type Scope, scopeKey, scopesOf } from "./scopes.js";

type Store = Readonly<{
  withdrawals: Map<string, StoredWithdrawal>;
  /** Ids of each scope's withdrawals, by scope key. */
  members: Map<string, Set<string>>;
  freezes: Map<string, StoredFreeze>;
  attempts: Map<string, number[]>;
  times: Map<string, number>;
  records: LedgerRecord[];
}>;

/**
 * A ledger in memory. One transaction is one synchronous step, so that concurrent callers of one
 * process are serialised; reading a window takes time with the number of a scope's withdrawals.
 *
 * @example createGuardian({ policy, ledger: createMemoryLedger(), clock: () => Date.now() })
 */
export function createMemoryLedger(): Ledger {
  const store: Store = {
    withdrawals: new Map(),
    members: new Map(),
    freezes: new Map(),
    attempts: new Map(),
    times: new Map(),
    records: [],
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
    transact: (reads, decide) =>
      whileOpen(() => {
        const snapshot = takeSnapshot(store, reads);
        const { result, writes } = decide(snapshot);
        if (writes !== null) apply(store, { reads, snapshot, writes });
        return result;
      }),
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
  const times = lockedKeys(reads).map((key) => store.times.get(key) ?? 0);
  const now_ms = Math.max(reads.now_ms, ...times);
  const own = reads.withdrawal_id;
  return {
    now_ms,
    withdrawal: own === null ? null : (store.withdrawals.get(own) ?? null),
    scopes: reads.scopes.map((read) => scopeSnapshot(store, read, { now_ms, own })),
    freezes: [...store.freezes.values()]
      .filter((freeze) => isAskedFor(freeze, reads.freezes))
      .slice(0, MAX_LISTED_FREEZES),
  };
}

type Moment = Readonly<{ now_ms: number; own: string | null }>;

function scopeSnapshot(store: Store, read: ScopeRead, moment: Moment): ScopeSnapshot {
  const { scope, attempts } = read;
  const key = scopeKey(scope);
  const others = [...(store.members.get(key) ?? [])].flatMap((id) => {
    const stored = id === moment.own ? undefined : store.withdrawals.get(id);
    return stored === undefined ? [] : [stored];
  });
  const since = moment.now_ms - attempts.window_ms;
  const recent = (store.attempts.get(key) ?? []).filter((at) => at > since);
  return {
    scope,
    frozen_by: FREEZE_KINDS.filter((kind) =>
      [...store.freezes.values()].some((f) => f.kind === kind && scopeKey(f.scope) === key),
    ),
    usages: read.usages.map((usage) => usageOf(others, usage, moment.now_ms)),
    last_allow_ms: others.reduce<number | null>(
      (last, { allowed_at_ms: at }) => (at !== null && (last === null || at > last) ? at : last),
      null,
    ),
    attempts: Math.min(recent.length, attempts.limit),
  };
}

function usageOf(others: readonly StoredWithdrawal[], read: UsageRead, nowMs: number): Usage {
  const entries = others.flatMap(({ counts, counted_at_ms: at_ms, amount }) => {
    const counted = counts === "allowed" || (counts === "asked" && read.with_asked);
    return counted && at_ms !== null && nowMs - at_ms < read.window_ms ? [{ at_ms, amount }] : [];
  });
  return {
    amount: entries.reduce((sum, { amount }) => sum + amount, 0n),
    count: entries.length,
    free_at_ms: freeAt(
      entries.sort((a, b) => b.at_ms - a.at_ms),
      read,
    ),
  };
}

type Change = Readonly<{ reads: LedgerReads; snapshot: LedgerSnapshot; writes: LedgerWrites }>;

function apply(store: Store, { reads, snapshot, writes }: Change): void {
  const { now_ms } = snapshot;
  for (const key of lockedKeys(reads)) store.times.set(key, now_ms);
  if (writes.withdrawal !== undefined) putWithdrawal(store, writes.withdrawal);
  for (const lift of writes.lifts ?? []) liftFreezes(store, lift);
  for (const freeze of writes.freezes ?? []) {
    const key = `${freeze.kind}|${scopeKey(freeze.scope)}|${freeze.cause_id}`;
    if (!store.freezes.has(key)) store.freezes.set(key, freeze);
  }
  for (const scope of writes.new_series ?? []) store.attempts.delete(scopeKey(scope));
  for (const scope of writes.attempts ?? []) {
    const key = scopeKey(scope);
    store.attempts.set(key, [...(store.attempts.get(key) ?? []), now_ms]);
  }
  if (writes.record !== undefined) {
    const { kind, json } = writes.record;
    const record = JSON.parse(json) as JsonObject;
    store.records.push({ seq: store.records.length + 1, at_ms: now_ms, kind, record });
  }
}

function putWithdrawal(store: Store, withdrawal: StoredWithdrawal): void {
  store.withdrawals.set(withdrawal.withdrawal_id, Object.freeze({ ...withdrawal }));
  for (const scope of scopesOf(withdrawal)) {
    const key = scopeKey(scope);
    const members = store.members.get(key) ?? new Set();
    store.members.set(key, members.add(withdrawal.withdrawal_id));
  }
}

function liftFreezes(store: Store, lift: Lift): void {
  for (const [key, freeze] of store.freezes) {
    const lifted =
      "cause_id" in lift
        ? freeze.cause_id === lift.cause_id
        : isSame(freeze.scope, lift.scope) && lift.kinds.includes(freeze.kind);
    if (lifted) store.freezes.delete(key);
  }
}

function isAskedFor(freeze: StoredFreeze, asked: LedgerReads["freezes"]): boolean {
  if (asked === null) return false;
  return "cause_id" in asked
    ? freeze.cause_id === asked.cause_id
    : isSame(freeze.scope, asked.scope);
}

const lockedKeys = ({ scopes }: LedgerReads): string[] =>
  scopes.flatMap(({ lock, scope }) => (lock ? [scopeKey(scope)] : []));

const isSame = (a: Scope, b: Scope): boolean => scopeKey(a) === scopeKey(b);
