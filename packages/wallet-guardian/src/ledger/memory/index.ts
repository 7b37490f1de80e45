/** A ledger in memory, for tests, simulations and first steps: its content ends with the process. */
import type { JsonObject } from "@dgb-shield/contract";
import { LedgerError } from "../../errors.js";
import { freezeKey } from "../freeze-key.js";
import { checkRedaction } from "../redaction.js";
import { earlier, lastAllowBut, noteAllow, redateAllows } from "../last-allow-times.js";
import { type MemoryScope, newScope } from "./scope.js";
import { pruneStore } from "./prune.js";
import { newStore, type Store } from "./store.js";
import { type CountedEntry, entryOf } from "../sums.js";
import { journalChange, windowUsage } from "../prefix-sums.js";
import {
  type DestinationRead,
  type DestinationSnapshot,
  FREEZE_KINDS,
  type FrozenBy,
  type Ledger,
  type LedgerIdentity,
  type LedgerRecord,
  type LedgerReads,
  type LedgerSnapshot,
  type LedgerWrites,
  type Lift,
  MAX_LISTED_FREEZES,
  MAX_LISTED_RECORDS,
  type NewFreeze,
  type NewRecord,
  type AcceptanceOrder,
  type Redaction,
  type ScopeRead,
  type ScopeSnapshot,
  type StoredFreeze,
  type StoredWithdrawal,
} from "../../ports.js";
import { type Scope, scopeKey, scopesOf } from "../../scopes.js";
import { includesScope } from "../../request/shares.js";
import type { Acceptance } from "../../clock/time.js";
import { has } from "../../internal/own.js";

/** Memory has no identity that could be mistaken: it is gone with its process. */
const MEMORY: LedgerIdentity = Object.freeze({ ledger_id: "0".repeat(32), epoch: 1 });

/**
 * Makes a ledger in memory. One transaction is one synchronous step, so that concurrent callers of one
 * process are serialised; a call from within a transaction is rejected.
 *
 * @example createGuardian({ policy, ledger: createMemoryLedger(), clock: () => Date.now() })
 */
