/** One transaction of the PostgreSQL ledger: what its steps read comes in one call, what they write goes in one. */
import { lastAllowBut, noteAllow } from "../internal/last-allows.js";
import { type Entry, entryOf } from "../internal/sums.js";
import { counted, isOver, journalChange, withoutOwn } from "../internal/window-journal.js";
import {
  type LedgerReads,
  type LedgerSnapshot,
  type LedgerStep,
  type LedgerWrites,
  MAX_LISTED_FREEZES,
  type ScopeRead,
  type ScopeSnapshot,
  type StoredFreeze,
  type StoredWithdrawal,
  type Usage,
  type UsageRead,
} from "../ports.js";
import type { Acceptance } from "../time.js";
import { GLOBAL_SCOPE, type Scope, scopeKey, scopesOf } from "../scopes.js";
import type { Query } from "./postgres-connection.js";
import { toFreezes, toNumber, toNumbers, toReadAnswer } from "./postgres-rows.js";
import { openScope, type PostgresScope } from "./postgres-scope.js";
import type { Statements } from "./postgres-statements.js";
import { has } from "../internal/own.js";

/** What a step came to: its result, or why it alone failed, before it wrote anything. */
export type Outcome = Readonly<{ result: unknown }> | Readonly<{ error: unknown }>;

/** One step. */
export type PostgresStep = Readonly<{
  reads: LedgerReads;
  decide: (snapshot: LedgerSnapshot) => LedgerStep<unknown>;
}>;

/** How a session is run. */
export type SessionOptions = Readonly<{
  query: Query;
  statements: Statements;
  /** Whose time counts. */
  clock: "database" | "caller";
  /** Whether the global scope is locked by every step, since its journal is kept. */
  isGlobalLocked: boolean;
  maxWaitMs: number;
}>;

/** Thrown when the global scope turned out to have a journal, which asks for a lock of its own. */
export class GlobalJournalFound extends Error {
  override readonly name = "GlobalJournalFound";
}

type Moment = Readonly<{ nowMs: number; ownId: string | null; own: Entry | null }>;

const GLOBAL = scopeKey(GLOBAL_SCOPE);

/** Takes steps one after the other; each sees what the earlier ones have written. */
export async function takeSteps(
  options: SessionOptions,
  steps: readonly PostgresStep[],
): Promise<Outcome[]> {
  const session = createSession(options);
  const reads = steps.map((step) => step.reads);
  await session.load(reads);
  await session.loadRooms(reads);
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await session.take(step));
  await session.flush();
  return outcomes;
}

