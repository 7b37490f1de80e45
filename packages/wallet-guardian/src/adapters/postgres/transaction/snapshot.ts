/** Builds the snapshot of a step from what its transaction has read. */
import { lastAllowBut } from "../../../ledger/last-allow-times.js";
import { has } from "../../../internal/own.js";
import type { CountedEntry, Sums } from "../../../ledger/sums.js";
import { counted, isOver } from "../../../ledger/prefix-sums.js";
import {
  type LedgerReads,
  type LedgerSnapshot,
  MAX_LISTED_FREEZES,
  type ScopeRead,
  type ScopeSnapshot,
  type StoredFreeze,
  type Usage,
  type UsageRead,
} from "../../../ports.js";
import { scopeKey } from "../../../scopes.js";
import { toFreezes, toNumber, toNumbers } from "../rows.js";
import type { PostgresScope } from "./scope.js";
import type { SessionOptions } from "./session-options.js";
import { attemptsKey, destinationOf, readInto, type Reader, type Store } from "./read-set.js";
import { isFull, type Moment, ownEntries, roomQuestion, windowSums } from "./windows.js";
import { lateQuestion } from "./reads.js";

type Parts = Readonly<{
  store: Store;
  reader: Reader;
  options: SessionOptions;
  /** Writes what has changed so far, so that functions of the schema see it. */
  flush: () => Promise<void>;
}>;