export function createMemoryLedger(): Ledger {
  const store = newStore();
  let open = true;
  let busy = false;
  const whileOpen = <T>(work: () => T): Promise<T> => {
    try {
      if (!open) throw new LedgerError("ledger_unavailable", "the ledger is closed");
      // A hook called the guardian again: its decision would rest on a snapshot that is about to change.
      if (busy) throw new LedgerError("ledger_unavailable", "called from within a transaction");
      busy = true;
      try {
        return Promise.resolve(work());
      } finally {
        busy = false;
      }
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
    acceptClock: (nowMs, order) => whileOpen(() => acceptClock(store, nowMs, order)),
    withdrawal: (id) => whileOpen(() => store.withdrawals.get(id) ?? null),
    records: (afterSeq, limit) =>
      whileOpen(() => {
        const bounded = Math.min(limit, MAX_LISTED_RECORDS);
        const first = store.records.findIndex(({ seq }) => seq > afterSeq);
        return first < 0 ? [] : structuredClone(store.records.slice(first, first + bounded));
      }),
    frozen: (after, limit) =>
      whileOpen(() =>
        [...store.freezes.values()]
          .sort(byKey)
          .filter((freeze) => compareUtf8(freezeKey(freeze), after) > 0)
          .slice(0, Math.min(limit, MAX_LISTED_RECORDS)),
      ),
    unsettled: (after, limit) =>
      whileOpen(() =>
        [...store.withdrawals.values()]
          .filter((row) => isUnsettled(row) && compareUtf8(row.withdrawal_id, after) > 0)
          .sort((a, b) => compareUtf8(a.withdrawal_id, b.withdrawal_id))
          .slice(0, Math.min(limit, MAX_LISTED_RECORDS)),
      ),
    identity: () => whileOpen(() => MEMORY),
    prune: (step) => whileOpen(() => pruneStore(store, step)),
    close() {
      open = false;
      return Promise.resolve();
    },
  };
}

const byKey = (a: StoredFreeze, b: StoredFreeze): number => compareUtf8(freezeKey(a), freezeKey(b));

const isUnsettled = ({ withdrawal_id, payment_id, status }: StoredWithdrawal): boolean =>
  withdrawal_id === payment_id && (status === "reserved" || status === "claimed");

const encoder = new TextEncoder();
const compareUtf8 = (a: string, b: string): number => {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
};

function takeSnapshot(store: Store, reads: LedgerReads): LedgerSnapshot {
  const locked = lockedScopes(store, reads);
  const now_ms = Math.max(reads.now_ms, ...locked.map(({ time_ms }) => time_ms));
  const withdrawals = reads.ids.map((id) => store.withdrawals.get(id) ?? null);
  const moment = { now_ms, ownId: reads.ids[0] ?? null, own: withdrawals };
  return {
    now_ms,
    clock_ms: null,
    stored_ms: Math.max(0, ...locked.map(latestOf)),
    accepted: store.accepted,
    withdrawals,
    scopes: reads.scopes.map((read) => scopeSnapshot(store, read, moment)),
    freezes: [...store.freezes.values()]
      .filter((freeze) => isListed(freeze, reads.freezes))
      .sort(byKey)
      .slice(0, MAX_LISTED_FREEZES),
    policy: reads.policy === undefined ? null : (store.policies.get(reads.policy) ?? null),
    destinations: (reads.destinations ?? []).map((read) => destinationSnapshot(store, read)),
    account_freezes: accountFreezes(store, reads, now_ms),
  };
}

const latestOf = ({ time_ms, allows }: MemoryScope): number =>
  Math.max(time_ms, allows.last_allow_ms ?? 0);

type Moment = Readonly<{
  now_ms: number;
  ownId: string | null;
  own: readonly (StoredWithdrawal | null)[];
}>;

function scopeSnapshot(store: Store, read: ScopeRead, moment: Moment): ScopeSnapshot {
  const { scope, attempts, lock, usages } = read;
  const { now_ms: nowMs, ownId } = moment;
  const { journals, allows, attempts: all } = scopeOf(store, scope);
  const recent = all.filter((at) => at > nowMs - attempts.window_ms);
  const own = ownEntries(moment.own, scope);
  return {
    scope,
    frozen_by: frozenBy(store, scope),
    usages: usages.map((usage) => windowUsage(journals, { read: usage, nowMs, own })),
    last_allow_ms: lock ? lastAllowBut(allows, ownId) : null,
    attempts: Math.min(recent.length, attempts.limit),
  };
}

/** The entries of the rows that were read, as far as they belong to a scope. */
const ownEntries = (
  rows: readonly (StoredWithdrawal | null)[],
  scope: Scope,
): readonly CountedEntry[] =>
  rows.flatMap((row) => {
    const entry = row !== null && includesScope(scopesOf(row), scope) ? entryOf(row) : null;
    return entry === null ? [] : [entry];
  });

const frozenBy = (store: Store, scope: Scope): FrozenBy[] =>
  FREEZE_KINDS.flatMap((kind) => {
    const times = [...store.freezes.values()]
      .filter((freeze) => freeze.kind === kind && isSame(freeze.scope, scope))
      .map(({ last_at_ms }) => last_at_ms);
    return times.length === 0 ? [] : [{ kind, last_at_ms: Math.max(...times) }];
  });

function destinationSnapshot(store: Store, read: DestinationRead): DestinationSnapshot {
  const { owner, script, shape } = read;
  const has_lookalike =
    shape !== null &&
    [...store.destinations.values()].some(
      (other) => other.owner === owner && other.shape === shape && other.script !== script,
    );
  return { stored: store.destinations.get(destinationKey(read)) ?? null, has_lookalike };
}

const destinationKey = ({ owner, script }: DestinationRead): string =>
  JSON.stringify([owner, script]);

function accountFreezes(
  { accountFreezes: all }: Store,
  { account_freezes: read }: LedgerReads,
  nowMs: number,
): number {
  if (read === undefined) return 0;
  const times = [...(all.get(read.wallet_id)?.values() ?? [])];
  const recent = times.filter((at) => at > nowMs - read.window_ms);
  return Math.min(recent.length, read.limit);
}

type Change = Readonly<{ reads: LedgerReads; snapshot: LedgerSnapshot; writes: LedgerWrites }>;

function apply(store: Store, { reads, snapshot, writes }: Change): void {
  const { now_ms = snapshot.now_ms } = writes;
  // Before anything is written: all or nothing.
  for (const one of writes.redactions ?? []) checkRedaction(one, recordAt(store, one.seq)?.record);
  for (const scope of writes.keep_times ? [] : lockedScopes(store, reads)) {
    scope.time_ms = Math.max(scope.time_ms, now_ms);
  }
  for (const withdrawal of writes.withdrawals ?? []) putWithdrawal(store, withdrawal);
  for (const lift of writes.lifts ?? []) liftFreezes(store, lift);
  for (const freeze of writes.freezes ?? []) putFreeze(store, freeze);
  for (const scope of writes.reset_attempts ?? []) scopeOf(store, scope).attempts.length = 0;
  for (const scope of writes.attempts ?? []) scopeOf(store, scope).attempts.push(now_ms);
  for (const { wallet_id, account_id } of writes.account_freezes ?? []) {
    const accounts = store.accountFreezes.get(wallet_id) ?? new Map<string, number>();
    store.accountFreezes.set(
      wallet_id,
      accounts.set(account_id, Math.max(accounts.get(account_id) ?? 0, now_ms)),
    );
  }
  for (const owner of writes.forgotten ?? []) {
    for (const [key, one] of store.destinations)
      if (one.owner === owner) store.destinations.delete(key);
  }
  for (const destination of writes.destinations ?? []) {
    store.destinations.set(destinationKey(destination), Object.freeze({ ...destination }));
  }
  if (writes.policy !== undefined) putPolicy(store, writes.policy);
  for (const one of writes.redactions ?? []) redact(store, one);
  for (const one of writes.records ?? []) append(store, one, now_ms);
}

function putPolicy(
  { policies }: Store,
  { name, version }: Readonly<{ name: string; version: string }>,
) {
  const generation = (policies.get(name)?.generation ?? 0) + 1;
  policies.set(name, Object.freeze({ version, generation }));
}

/** An operator's freeze is a row of its own; an automatic one is counted where the scope has its kind already. */
function putFreeze({ freezes }: Store, freeze: NewFreeze): void {
  const { kind, scope, cause_id, frozen_at_ms } = freeze;
  const own = kind === "operator" ? cause_id : "";
  const key = `${kind}|${scopeKey(scope)}|${own}`;
  const known = freezes.get(key);
  if (known === undefined) {
    freezes.set(key, Object.freeze({ ...freeze, last_at_ms: frozen_at_ms, count: 1 }));
  } else if (kind !== "operator") {
    const last_at_ms = Math.max(known.last_at_ms, frozen_at_ms);
    freezes.set(key, Object.freeze({ ...known, last_at_ms, count: known.count + 1 }));
  }
}

const recordAt = ({ records }: Store, seq: number): LedgerRecord | undefined =>
  records.find((one) => one.seq === seq);

function redact(store: Store, { seq, json }: Redaction): void {
  store.records = store.records.map((one) =>
    one.seq === seq ? { ...one, record: JSON.parse(json) as JsonObject } : one,
  );
}

function append(store: Store, { kind, json }: NewRecord, at_ms: number): void {
  const record = JSON.parse(json) as JsonObject;
  store.seq += 1;
  store.records.push({ seq: store.seq, at_ms, kind, record });
}

function acceptClock(
  store: Store,
  nowMs: number,
  { ahead_ms, recordOf }: AcceptanceOrder,
): Acceptance {
  append(store, recordOf(nowMs), nowMs);
  const latestMs = nowMs + ahead_ms;
  for (const [id, row] of store.withdrawals) {
    store.withdrawals.set(id, Object.freeze(redated(row, nowMs, latestMs)));
  }
  for (const scope of store.scopes.values()) {
    scope.time_ms = Math.min(scope.time_ms, nowMs);
    scope.journals.main.redate(latestMs);
    scope.journals.reserved.redate(latestMs);
    scope.allows = redateAllows(scope.allows, nowMs);
    for (const [index, at] of scope.attempts.entries()) scope.attempts[index] = Math.min(at, nowMs);
  }
  for (const accounts of store.accountFreezes.values()) {
    for (const [account, at] of accounts) accounts.set(account, Math.min(at, nowMs));
  }
  for (const [key, freeze] of store.freezes) {
    const { frozen_at_ms, last_at_ms } = freeze;
    const times = {
      frozen_at_ms: Math.min(frozen_at_ms, nowMs),
      last_at_ms: Math.min(last_at_ms, nowMs),
    };
    store.freezes.set(key, Object.freeze({ ...freeze, ...times }));
  }
  for (const [key, one] of store.destinations) {
    const known_at_ms = Math.min(one.known_at_ms, nowMs);
    store.destinations.set(key, Object.freeze({ ...one, known_at_ms }));
  }
  store.accepted = Object.freeze({ count: store.accepted.count + 1, at_ms: nowMs });
  return store.accepted;
}

/** A withdrawal of the future, dated now; its ALLOW was valid by a clock that was wrong. */
function redated(row: StoredWithdrawal, nowMs: number, latestMs: number): StoredWithdrawal {
  const isFuture = row.allowed_at_ms !== null && row.allowed_at_ms > nowMs;
  return {
    ...row,
    counted_at_ms: earlier(row.counted_at_ms, latestMs),
    allowed_at_ms: earlier(row.allowed_at_ms, nowMs),
    state: isFuture ? withoutAnswer(row.state) : row.state,
  };
}

/** A payment's state without the ALLOW. */
function withoutAnswer(state: string | null): string | null {
  if (state === null) return null;
  return JSON.stringify({ ...(JSON.parse(state) as object), answer: null });
}

function putWithdrawal(store: Store, withdrawal: StoredWithdrawal): void {
  const before = store.withdrawals.get(withdrawal.withdrawal_id) ?? null;
  store.withdrawals.set(withdrawal.withdrawal_id, Object.freeze({ ...withdrawal }));
  for (const scope of scopesOf(withdrawal).map((scope) => scopeOf(store, scope))) {
    journalChange(scope.journals, before, withdrawal);
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

function isListed(freeze: StoredFreeze, read: LedgerReads["freezes"]): boolean {
  if (read === null) return false;
  return has(read, "cause_id")
    ? freeze.cause_id === read.cause_id
    : isSame(freeze.scope, read.scope);
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