function createSession({ query, statements, clock, isGlobalLocked, maxWaitMs }: SessionOptions) {
  const scopes = new Map<string, PostgresScope>();
  const withdrawals = new Map<string, StoredWithdrawal>();
  const looked = new Set<string>();
  let changed = new Map<string, StoredWithdrawal>();
  let records: Readonly<{ at_ms: number; kind: string; record: string }>[] = [];
  let clockMs = 0;
  let accepted: Acceptance = { count: 0, at_ms: 0 };
  let holdsGlobal = isGlobalLocked;

  const idLock = (id: string) => ({ key: `withdrawal:${id}`, exclusive: true });
  const scopeLock = (key: string, lock: boolean) => ({
    key,
    exclusive: lock || key !== GLOBAL || isGlobalLocked,
  });

  /** Locks, then reads in one go. */
  async function load(all: readonly LedgerReads[]): Promise<void> {
    const ids = new Set(all.flatMap(({ withdrawal_id: id }) => (id === null ? [] : [id])));
    const reads = all.flatMap(({ scopes: list }) => list);
    const windows = all.flatMap(({ now_ms, scopes: list }) =>
      list.flatMap(({ scope, usages }) =>
        usages.map(({ window_ms }) => ({
          scope: scopeKey(scope),
          now_ms: clock === "caller" ? now_ms : null,
          window_ms,
        })),
      ),
    );
    holdsGlobal ||= reads.some(({ scope, lock }) => lock && scope.type === "global");
    const locks = [
      // Acceptance of the clock excludes every other transaction.
      { key: "clock", exclusive: false },
      ...[...ids].map(idLock),
      ...reads.map(({ scope, lock }) => scopeLock(scopeKey(scope), lock)),
    ];
    const keys = [...new Set(reads.map(({ scope }) => scopeKey(scope)))];
    await read({ ids: [...ids], keys, windows, locks });
  }

  type Asked = Readonly<{
    ids: readonly string[];
    keys: readonly string[];
    windows: readonly unknown[];
    locks: readonly unknown[];
  }>;

  async function read({ ids, keys, windows, locks }: Asked): Promise<void> {
    const asked = { ids, scopes: keys, windows, locks, max_wait_ms: maxWaitMs };
    const found = toReadAnswer(await query(statements.read, [JSON.stringify(asked)], "dgb_read"));
    clockMs = Math.max(clockMs, found.now_ms);
    accepted = found.accepted;
    for (const id of ids) looked.add(id);
    for (const row of found.withdrawals) withdrawals.set(row.withdrawal_id, row);
    for (const key of keys) {
      scopes.set(
        key,
        openScope(key, {
          row: found.scopes.find(({ scope }) => scope === key),
          frozen: found.frozen.filter(({ scope }) => scope === key).map(({ kind }) => kind),
        }),
      );
    }
    for (const { scope, since_ms, ...sums } of found.windows) {
      scopes.get(scope)?.sums.set(since_ms, sums);
    }
  }

  async function scopeOf(scope: Scope): Promise<PostgresScope> {
    const key = scopeKey(scope);
    const known = scopes.get(key);
    if (known !== undefined) return known;
    await read({ ids: [], keys: [key], windows: [], locks: [scopeLock(key, false)] });
    return scopeOf(scope);
  }

  async function withdrawalOf(id: string): Promise<StoredWithdrawal | null> {
    if (!looked.has(id)) await read({ ids: [id], keys: [], windows: [], locks: [idLock(id)] });
    return withdrawals.get(id) ?? null;
  }

  async function take({ reads, decide }: PostgresStep): Promise<Outcome> {
    const snapshot = await takeSnapshot(reads);
    const step = attempt(() => decide(snapshot));
    if (has(step, "error")) return step;
    const { result, writes } = step.result;
    const { now_ms: nowMs = snapshot.now_ms } = writes ?? {};
    if (writes !== null) await write(writes, { reads, nowMs });
    return { result };
  }

  async function lockedScopes({ scopes: list }: LedgerReads): Promise<PostgresScope[]> {
    return all(
      list
        .filter(({ lock }) => lock)
        .map(
          ({ scope }) =>
            () =>
              scopeOf(scope),
        ),
    );
  }

  async function takeSnapshot(reads: LedgerReads): Promise<LedgerSnapshot> {
    const locked = await lockedScopes(reads);
    const ownId = reads.withdrawal_id;
    const withdrawal = ownId === null ? null : await withdrawalOf(ownId);
    const moment = momentOf(reads, ownId);
    return {
      now_ms: moment.nowMs,
      clock_ms: clock === "caller" ? null : clockMs,
      stored_ms: Math.max(0, ...locked.map(latestOf)),
      accepted,
      withdrawal,
      scopes: await all(reads.scopes.map((one) => () => scopeSnapshot(one, moment))),
      freezes: await listFreezes(reads.freezes),
    };
  }

  async function scopeSnapshot(asked: ScopeRead, moment: Moment): Promise<ScopeSnapshot> {
    const { scope, lock, usages, attempts } = asked;
    const found = lock ? await journaledScope(scope) : await scopeOf(scope);
    const since = moment.nowMs - attempts.window_ms;
    return {
      scope,
      frozen_by: found.frozen,
      usages: await all(usages.map((usage) => () => usageOf(scope, usage, moment))),
      last_allow_ms: lock ? lastAllowBut(found.state.allows, moment.ownId) : null,
      attempts:
        found.attemptedMs === null || found.attemptedMs <= since
          ? 0
          : toNumber(await query(statements.attempts, [scopeKey(scope), since, attempts.limit])),
    };
  }

  /** A scope with its journal; the first limit of the global scope reads all withdrawals once. */
  async function journaledScope(scope: Scope): Promise<PostgresScope> {
    const found = await scopeOf(scope);
    if (found.state.is_journaled) return found;
    await flush();
    await query(statements.enterGlobalJournal);
    scopes.delete(GLOBAL);
    return scopeOf(scope);
  }

  async function usageOf(scope: Scope, asked: UsageRead, moment: Moment): Promise<Usage> {
    const sinceMs = moment.nowMs - asked.window_ms;
    const found = await scopeOf(scope);
    const known = found.sums.get(sinceMs) ?? (await sumAfter(scope, sinceMs));
    const usage = counted(withoutOwn(known, moment.own, sinceMs), asked);
    if (!isOver(usage, asked)) return { ...usage, free_at_ms: null };
    const leaving = await lastOver(found, roomQuestion(found, asked, moment));
    return { ...usage, free_at_ms: leaving + asked.window_ms };
  }

  async function lastOver({ rooms }: PostgresScope, question: string): Promise<number> {
    const known = rooms.get(question);
    if (known !== undefined) return known;
    await flush();
    const [found = NaN] = toNumbers(await query(statements.lastOver, [`[${question}]`]));
    return found;
  }

  /** Asks in one go when the windows that are full already will have room. */
  async function loadRooms(all: readonly LedgerReads[]): Promise<void> {
    const asked = new Map<string, PostgresScope>();
    for (const reads of all) {
      const moment = momentOf(reads, reads.withdrawal_id);
      for (const { scope, usages } of reads.scopes) {
        const found = scopes.get(scopeKey(scope));
        if (found === undefined || !found.state.is_journaled) continue;
        for (const usage of usages) {
          const sinceMs = moment.nowMs - usage.window_ms;
          const known = found.sums.get(sinceMs);
          const isFull =
            known !== undefined &&
            isOver(counted(withoutOwn(known, moment.own, sinceMs), usage), usage);
          if (isFull && !usage.with_asked) asked.set(roomQuestion(found, usage, moment), found);
        }
      }
    }
    if (asked.size === 0) return;
    const questions = [...asked.keys()];
    const found = toNumbers(
      await query(statements.lastOver, [`[${questions.join()}]`], "dgb_rooms"),
    );
    questions.forEach((question, index) => {
      asked.get(question)?.rooms.set(question, found[index] ?? NaN);
    });
  }

  /** What time it is for a step, and what counts of its own withdrawal, as far as both were read. */
  function momentOf(reads: LedgerReads, ownId: string | null): Moment {
    const times = reads.scopes.map(({ scope, lock }) =>
      lock ? (scopes.get(scopeKey(scope))?.state.time_ms ?? 0) : 0,
    );
    const nowMs = Math.max(clock === "caller" ? reads.now_ms : clockMs, ...times);
    const withdrawal = ownId === null ? null : (withdrawals.get(ownId) ?? null);
    return { nowMs, ownId, own: entryOf(withdrawal) };
  }

  async function sumAfter(scope: Scope, sinceMs: number) {
    await flush();
    const windows = [{ scope: scopeKey(scope), now_ms: sinceMs, window_ms: 0 }];
    await read({ ids: [], keys: [scopeKey(scope)], windows, locks: [] });
    const sums = (await scopeOf(scope)).sums.get(sinceMs);
    if (sums === undefined) throw new Error("a window was left unanswered");
    return sums;
  }

  async function listFreezes(asked: LedgerReads["freezes"]): Promise<StoredFreeze[]> {
    if (asked === null) return [];
    const values = has(asked, "cause_id")
      ? [asked.cause_id, null, null]
      : [null, asked.scope.type, asked.scope.id];
    return toFreezes(await query(statements.freezes, [...values, MAX_LISTED_FREEZES]));
  }

  type Written = Readonly<{ reads: LedgerReads; nowMs: number }>;

  async function write(writes: LedgerWrites, { reads, nowMs }: Written): Promise<void> {
    for (const { state } of writes.keep_times ? [] : await lockedScopes(reads)) {
      state.time_ms = Math.max(state.time_ms, nowMs);
    }
    if (writes.withdrawal !== undefined) await putWithdrawal(writes.withdrawal);
    if (writes.record !== undefined) {
      records.push({ at_ms: nowMs, kind: writes.record.kind, record: writes.record.json });
    }
    const rare = rareOf(writes, nowMs);
    if (rare === null) return;
    await flush(rare);
    scopes.clear();
  }

  async function putWithdrawal(withdrawal: StoredWithdrawal): Promise<void> {
    const before = await withdrawalOf(withdrawal.withdrawal_id);
    for (const scope of await all(scopesOf(withdrawal).map((one) => () => scopeOf(one)))) {
      if (!scope.state.is_journaled) continue;
      if (scope.key === GLOBAL && !holdsGlobal) throw new GlobalJournalFound();
      journalChange(scope.journal, before, withdrawal);
      scope.state.allows = noteAllow(scope.state.allows, withdrawal);
    }
    withdrawals.set(withdrawal.withdrawal_id, withdrawal);
    changed.set(withdrawal.withdrawal_id, withdrawal);
  }

  /** Writes what the steps have changed so far. */
  async function flush(rare: object = {}): Promise<void> {
    const parts = [...scopes.values()].map((scope) => scope.takeChanges());
    const given = {
      withdrawals: [...changed.values()].map((one) => ({ ...one, amount: String(one.amount) })),
      records,
      entries: parts.flatMap(({ entries }) => entries),
      corrections: parts.flatMap(({ corrections }) => corrections),
      scopes: parts.flatMap(({ row }) => row),
      rare,
    };
    changed = new Map();
    records = [];
    const isEmpty = Object.values(given).every((part) => Object.keys(part).length === 0);
    if (!isEmpty) await query(statements.write, [JSON.stringify(given)], "dgb_write");
  }

  return { load, loadRooms, take, flush };
}