/** Makes snapshots. */
export function createSnapshots({ store, reader, options, flush }: Parts) {
  const { query, statements } = reader;

  async function take(reads: LedgerReads): Promise<LedgerSnapshot> {
    await loadMissing(reads);
    const locked = reads.scopes
      .filter(({ lock }) => lock)
      .map(({ scope }) => scopeOf(scopeKey(scope)));
    const moment = momentOf(reads);
    // What is read later for this step must not make its clock later than its time.
    const { clockMs } = store;
    const scopes: ScopeSnapshot[] = [];
    for (const read of reads.scopes) scopes.push(await scopeSnapshot(read, reads, moment));
    return {
      now_ms: moment.nowMs,
      clock_ms: options.clock === "caller" ? null : clockMs,
      stored_ms: Math.max(0, ...locked.map(latestOf)),
      accepted: store.accepted,
      withdrawals: reads.ids.map((id) => store.withdrawals.get(id) ?? null),
      scopes,
      freezes: await listFreezes(reads.freezes),
      policy: reads.policy === undefined ? null : (store.policies.get(reads.policy) ?? null),
      destinations: (reads.destinations ?? []).map((read) => destinationOf(store, read)),
      account_freezes: await accountFreezes(reads, moment),
      ...(store.evidence === undefined ? {} : { evidence_generation: store.evidence }),
    };
  }

  /** Reads scopes again after a write that changed what was read. */
  async function loadMissing({ scopes }: LedgerReads): Promise<void> {
    const keys = scopes.map(({ scope }) => scopeKey(scope)).filter((key) => !store.scopes.has(key));
    if (keys.length > 0)
      await readInto(store, reader, { question: lateQuestion([], keys, options) });
  }

  function scopeOf(key: string): PostgresScope {
    const found = store.scopes.get(key);
    if (found === undefined) throw new Error("a scope was left unanswered");
    return found;
  }

  /** Finds the time of a step, and the entries of its own payment, as far as both were read. */
  function momentOf({ now_ms, ids, scopes }: LedgerReads): Moment {
    const times = scopes.map(({ scope, lock }) =>
      lock ? (store.scopes.get(scopeKey(scope))?.state.time_ms ?? 0) : 0,
    );
    const clock = options.clock === "caller" ? now_ms : store.clockMs;
    return {
      nowMs: Math.max(clock, ...times),
      own: ids.flatMap((id) => store.withdrawals.get(id) ?? []),
    };
  }

  async function scopeSnapshot(
    read: ScopeRead,
    { ids }: LedgerReads,
    moment: Moment,
  ): Promise<ScopeSnapshot> {
    const { scope, lock, usages, attempts } = read;
    const found = scopeOf(scopeKey(scope));
    const own = { nowMs: moment.nowMs, own: ownEntries(scope, moment) };
    const answers: Usage[] = [];
    for (const usage of lock ? usages : [])
      answers.push(await usageOf(scopeKey(scope), usage, own));
    const { frozen: frozen_by, state } = found;
    return {
      scope,
      frozen_by,
      usages: answers,
      last_allow_ms: lock ? lastAllowBut(state.allows, ids[0] ?? null) : null,
      attempts: await attemptsOf(scopeOf(scopeKey(scope)), attempts, moment.nowMs),
    };
  }

  type Own = Readonly<{ nowMs: number; own: readonly CountedEntry[] }>;

  async function usageOf(key: string, read: UsageRead, moment: Own): Promise<Usage> {
    const sums = windowSums(scopeOf(key), read, moment) ?? (await loadSums(key, read, moment));
    const usage = counted(sums, read);
    if (!isOver(usage, read)) return { ...usage, free_at_ms: null };
    return {
      ...usage,
      free_at_ms: await freeAt(scopeOf(key), roomQuestion(scopeOf(key), read, moment)),
    };
  }

  async function loadSums(key: string, read: UsageRead, moment: Own): Promise<Sums> {
    await flush();
    const window = { scope: key, now_ms: moment.nowMs, window_ms: read.window_ms };
    const question = { ...lateQuestion([], [key], options), locks: [], windows: [window] };
    await readInto(store, reader, { question });
    const sums = windowSums(scopeOf(key), read, moment);
    if (sums === undefined) throw new Error("a window was left unanswered");
    return sums;
  }

  async function freeAt({ rooms }: PostgresScope, question: string): Promise<number> {
    const known = rooms.get(question);
    if (known !== undefined) return known;
    await flush();
    const [answer = []] = await query(statements.freeTimes([question]));
    const [found = NaN] = toNumbers(answer);
    return found;
  }

  /** Reads in one call when the full windows will have room. */
  async function loadRooms(all: readonly LedgerReads[]): Promise<void> {
    const asked = new Map<string, PostgresScope>();
    for (const reads of all) {
      const moment = momentOf(reads);
      for (const { scope, lock, usages } of reads.scopes) {
        const found = store.scopes.get(scopeKey(scope));
        if (found === undefined || !lock) continue;
        const own = { nowMs: moment.nowMs, own: ownEntries(scope, moment) };
        for (const usage of usages) {
          // the argument changes with each step
          if (usage.include_requested || !isFull(found, usage, own)) continue;
          asked.set(roomQuestion(found, usage, own), found);
        }
      }
    }
    if (asked.size === 0) return;
    const questions = [...asked.keys()];
    const [answer = []] = await query(statements.freeTimes(questions));
    const times = toNumbers(answer);
    questions.forEach((question, index) => {
      asked.get(question)?.rooms.set(question, times[index] ?? NaN);
    });
  }

  async function attemptsOf(
    scope: PostgresScope,
    { window_ms, limit }: ScopeRead["attempts"],
    nowMs: number,
  ): Promise<number> {
    const sinceMs = nowMs - window_ms;
    const fresh = scope.newAttempts.filter((at) => at > sinceMs).length;
    if (scope.attemptedMs === null || scope.attemptedMs <= sinceMs) return Math.min(fresh, limit);
    const stored =
      scope.attempts.get(attemptsKey(sinceMs, limit)) ??
      (await loadAttempts(scope, sinceMs, limit));
    return Math.min(stored + fresh, limit);
  }

  async function loadAttempts(
    scope: PostgresScope,
    sinceMs: number,
    most: number,
  ): Promise<number> {
    await flush();
    const asked = { scope: scope.key, since_ms: sinceMs, most };
    const [answer = []] = await query(statements.attempts(asked));
    const found = toNumber(answer) - scope.newAttempts.filter((at) => at > sinceMs).length;
    scope.attempts.set(attemptsKey(sinceMs, most), found);
    return found;
  }

  async function listFreezes(read: LedgerReads["freezes"]): Promise<StoredFreeze[]> {
    if (read === null) return [];
    const about = has(read, "cause_id") ? read : read.scope;
    await flush();
    const [answer = []] = await query(statements.freezes(about, MAX_LISTED_FREEZES));
    return toFreezes(answer);
  }

  async function accountFreezes({ account_freezes: read }: LedgerReads, { nowMs }: Moment) {
    if (read === undefined) return 0;
    const sinceMs = nowMs - read.window_ms;
    const last = store.accountFreezes.get(read.wallet_id) ?? null;
    if (last === null || last <= sinceMs) return 0;
    await flush();
    const text = statements.accountFreezes(read.wallet_id, sinceMs, read.limit);
    const [answer = []] = await query(text);
    return toNumber(answer);
  }

  return { take, loadRooms };
}

const latestOf = ({ state }: PostgresScope): number =>
  Math.max(state.time_ms, state.allows.last_allow_ms ?? 0);