const latestOf = ({ state, journal }: PostgresScope): number =>
  Math.max(state.time_ms, journal.newest()?.at_ms ?? 0, state.allows.last_allow_ms ?? 0);

/** What `last_over` is asked, as text, so that the same question is recognised. */
const roomQuestion = ({ key }: PostgresScope, asked: UsageRead, { nowMs, own }: Moment): string =>
  JSON.stringify({
    scope: key,
    since_ms: nowMs - asked.window_ms,
    with_asked: asked.with_asked,
    keep_amount: asked.keep_amount === null ? null : String(asked.keep_amount),
    keep_count: asked.keep_count,
    ...ownPart(own, asked),
  });

function ownPart(own: Entry | null, { with_asked }: UsageRead) {
  if (own === null) return { own_ms: null, own_amount: null };
  const { amount, count } = counted(own.sums, { with_asked });
  return count === 0
    ? { own_ms: null, own_amount: null }
    : { own_ms: own.at_ms, own_amount: String(amount) };
}

/** Writes that are seldom: freezes, lifts and attempts; null where there are none. */
function rareOf(writes: LedgerWrites, nowMs: number): object | null {
  const { lifts = [], freezes = [], new_series = [], attempts = [] } = writes;
  if ([lifts, freezes, new_series, attempts].every(({ length }) => length === 0)) return null;
  return {
    now_ms: nowMs,
    lifts: lifts.map((lift) =>
      has(lift, "cause_id") ? lift : { ...lift.scope, kinds: lift.kinds },
    ),
    freezes: freezes.map(({ scope, ...rest }) => ({ ...scope, ...rest })),
    new_series: new_series.map(scopeKey),
    attempts: attempts.map(scopeKey),
  };
}

function attempt<T>(work: () => T): Readonly<{ result: T }> | Readonly<{ error: unknown }> {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}

/** One after the other, since one connection answers one statement at a time. */
async function all<T>(makers: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const make of makers) results.push(await make());
  return results;
}
